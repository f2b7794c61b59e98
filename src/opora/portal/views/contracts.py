"""Contracts of the account: the list, one of them, adding and ending."""

from __future__ import annotations

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from opora.contracts.actions import end_registration, register_contract
from opora.contracts.errors import ContractAlreadyRegistered
from opora.contracts.queries import contracts_of, registered_contract
from opora.contracts.statements import open_contract
from opora.core.days import today
from opora.portal.contract_page import condition, contract_page
from opora.portal.door import PortalRequest, for_customers
from opora.portal.forms import ConfirmForm, ContractForm
from opora.web.network import address_of
from opora.web.refusals import refusals_on


@require_GET
@for_customers
def contracts(request: PortalRequest) -> HttpResponse:
    """Every contract of the account with its balance and condition."""
    day = today(timezone.now())
    page = contracts_of(request.user, request.GET.get("after"))
    rows = [condition(row.contract, day) for row in page.items]
    return render(
        request,
        "portal/contracts.html",
        {"rows": rows, "next": page.next, "is_first": "after" not in request.GET},
    )


@require_GET
@for_customers
def contract(request: PortalRequest, contract_id: str) -> HttpResponse:
    """Balance, days, what it covers, how it was used, and its newest entries (S13.4)."""
    opened = open_contract(request.user, contract_id)
    shown = contract_page(opened, request.user, now=timezone.now())
    return render(request, "portal/contract.html", shown)


@require_http_methods(["GET", "POST"])
@for_customers
def registration(request: PortalRequest) -> HttpResponse:
    """Add a contract by its two IDs, once (S2.3). Again, it is shown with its state (S2.5)."""
    form = ContractForm(request.POST or None)
    now = timezone.now()
    if form.is_valid():
        with refusals_on(form, field="access_id"):
            try:
                made = register_contract(
                    account=request.user,
                    access_id=form.cleaned_data["access_id"],
                    contract_id=form.cleaned_data["contract_id"],
                    network=address_of(request),
                    now=now,
                )
            except ContractAlreadyRegistered as refusal:
                found = registered_contract(request.user, refusal.contract).contract
                shown = {"form": ContractForm(), "known": condition(found, today(now))}
                return render(request, "portal/contract_registration.html", shown, status=422)
            flashes.success(request, _("The contract was added to your account."))
            return redirect("portal:contract", made.contract.public_id.hex)
    return render(
        request,
        "portal/contract_registration.html",
        {"form": form, "failed": bool(form.errors), "known": None},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@for_customers
def ending(request: PortalRequest, contract_id: str) -> HttpResponse:
    """Take a contract off the account; open requests go on (S2.5)."""
    found = registered_contract(request.user, contract_id).contract
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        end_registration(account=request.user, contract=found, by=request.user, now=timezone.now())
        flashes.success(request, _("The contract was taken off your account."))
        return redirect("portal:contracts")
    return render(
        request, "portal/contract_ending.html", {"contract": found, "contract_key": contract_id}
    )
