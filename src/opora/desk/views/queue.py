"""The queue: which requests wait for whom, as addresses that can be kept."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from opora.cases.queries import case_for, cases_of, is_number, queue_of
from opora.core.errors import NotFound
from opora.desk.case_page import view_names
from opora.desk.door import DeskRequest, for_agents
from opora.desk.place import Place

SEPARATORS = str.maketrans("", "", " -\u00a0")


@for_agents
@require_GET
def queue(request: DeskRequest) -> HttpResponse:
    """A view of the queue, or what a search finds in every request the agent sees."""
    asked = request.GET
    place = Place.read(asked)
    query = asked.get("q", "").strip()
    number = query.translate(SEPARATORS)
    if is_number(number):
        try:
            case_for(request.user, number)
        except NotFound:
            pass  # the search says that it found nothing
        else:
            return redirect(reverse("desk:case", args=[number]) + place.query())
    after = asked.get("after")
    page = (
        cases_of(request.user, q=query, after=after)
        if query
        else queue_of(request.user, view=place.view, by=place.by, after=after)
    )
    return render(
        request,
        "desk/queue.html",
        {
            "rows": page.items,
            "place": place,
            "view_names": view_names(),
            "q": query,
            "older": place.query(q=query, after=page.next) if page.next else "",
            "newest": place.query(q=query) if after else "",
            "now": timezone.now(),
        },
    )
