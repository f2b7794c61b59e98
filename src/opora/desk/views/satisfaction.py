"""How satisfied contacts were, by month and queue; each agent sees the queues they are in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from opora.cases.models import Queue
from opora.cases.queries import Months, answers_of, comments_of, satisfaction_of
from opora.core.errors import NotFound
from opora.desk.door import DeskRequest, for_agents
from opora.desk.satisfaction_files import answer_rows, figure_rows
from opora.web.tables import csv_download


@for_agents
@require_GET
def satisfaction(request: DeskRequest) -> HttpResponse:
    """The last twelve months: all of them together, each by itself, and what was written."""
    now = timezone.now()
    months = satisfaction_of(request.user, now=now)
    queues = _chosen(request, months)
    comments = comments_of(request.user, queues, now=now, after=request.GET.get("after"))
    chosen = {"queue": request.GET["queue"]} if request.GET.get("queue") else {}
    return render(
        request,
        "desk/satisfaction.html",
        {
            "queues": months.queues,
            "chosen": chosen.get("queue", ""),
            "query": f"?{urlencode(chosen)}" if chosen else "",
            "total": months.total(queues),
            "months": [
                (first_on, months.of(position, queues))
                for position, first_on in reversed(list(enumerate(months.firsts)))
            ],
            "comments": comments.items,
            "older": f"?{urlencode(chosen | {'after': comments.next})}" if comments.next else "",
            "is_first": not request.GET.get("after"),
        },
    )


@for_agents
@require_GET
def table(request: DeskRequest) -> HttpResponseBase:
    """The figures by month and queue as CSV."""
    months = satisfaction_of(request.user, now=timezone.now())
    name = pgettext("name of a file", "satisfaction")
    return csv_download(figure_rows(months, _chosen(request, months)), name=f"{name}.csv")


@for_agents
@require_GET
def answers(request: DeskRequest) -> HttpResponseBase:
    """Every answer as CSV, sent while it is read."""
    now = timezone.now()
    queues = _chosen(request, satisfaction_of(request.user, now=now))
    name = pgettext("name of a file", "satisfaction-answers")
    return csv_download(answer_rows(answers_of(request.user, queues, now=now)), name=f"{name}.csv")


def _chosen(request: DeskRequest, months: Months) -> list[Queue]:
    """The queue that the address names, else all that the agent sees. NotFound for any other."""
    slug = request.GET.get("queue", "")
    if not slug:
        return months.queues
    queues = [queue for queue in months.queues if queue.slug == slug]
    if not queues:
        raise NotFound
    return queues
