"""What the caller's contracts can be used for: the same decision that opening a case asks again."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from opora.api.contracts import shown_contract
from opora.api.once import done_once
from opora.api.requests import ApiRequest
from opora.api.schemas.contracts import (
    ContractUnavailable,
    EligibilityQuestion,
    EligibilityShown,
    PurchaseShown,
    ReasonShown,
)
from opora.catalog import queries as catalog
from opora.contracts import queries as contracts
from opora.contracts.errors import reasons_as_json
from opora.core.days import today

router = Router(tags=["Contracts"])


@router.post("/eligibility", response=EligibilityShown, summary="Check coverage")
def ask_eligibility(request: ApiRequest, wanted: EligibilityQuestion) -> HttpResponse:
    """Every registered contract, usable or with each reason why not. Changes nothing; with an
    Idempotency-Key the first answer is the answer, as for every POST."""
    return done_once(request, lambda: _coverage(request, wanted), status=200)


def _coverage(request: ApiRequest, wanted: EligibilityQuestion) -> EligibilityShown:
    day = today(request.now)
    version = catalog.version_for(wanted.product, wanted.version)
    found = contracts.coverage(
        request.auth,
        catalog.subject_of(version, day),
        is_production=not wanted.non_production,
        severity=wanted.severity,
        now=request.now,
    )
    return EligibilityShown(
        usable=[
            shown_contract(one.contract, found.registered_at[one.contract.pk], day)
            for one in found.usable
        ],
        unavailable=[
            ContractUnavailable(
                **shown_contract(
                    one.contract, found.registered_at[one.contract.pk], day
                ).model_dump(),
                reasons=[ReasonShown(**reason) for reason in reasons_as_json(one.decision.reasons)],
            )
            for one in found.unavailable
        ],
        purchase=PurchaseShown(allowed=False, reasons=[_not_offered()], offers=[]),
    )


def _not_offered() -> ReasonShown:
    """Why nothing can be bought: this vendor sells nothing here."""
    return ReasonShown(
        code="not-offered",
        message=_("Support cannot be bought here."),
        remedy=_("Add a support contract, or ask your vendor for one."),
    )
