"""What a customer bought: the list, and its papers. The page of one purchase is in `payments`."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from opora.billing.providers.registry import is_anything_sold
from opora.billing.queries.offers import offers_for
from opora.billing.queries.papers import paper_for, purchases_of
from opora.contracts.eligibility import Question
from opora.core.days import today
from opora.portal.door import PortalRequest, for_customers
from opora.web.paper_files import paper_download


@require_GET
@for_customers
def purchases(request: PortalRequest) -> HttpResponse:
    """Purchases, newest first, by pages; there is an empty page where nothing is sold."""
    page = purchases_of(request.user, request.GET.get("after"))
    shown = {"page": page, "is_first": "after" not in request.GET, "is_sold": is_anything_sold()}
    if not page.items:  # then the page says how to begin, which not every kind of account can
        question = Question(on=today(timezone.now()))
        shown["may_buy"] = bool(offers_for(request.user, question).buyable)
    return render(request, "portal/purchases.html", shown)


@require_GET
@for_customers
def receipt(request: PortalRequest, purchase_id: str, paper_id: str) -> HttpResponse:
    """A receipt or a credit note as PDF."""
    return paper_download(paper_for(request.user, purchase_id, paper_id))
