"""Benefits that wait to be activated: listed, and started by one press (S2.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from opora.accounts.models import Account
from opora.contracts.actions import activate_contract
from opora.contracts.errors import AlreadyActivated, MayNotActivate
from opora.contracts.models import Contract
from opora.contracts.queries import manages, terms_of
from opora.contracts.sharing import Benefit, benefit_for, benefits_of, is_live, managers_of
from opora.contracts.terms import ends_on
from opora.core.days import today
from opora.core.paging import LIMIT
from opora.portal.door import PortalRequest, for_customers
from opora.portal.views.contract_sharing import DOOR
from opora.web.contract_sharing import holder_name, issued_page

FIRST = 3  # shown above the contracts; the rest on a page of their own


def waiting_benefits(
    account: Account, after: str | None = None, *, now: datetime, limit: int = LIMIT
) -> dict[str, Any]:
    """What a page shows of benefits: "benefits", and "more_benefits", the cursor of the next."""
    page = benefits_of(account, after, limit)
    return {
        "benefits": [_shown(benefit, now=now) for benefit in page.items],
        "more_benefits": page.next,
    }


@require_GET
@for_customers
def benefits(request: PortalRequest) -> HttpResponse:
    """Every benefit the account can see, newest first."""
    after = request.GET.get("after")
    return render(
        request,
        "portal/benefits.html",
        waiting_benefits(request.user, after, now=timezone.now()) | {"is_first": not after},
    )


@require_http_methods(["GET", "POST"])
@for_customers
def activation(request: PortalRequest, benefit_id: str) -> HttpResponse:
    """What starts and until when; POST starts it and shows both ids, this once."""
    benefit = benefit_for(request.user, benefit_id)
    now = timezone.now()
    status = 200
    if request.method == "POST":
        try:
            issued = activate_contract(contract=benefit.contract, by=request.user, now=now)
            return issued_page(request, issued, DOOR, kind="activated")
        except AlreadyActivated as refusal:
            flashes.warning(request, refusal.detail)
            return _to_contract(request, benefit.contract)
        except MayNotActivate:
            status = 403
    if benefit.contract.activated_on is not None:
        return _to_contract(request, benefit.contract)
    return render(
        request,
        "portal/activation.html",
        {"benefit": _shown(benefit, now=now), "managers": managers_of(benefit.contract)},
        status=status,
    )


def _to_contract(request: PortalRequest, contract: Contract) -> HttpResponse:
    """Where a benefit stands once somebody activated it."""
    key = contract.public_id.hex
    if is_live(request.user, contract):
        return redirect("portal:contract", key)
    if manages(request.user, contract):
        return redirect("portal:contract_sharing", key)
    return redirect("portal:contracts")


def _shown(benefit: Benefit, *, now: datetime) -> dict[str, Any]:
    contract = benefit.contract
    return {
        "key": contract.public_id.hex,
        "contract": contract,
        "holder": holder_name(contract),
        "may_activate": benefit.may_activate,
        "is_suspended": contract.suspended_at is not None,
        "ends_on": ends_on(today(now), terms_of(contract)),
    }
