"""Sharing a contract, for its managers: who registered it, links, the Access ID (S14.3)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.contracts.queries import managed_contract
from opora.contracts.sharing import managed_contracts
from opora.portal.door import PortalRequest, for_customers
from opora.web import contract_sharing as pages

DOOR = pages.Door("portal", "portal/_sharing_frame.html")


@require_http_methods(["GET", "POST"])
@for_customers
def sharing(request: PortalRequest, contract_id: str) -> HttpResponse:
    """Who registered it and which links there are; POST makes a link."""
    return pages.sharing(request, managed_contract(request.user, contract_id), DOOR)


@require_http_methods(["GET", "POST"])
@for_customers
def registration_revocation(
    request: PortalRequest, contract_id: str, account_id: str
) -> HttpResponse:
    """End somebody's registration for good."""
    found = managed_contract(request.user, contract_id)
    return pages.revocation(request, found, account_id, DOOR)


@require_http_methods(["GET", "POST"])
@for_customers
def registration_lifting(request: PortalRequest, contract_id: str, account_id: str) -> HttpResponse:
    """Let a revoked account add the contract again."""
    return pages.lifting(request, managed_contract(request.user, contract_id), account_id, DOOR)


@require_POST
@for_customers
def invitation_revocation(
    request: PortalRequest, contract_id: str, invitation_id: str
) -> HttpResponse:
    """Call a link off."""
    found = managed_contract(request.user, contract_id)
    return pages.invitation_revocation(request, found, invitation_id, DOOR)


@require_http_methods(["GET", "POST"])
@for_customers
def rotation(request: PortalRequest, contract_id: str) -> HttpResponse:
    """A new Access ID."""
    return pages.rotation(request, managed_contract(request.user, contract_id), DOOR)


@require_GET
@for_customers
def managed(request: PortalRequest) -> HttpResponse:
    """Contracts that the account manages and has not added to itself."""
    page = managed_contracts(request.user, request.GET.get("after"))
    return render(
        request,
        "portal/managed_contracts.html",
        {"contracts": page.items, "next": page.next, "is_first": "after" not in request.GET},
    )
