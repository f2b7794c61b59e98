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
    Offer,
    Price,
    PurchaseShown,
    ReasonShown,
)
from opora.billing.queries import offers_for
from opora.catalog import queries as catalog
from opora.catalog.subject import Subject
from opora.contracts import queries as contracts
from opora.contracts.eligibility import Question
from opora.contracts.errors import reasons_as_json
from opora.core.days import today
from opora.core.wording import in_language

router = Router(tags=["Contracts"])


@router.post("/eligibility", response=EligibilityShown, summary="Check coverage")
def ask_eligibility(request: ApiRequest, wanted: EligibilityQuestion) -> HttpResponse:
    """Every registered contract, usable or with each reason why not. Changes nothing; with an
    Idempotency-Key the first answer is the answer, as for every POST."""
    return done_once(request, lambda: _coverage(request, wanted), status=200)


def _coverage(request: ApiRequest, wanted: EligibilityQuestion) -> EligibilityShown:
    day = today(request.now)
    version = catalog.version_for(wanted.product, wanted.version)
    subject = catalog.subject_of(version, day)
    found = contracts.coverage(
        request.auth,
        subject,
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
        purchase=_purchase(request, wanted, subject),
    )


def _purchase(request: ApiRequest, wanted: EligibilityQuestion, subject: Subject) -> PurchaseShown:
    """What this account could buy instead, and why not, in the words of S12."""
    question = Question(
        on=today(request.now),
        subject=subject,
        is_production=not wanted.non_production,
        severity=wanted.severity,
    )
    offers = offers_for(request.auth, question)
    reasons = [ReasonShown(**reason) for reason in reasons_as_json(offers.reasons)]
    return PurchaseShown(
        allowed=bool(offers.buyable),
        reasons=reasons if offers.buyable or reasons else [_not_offered()],
        offers=[
            Offer(
                plan=offer.plan.code,
                name=in_language(offer.plan.names),
                incidents=offer.incidents,
                price=Price(amount=offer.price.amount, currency=offer.price.currency),
            )
            for offer in offers.buyable
        ],
    )


def _not_offered() -> ReasonShown:
    """Why nothing can be bought: this vendor sells nothing here."""
    return ReasonShown(
        code="not-offered",
        message=_("Support cannot be bought here."),
        remedy=_("Add a support contract, or ask your vendor for one."),
    )
