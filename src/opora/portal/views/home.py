"""Manage support requests: the page after signing in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from opora.cases.intake import SEVERITIES
from opora.cases.queries import cases_of, drafts_of, figures_of
from opora.portal.door import PortalRequest, for_customers

STATES = ("open", "closed", "all")


@require_GET
@for_customers
def home(request: PortalRequest) -> HttpResponse:
    """Figures, drafts and the list of requests the account reads; filters are addresses."""
    asked = request.GET
    query = asked.get("q", "").strip()
    state = asked.get("state", "")
    state = state if state in STATES else ("all" if query else "open")
    severity = asked.get("severity", "")
    severity = severity if severity in SEVERITIES else ""
    product = asked.get("product", "")
    now = timezone.now()
    page = cases_of(
        request.user,
        state=None if state == "all" else state,
        q=query,
        severity=severity,
        product=product,
        after=asked.get("after"),
    )
    chosen = {"state": state, "severity": severity, "product": product, "q": query}

    def address(**changed: str) -> str:
        parameters = {name: value for name, value in (chosen | changed).items() if value}
        if parameters.get("state") == "open" and not parameters.get("q"):
            del parameters["state"]
        return "?" + urlencode(parameters) if parameters else "/"

    is_first = not asked.get("after")
    return render(
        request,
        "portal/home.html",
        {
            "figures": figures_of(request.user, now=now),
            "drafts": drafts_of(request.user) if is_first else [],
            "rows": page.items,
            "older_address": address(after=page.next) if page.next else "",
            "newest": "" if is_first else address(),
            "chosen": chosen,
            "address": address,
            "is_filtered": bool(query or severity or product or state == "closed"),
            "now": now,
        },
    )
