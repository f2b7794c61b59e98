"""A support request at the desk: read it, write on it, and the deeds that need no words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from opora.accounts.models import Account
from opora.cases.actions import release_case, set_third_party, take_case, write_message
from opora.cases.models import Attachment, Case
from opora.cases.queries import case_for, history_of
from opora.desk.case_page import case_head, case_page, deed_on
from opora.desk.door import DeskRequest, for_agents
from opora.desk.forms import DeedForm, ReplyForm
from opora.desk.place import Place
from opora.web.sent_files import gather_files

Deed = Callable[[Case, Account, datetime, int], Any]


@for_agents
@require_GET
def case(request: DeskRequest, number: str) -> HttpResponse:
    """The queue, the conversation, and the customer with the contract."""
    return case_page(request, number)


def address_of(request: DeskRequest, number: str, fragment: str = "") -> str:
    """The case's page, at the place in the queue that the agent came from."""
    return reverse("desk:case", args=[number]) + Place.read(request.GET).query() + fragment


@for_agents
@require_POST
def messages(request: DeskRequest, number: str) -> HttpResponse:
    """An answer, a question or a note, with its files; refused, nothing that was typed is lost."""
    found = case_for(request.user, number)
    form = ReplyForm(request.POST)
    uploads: list[Attachment] = []
    now = timezone.now()
    refused = gather_files(request, request.user, into=uploads, now=now)
    with deed_on(form, field="body"):
        if form.is_valid() and not refused:
            kind = form.cleaned_data["kind"]
            write_message(
                case=found,
                body=form.cleaned_data["body"],
                attachments=uploads,
                by=request.user,
                now=now,
                asks=kind == "question",
                is_note=kind == "note",
                revision=form.cleaned_data["revision"],
            )
            return redirect(address_of(request, number, "#end"))
    return case_page(request, number, form, kept=uploads, refused=refused)


@for_agents
@require_GET
def history(request: DeskRequest, number: str) -> HttpResponse:
    """What was done to the request, by whom and when."""
    found = case_for(request.user, number)
    return render(
        request,
        "desk/history.html",
        case_head(request, found, timezone.now()) | {"lines": history_of(found, request.user)},
    )


@for_agents
@require_POST
def taking(request: DeskRequest, number: str) -> HttpResponse:
    """Own a request that nobody owns."""
    return _pressed(
        request,
        number,
        lambda found, by, now, revision: take_case(case=found, by=by, now=now, revision=revision),
        _("The request is yours."),
    )


@for_agents
@require_POST
def release(request: DeskRequest, number: str) -> HttpResponse:
    """Give the request back to its queue."""
    return _pressed(
        request,
        number,
        lambda found, by, now, revision: release_case(
            case=found, by=by, now=now, revision=revision
        ),
        _("The request is back in the queue."),
    )


@for_agents
@require_POST
def third_party_done(request: DeskRequest, number: str) -> HttpResponse:
    """The third party is done; it is the vendor's turn again."""
    return _pressed(
        request,
        number,
        lambda found, by, now, revision: set_third_party(
            case=found, reason="", by=by, now=now, revision=revision
        ),
        _("It is our turn again."),
    )


def _pressed(request: DeskRequest, number: str, deed: Deed, done: str) -> HttpResponse:
    """A deed behind a single button of the case's page."""
    found = case_for(request.user, number)
    form = DeedForm(request.POST)
    if form.is_valid():
        with deed_on(form):
            deed(found, request.user, timezone.now(), form.cleaned_data["revision"])
            flashes.success(request, done)
            return redirect(address_of(request, number))
    return case_page(request, number, pressed=form)
