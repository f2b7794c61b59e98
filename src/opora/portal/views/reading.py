"""Reading a request while others write: what is new, how far one has read, and on paper."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from opora.cases.actions import mark_read
from opora.cases.queries import (
    attachments_of,
    case_page_for,
    contacts_of,
    cursor_after,
    group_on,
    history_of,
    last_activity_of,
    messages_of,
    news_of,
)
from opora.core.errors import InvalidInput
from opora.portal.door import PortalRequest, for_customers
from opora.web.conversation import conversation_on

MOST_NEW = 50


@require_GET
@for_customers
def news(request: PortalRequest, number: str) -> HttpResponse:
    """Asked by the open page: nothing (204), or the messages that came and a bar that says so."""
    moved_at = last_activity_of(request.user, number)
    since, after = _instant(request.GET.get("since", "")), request.GET.get("after", "")
    if moved_at <= since:
        return HttpResponse(status=204)
    found = case_page_for(request.user, number)
    fresh = news_of(found, request.user, since=since, after=after, limit=MOST_NEW)
    files = attachments_of(found, request.user) if fresh.messages.items else []
    return render(
        request,
        "portal/_news.html",
        {
            "case": found,
            "messages": fresh.messages.items,
            "sentences": fresh.sentences,
            "has_more": fresh.messages.next is not None,
            "files": {file.public_id.hex: file for file in files},
            "after": cursor_after(fresh.messages.items, after),
            "is_unread": True,
        },
    )


@require_POST
@for_customers
def reading(request: PortalRequest, number: str) -> HttpResponse:
    """What the page showed has been seen. Script says so by itself, a button without it."""
    last_activity_of(request.user, number)  # who may not read it is told nothing of the form
    mark_read(account=request.user, number=number, until=_instant(request.POST.get("until", "")))
    if request.headers.get("Sec-Fetch-Mode") == "navigate":
        return redirect("portal:case", number)
    return HttpResponse(status=204)


@require_GET
@for_customers
def printable(request: PortalRequest, number: str) -> HttpResponse:
    """Everything on one page: facts, people, the whole conversation, what was done (AC-12)."""
    found = case_page_for(request.user, number)
    messages = messages_of(found, request.user, limit=None)
    return render(
        request,
        "portal/case_printable.html",
        conversation_on(found, messages, attachments_of(found, request.user))
        | {
            "case": found,
            "turn": found.turn,
            "contacts": contacts_of(found, request.user),
            "group": group_on(found, request.user),
            "lines": history_of(found, request.user),
        },
    )


def _instant(text: str) -> datetime:
    """An instant as a page of ours wrote it; InvalidInput for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput.on("since", "An instant with its offset is needed.")
    return found
