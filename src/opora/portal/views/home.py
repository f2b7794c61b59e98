"""Manage support requests: the page after signing in."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from opora.cases.intake import SEVERITIES
from opora.cases.queries import (
    SORTS,
    VIEWS,
    Findings,
    OwnView,
    Sort,
    drafts_of,
    figures_of,
    requests_of,
)
from opora.portal.door import PortalRequest, for_customers

PLAIN = {"state": "open", "severity": "", "product": "", "q": "", "sort": "activity"}


@require_GET
@for_customers
def home(request: PortalRequest) -> HttpResponse:
    """Figures, drafts and the list of requests the account reads; filters are addresses."""
    chosen = _chosen(request)
    query, after = chosen["q"], request.GET.get("after")
    now = timezone.now()
    page = requests_of(
        request.user,
        view=cast(OwnView, chosen["state"]),
        severity=chosen["severity"],
        product=chosen["product"],
        q=query,
        sort=cast(Sort, chosen["sort"]),
        after=after,
    )

    def address(**changed: str) -> str:
        """Where the list is shown with these choices changed; what is as usual is left out."""
        wanted = chosen | changed
        usual = PLAIN | {"state": "all" if wanted["q"] else "open"}
        told = {name: value for name, value in wanted.items() if value != usual.get(name, "")}
        return "?" + urlencode(told) if told else "/"

    unnarrowed = address(product="")
    return render(
        request,
        "portal/home.html",
        {
            "figures": figures_of(request.user, now=now),
            # Who looks for something looks for no draft; so the excerpts cost no statement more.
            "drafts": drafts_of(request.user) if not (after or query) else [],
            "rows": page.items,
            "findings": Findings(query, page.items) if query else None,
            "older_address": address(after=page.next) if page.next else "",
            "newest": address() if after else "",
            "chosen": chosen,
            "address": address,
            # A slug needs no quoting (S10.1): a row's address is this and its product's.
            "of_product": ("?" if unnarrowed == "/" else f"{unnarrowed}&") + "product=",
            "now": now,
        },
    )


def _chosen(request: PortalRequest) -> dict[str, str]:
    """What was asked for, as far as it exists (AC-09)."""
    asked = request.GET
    query = asked.get("q", "").strip()
    state, severity, sort = (asked.get(name, "") for name in ("state", "severity", "sort"))
    return {
        "state": state if state in VIEWS else ("all" if query else "open"),
        "severity": severity if severity in SEVERITIES else "",
        "product": asked.get("product", ""),
        "q": query,
        "sort": sort if sort in SORTS else "activity",
    }
