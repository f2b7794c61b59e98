"""A support request: what it says, what can be done to it. Closing and reopening are nouns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages as flashes
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.cases import states
from opora.cases.actions import change_severity, close_case, reopen_case, write_message
from opora.cases.models import Attachment, Case
from opora.cases.queries import (
    attachments_of,
    can,
    case_for,
    case_page_for,
    contacts_of,
    cursor_after,
    draft_for,
    group_on,
    history_of,
    messages_of,
    receipt_of,
)
from opora.core.days import today
from opora.portal.door import PortalRequest, for_customers
from opora.portal.due import due_after, due_of_case
from opora.portal.forms import ClosingForm, ConfirmForm, ReplyForm
from opora.web.case_forms import SeverityForm
from opora.web.conversation import MESSAGES_A_PAGE, conversation_on
from opora.web.posting import posted
from opora.web.refusals import refusals_on
from opora.web.sent_files import gather_files


@require_GET
@for_customers
def case(request: PortalRequest, number: str) -> HttpResponse:
    """The conversation, with the facts beside it."""
    found = case_page_for(request.user, number)
    return _case_page(request, found, ReplyForm())


@require_POST
@for_customers
def messages(request: PortalRequest, number: str) -> HttpResponse:
    """A message with its files; refused, nothing that was typed is lost."""
    found = case_page_for(request.user, number)
    form = ReplyForm(request.POST)
    uploads: list[Attachment] = []
    now = timezone.now()
    refused = gather_files(request, request.user, into=uploads, now=now)
    with refusals_on(form, field="body"):
        if form.is_valid() and not refused:
            write_message(
                case=found,
                body=form.cleaned_data["body"],
                attachments=uploads,
                by=request.user,
                now=now,
            )
            return redirect(reverse("portal:case", args=[number]) + "#end")
    return _case_page(request, found, form, kept=uploads, refused=refused)


def _case_page(
    request: PortalRequest,
    found: Case,
    form: Form,
    *,
    kept: Sequence[Attachment] = (),
    refused: Sequence[str] = (),
) -> HttpResponse:
    now, after = timezone.now(), request.GET.get("after")
    messages = messages_of(found, request.user, after, limit=MESSAGES_A_PAGE)
    files = attachments_of(found, request.user)
    return render(
        request,
        "portal/case.html",
        conversation_on(found, messages, files, is_first=not after)
        | {
            "case": found,
            "turn": found.turn,
            "after": cursor_after(messages.items, after),
            "is_unread": states.is_unread(
                last_activity_at=found.last_activity_at,
                seen_at=found.viewer_seen_at,  # type: ignore[attr-defined] # the door's
            ),
            "contacts": contacts_of(found, request.user),
            "can": can(found, request.user, now),
            "form": form,
            "failed": bool(form.errors or refused),
            "kept": kept,
            "refused_files": refused,
            "erased_on": today(found.closed_at + states.FILES_KEPT) if found.closed_at else None,
            "limit": settings.ATTACHMENT_LIMIT,
            "due": due_of_case(found),
            "is_overdue": found.is_overdue(now),
        },
        status=422 if form.errors or refused else 200,
    )


@require_GET
@for_customers
def history(request: PortalRequest, number: str) -> HttpResponse:
    """What was done to the request, by whom and when."""
    found = case_for(request.user, number)
    return render(
        request,
        "portal/case_history.html",
        _tab(request, found) | {"lines": history_of(found, request.user)},
    )


def _tab(request: PortalRequest, found: Case) -> dict[str, Any]:
    return {"case": found, "turn": found.turn}


@require_http_methods(["GET", "POST"])
@for_customers
def closing(request: PortalRequest, number: str) -> HttpResponse:
    """Close the request as solved or withdrawn (S15.3)."""
    found = case_for(request.user, number)
    form = ClosingForm(posted(request))
    if form.is_valid():
        with refusals_on(form):
            close_case(
                case=found,
                outcome=form.cleaned_data["outcome"],
                by=request.user,
                now=timezone.now(),
            )
            flashes.success(request, _("The support request is closed."))
            return redirect("portal:case", number)
    return _case_form(request, "portal/case_closing.html", found, form)


@require_http_methods(["GET", "POST"])
@for_customers
def reopening(request: PortalRequest, number: str) -> HttpResponse:
    """Open a closed request again (S15.4)."""
    found = case_for(request.user, number)
    form = ConfirmForm(posted(request))
    if form.is_valid():
        with refusals_on(form):
            reopen_case(case=found, by=request.user, now=timezone.now())
            flashes.success(request, _("The support request is open again."))
            return redirect("portal:case", number)
    until = states.last_day_to_reopen(today(found.closed_at)) if found.closed_at else None
    return _case_form(request, "portal/case_reopening.html", found, form, until=until)


@require_http_methods(["GET", "POST"])
@for_customers
def severity(request: PortalRequest, number: str) -> HttpResponse:
    """Change the severity while no agent is assigned (S16.3)."""
    found = case_for(request.user, number)
    form = SeverityForm(posted(request), initial={"severity": found.severity})
    if form.is_valid():
        with refusals_on(form):
            change_severity(
                case=found,
                severity=form.cleaned_data["severity"],
                by=request.user,
                now=timezone.now(),
            )
            flashes.success(request, _("The severity was changed."))
            return redirect("portal:case", number)
    dues = due_after(found, now=timezone.now())
    return _case_form(request, "portal/case_severity.html", found, form, dues=dues)


def _case_form(
    request: PortalRequest, template: str, found: Case, form: Form, **more: Any
) -> HttpResponse:
    return render(
        request,
        template,
        {"case": found, "form": form, "failed": bool(form.errors), **more},
        status=422 if form.errors else 200,
    )


@require_GET
@for_customers
def submitted(request: PortalRequest, draft_id: str) -> HttpResponse:
    """The number, when somebody answers, who was told, who can see it, what comes next (S6.9)."""
    draft = draft_for(request.user, draft_id)
    if draft.case is None:
        return redirect("portal:draft", draft_id)
    receipt = receipt_of(draft)
    return render(
        request,
        "portal/submitted.html",
        {
            "receipt": receipt,
            "case": draft.case,
            "contacts": contacts_of(draft.case),
            "group": group_on(draft.case, request.user),
            "due": due_of_case(draft.case),
        },
    )
