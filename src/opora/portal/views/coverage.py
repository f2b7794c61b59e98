"""What a product's support needs, before a request is started: "Check coverage" (S12.2)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from opora.portal.coverage_page import coverage_page
from opora.portal.door import PortalRequest, for_customers


@require_GET
@for_customers
def coverage(request: PortalRequest) -> HttpResponse:
    """One search for a product's version; then every contract and plan with a yes or each no."""
    shown = coverage_page(request.user, request.GET, now=timezone.now())
    return render(request, "portal/coverage.html", shown)
