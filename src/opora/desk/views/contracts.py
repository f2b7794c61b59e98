"""Contracts at the desk: found by their number, shared and activated for customers (S14.3)."""

from __future__ import annotations

from django.contrib import messages as flashes
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.contracts.actions import activate_contract
from opora.contracts.errors import AlreadyActivated, UnknownContract
from opora.contracts.queries import (
    contract_named,
    ending_contracts,
    managed_contract,
    terms_of,
)
from opora.contracts.terms import ends_on
from opora.core.days import today
from opora.desk.door import DeskRequest, for_agents
from opora.desk.ending_contracts import ending_row, ending_table_rows
from opora.web import contract_sharing as pages
from opora.web.tables import csv_download

DOOR = pages.Door("desk", "desk/_sharing_frame.html")


@for_agents
@require_GET
def contracts(request: DeskRequest) -> HttpResponse:
    """Find a contract by its Contract ID, or a benefit by the id of its grant; those that end soon
    with incidents left stand below."""
    now = timezone.now()
    asked = request.GET.get("q", "").strip()
    if asked:
        try:
            found = contract_named(asked)
            return redirect("desk:contract_sharing", found.public_id.hex)
        except UnknownContract:
            pass
    after = request.GET.get("after")
    page = ending_contracts(now=now, after=after)
    return render(
        request,
        "desk/contracts.html",
        {
            "q": asked,
            "failed": "q" in request.GET,
            "rows": [ending_row(contract, today(now)) for contract in page.items],
            "later": page.next,
            "is_first": not after,
        },
        status=404 if asked else 422 if "q" in request.GET else 200,
    )


@for_agents
@require_GET
def ending_table(request: DeskRequest) -> HttpResponseBase:
    """Every contract that ends soon, as CSV that is sent while it is read."""
    now = timezone.now()
    stem = pgettext("name of a file", "contracts-ending-%(day)s") % {"day": today(now)}
    return csv_download(ending_table_rows(now), name=f"{stem}.csv")


@for_agents
@require_http_methods(["GET", "POST"])
def sharing(request: DeskRequest, contract_id: str) -> HttpResponse:
    """The contract, who registered it and which links there are; POST makes a link."""
    return pages.sharing(request, managed_contract(request.user, contract_id), DOOR)


@for_agents
@require_http_methods(["GET", "POST"])
def registration_revocation(
    request: DeskRequest, contract_id: str, account_id: str
) -> HttpResponse:
    """End somebody's registration for good."""
    found = managed_contract(request.user, contract_id)
    return pages.revocation(request, found, account_id, DOOR)


@for_agents
@require_http_methods(["GET", "POST"])
def registration_lifting(request: DeskRequest, contract_id: str, account_id: str) -> HttpResponse:
    """Let a revoked account add the contract again."""
    return pages.lifting(request, managed_contract(request.user, contract_id), account_id, DOOR)


@for_agents
@require_POST
def invitation_revocation(
    request: DeskRequest, contract_id: str, invitation_id: str
) -> HttpResponse:
    """Call a link off."""
    found = managed_contract(request.user, contract_id)
    return pages.invitation_revocation(request, found, invitation_id, DOOR)


@for_agents
@require_http_methods(["GET", "POST"])
def rotation(request: DeskRequest, contract_id: str) -> HttpResponse:
    """A new Access ID."""
    return pages.rotation(request, managed_contract(request.user, contract_id), DOOR)


@for_agents
@require_http_methods(["GET", "POST"])
def activation(request: DeskRequest, contract_id: str) -> HttpResponse:
    """Start a benefit's term for its holder; both ids are shown this once."""
    found = managed_contract(request.user, contract_id)
    now = timezone.now()
    if request.method == "POST":
        try:
            issued = activate_contract(contract=found, by=request.user, now=now)
            return pages.issued_page(request, issued, DOOR, kind="activated")
        except AlreadyActivated as refusal:
            flashes.warning(request, refusal.detail)
    if request.method == "POST" or found.activated_on is not None:
        return redirect("desk:contract_sharing", contract_id)
    return render(
        request,
        "desk/activation.html",
        {
            "contract": found,
            "contract_key": contract_id,
            "holder": pages.holder_name(found),
            "door": DOOR,
            "ends_on": ends_on(today(now), terms_of(found)),
        },
    )
