"""Where to turn: the directory of portals (S3), and help outside product support (S9.1)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from opora.catalog import queries as catalog
from opora.web.views import is_customer

MOST_FOUND = 50
LONGEST_QUERY = 200


@require_GET
def directory(request: HttpRequest) -> HttpResponse:
    """Where each product is supported: here, or at the portal that the catalogue names (S3.1)."""
    q = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    found = catalog.products(q=q) if q else []
    return render(
        request,
        "portal/directory.html",
        {
            "q": q,
            "found": found[:MOST_FOUND],
            "is_cut": len(found) > MOST_FOUND,
            "portals": catalog.directory(),
            "families": catalog.families_here(),
            "is_customer": is_customer(request.user),
        },
    )


@login_not_required
@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    """Channels of the vendor, and what helps whoever cannot sign in; for everybody (P10)."""
    channels = catalog.channels()
    return render(
        request,
        "portal/contacts.html",
        {
            "channels": [one for one in channels if not one.helps_signing_in],
            "for_signing_in": [one for one in channels if one.helps_signing_in],
            "is_customer": is_customer(request.user),
        },
    )
