"""Contracts of the account, their statements, adding and ending; what a product's support needs."""

from __future__ import annotations

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from opora.catalog.queries import subject_of
from opora.contracts.actions import end_registration, register_contract
from opora.contracts.eligibility import Question
from opora.contracts.errors import ContractAlreadyRegistered
from opora.contracts.queries import (
    contracts_of,
    decision_for,
    registered_contract,
    statement,
    status_of,
    terms_of,
)
from opora.contracts.queries import coverage as judged_contracts
from opora.contracts.sharing import managed_contracts, sharing_of
from opora.core.days import today
from opora.portal.coverage import plain_coverage
from opora.portal.door import PortalRequest, for_customers
from opora.portal.forms import ConfirmForm, ContractForm
from opora.portal.page_of_draft import all_products, subject_chosen
from opora.portal.views.activation import FIRST, waiting_benefits
from opora.web.network import address_of
from opora.web.refusals import refusals_on


@require_GET
@for_customers
def contracts(request: PortalRequest) -> HttpResponse:
    """Every contract of the account with its balance and condition."""
    now = timezone.now()
    day = today(now)
    page = contracts_of(request.user, request.GET.get("after"))
    rows = [
        {
            "contract": row.contract,
            "status": status_of(row.contract, day),
            "decision": decision_for(row.contract, Question(on=day)),
            "days_left": (row.contract.ends_on - day).days if row.contract.ends_on else None,
        }
        for row in page.items
    ]
    return render(
        request,
        "portal/contracts.html",
        {"rows": rows, "next": page.next, "is_first": "after" not in request.GET}
        | waiting_benefits(request.user, now=now, limit=FIRST)
        | {"manages_more": bool(managed_contracts(request.user, limit=1).items)},
    )


@require_GET
@for_customers
def contract(request: PortalRequest, contract_id: str) -> HttpResponse:
    """Balance, days, what it covers, and its statement (S13.4)."""
    registration_row = registered_contract(request.user, contract_id)
    found = registration_row.contract
    day = today(timezone.now())
    return render(
        request,
        "portal/contract.html",
        {
            "registration": registration_row,
            "contract": found,
            "contract_key": found.public_id.hex,
            "status": status_of(found, day),
            "decision": decision_for(found, Question(on=day)),
            "days_left": (found.ends_on - day).days if found.ends_on else None,
            "covers": plain_coverage(terms_of(found)),
            "lines": statement(found, request.user, request.GET.get("after")),
            "is_first": "after" not in request.GET,
            "sharing": sharing_of(found, request.user),
        },
    )


@require_http_methods(["GET", "POST"])
@for_customers
def registration(request: PortalRequest) -> HttpResponse:
    """Add a contract by its two IDs, once (S2.3)."""
    form = ContractForm(request.POST or None)
    known = None
    if form.is_valid():
        with refusals_on(form, field="access_id"):
            try:
                made = register_contract(
                    account=request.user,
                    access_id=form.cleaned_data["access_id"],
                    contract_id=form.cleaned_data["contract_id"],
                    network=address_of(request),
                    now=timezone.now(),
                )
            except ContractAlreadyRegistered as refusal:
                known = refusal
                raise
            flashes.success(request, _("The contract was added to your account."))
            return redirect("portal:contract", made.contract.public_id.hex)
    return render(
        request,
        "portal/contract_registration.html",
        {"form": form, "failed": bool(form.errors), "known": known},
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


@require_GET
@for_customers
def coverage(request: PortalRequest) -> HttpResponse:
    """What could be used for a product before a request is started (S12.2)."""
    asked = request.GET
    subject = subject_chosen(asked.get("product", ""), asked.get("version", ""), with_choices=True)
    is_production = asked.get("non_production") != "true"
    now = timezone.now()
    judged = None
    facts = None
    if subject.version:
        facts = subject_of(subject.version, today(now))
        judged = judged_contracts(request.user, facts, is_production=is_production, now=now)
    return render(
        request,
        "portal/coverage.html",
        {
            "subject": subject,
            "facts": facts,
            "judged": judged,
            "product_groups": all_products(),
            "is_production": is_production,
        },
    )
