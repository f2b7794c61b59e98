"""What an agent sees of a case: the queue beside it, the conversation, the customer with contract.

A deed is refused on the page it was tried on; nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.errors import CaseHasChanged
from opora.cases.models import Attachment, Case
from opora.cases.queries import (
    CaseAtDesk,
    HistoryLine,
    can,
    case_at_desk,
    case_for,
    changes_since,
    messages_of,
    queue_of,
)
from opora.contracts.queries import status_of
from opora.core.days import today
from opora.desk.door import DeskRequest
from opora.desk.forms import DeedForm, ReplyForm
from opora.desk.place import Place
from opora.web.conversation import MESSAGES_A_PAGE, conversation_on
from opora.web.refusals import refusals_on


@contextmanager
def deed_on(form: DeedForm, *, field: str | None = None) -> Iterator[None]:
    """Do a deed: what is refused is shown on `form`, and the code after the block goes on."""
    with refusals_on(form, field=field):
        try:
            yield
        except CaseHasChanged:
            form.is_overtaken = True


def as_it_is_now(
    request: DeskRequest, seen: Case, form: DeedForm
) -> tuple[Case, list[HistoryLine]]:
    """The case to show a refused form with, and what changed since the agent looked (F-32)."""
    case = case_for(request.user, seen.number) if form.is_overtaken else seen
    return case, changes_for(request, case, form)


def changes_for(request: DeskRequest, case: Case, form: DeedForm) -> list[HistoryLine]:
    """What others did since the agent who is refused for it looked."""
    if not form.is_overtaken:
        return []
    return changes_since(case, form.cleaned_data["revision"], request.user)


def status_for(form: Form) -> int:
    if getattr(form, "is_overtaken", False):
        return 409
    return 422 if form.errors else 200


def case_page(
    request: DeskRequest,
    number: str,
    reply: ReplyForm | None = None,
    *,
    kept: Sequence[Attachment] = (),
    refused: Sequence[str] = (),
    pressed: DeedForm | None = None,
) -> HttpResponse:
    """The whole page, in five statements. `reply`: a reply that was refused, with the files `kept`
    and the sentences about those `refused`; `pressed`: another deed that was."""
    at_desk = case_at_desk(request.user, number)
    case, tried = at_desk.case, reply or pressed
    changes = changes_for(request, case, tried) if tried else []
    status = status_for(tried) if tried else 200
    if refused and status == 200:
        status = 422
    return render(
        request,
        "desk/case.html",
        _facts(request, at_desk, timezone.now())
        | {
            "form": reply or ReplyForm(initial={"kind": "answer" if case.is_open else "note"}),
            "pressed": pressed,
            "changes": changes,
            "is_overtaken": bool(tried and tried.is_overtaken),
            "failed": status != 200,
            "kept": kept,
            "refused_files": refused,
            "limit": settings.ATTACHMENT_LIMIT,
        },
        status=status,
    )


def _facts(request: DeskRequest, at_desk: CaseAtDesk, now: datetime) -> dict[str, Any]:
    viewer: Account = request.user
    case, place, after = at_desk.case, Place.read(request.GET), request.GET.get("after")
    messages = messages_of(case, viewer, after, limit=MESSAGES_A_PAGE)
    queue = queue_of(viewer, view=place.view, by=place.by, queues=at_desk.queues)
    return (
        case_head(request, case, now)
        | conversation_on(case, messages, at_desk.files, is_first=not after)
        | {
            "at_desk": at_desk,
            "rows": queue.items,
            "has_more": queue.next is not None,
            "contract_status": status_of(case.contract, today(now)),
        }
    )


def case_head(request: DeskRequest, case: Case, now: datetime) -> dict[str, Any]:
    """What stands on top of each page of a case. No statement."""
    return {
        "case": case,
        "turn": case.turn,
        "can": can(case, request.user, now),
        "is_own": case.owner_id == request.user.pk,
        "is_overdue": case.is_overdue(now),
        "place": Place.read(request.GET),
        "view_names": view_names(),
        "now": now,
    }


def view_names() -> dict[str, str]:
    """What the views of the queue are called, in the order in which they stand."""
    return {
        "mine": _("Mine"),
        "unassigned": _("Unassigned"),
        "ours": _("Waiting for us"),
        "waiting": _("Waiting for the customer"),
        "open": _("All open"),
        "closed": _("Closed"),
    }
