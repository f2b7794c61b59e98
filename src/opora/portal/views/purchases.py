"""What a customer bought: the list, and its papers. The page of one purchase is in `payments`."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from opora.billing.providers.registry import is_anything_sold
from opora.billing.queries.papers import paper_for, purchases_of
from opora.portal.door import PortalRequest, for_customers
from opora.portal.paper_files import file_name, paper_pdf


@require_GET
@for_customers
def purchases(request: PortalRequest) -> HttpResponse:
    """Purchases, newest first, by pages; there is an empty page where nothing is sold."""
    page = purchases_of(request.user, request.GET.get("after"))
    shown = {"page": page, "is_first": "after" not in request.GET, "is_sold": is_anything_sold()}
    return render(request, "portal/purchases.html", shown)


@require_GET
@for_customers
def receipt(request: PortalRequest, purchase_id: str, paper_id: str) -> HttpResponse:
    """A receipt or a credit note as PDF."""
    paper = paper_for(request.user, purchase_id, paper_id)
    answer = HttpResponse(paper_pdf(paper), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=file_name(paper)
    )
    return answer
