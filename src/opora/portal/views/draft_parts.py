"""What the workflow's script asks for: saving as one types, and parts of the page."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from opora.cases import steps
from opora.cases.actions import save_draft
from opora.cases.queries import draft_or_new
from opora.core.errors import Refusal
from opora.core.formats import clock
from opora.portal import page_of_draft, workflow
from opora.portal.door import PortalRequest, for_customers
from opora.portal.due import due_of_answers
from opora.portal.views.draft_page import context_of
from opora.portal.views.files import keep_file
from opora.web.sent_files import nothing_received, told


@require_POST
@for_customers
def fields(request: PortalRequest, draft_id: str) -> HttpResponse:
    """Autosave: the fields that changed, one small write."""
    found = draft_or_new(request.user, draft_id)
    if found.case_id is not None:
        return JsonResponse({"submitted": reverse("portal:submitted", args=[draft_id])}, status=409)
    before = workflow.with_defaults(found.answers, request.user)
    after = workflow.merged(before, request.POST, request.user)
    now = timezone.now()
    if after != before or not found.is_stored:
        save_draft(
            account=request.user,
            draft=found,
            answers=after,
            confirmed=steps.still_confirmed(before, after, found.confirmed),
            now=now,
        )
    return JsonResponse({"saved": _("Saved %(time)s") % {"time": clock(now)}})


@require_GET
@for_customers
def subject(request: PortalRequest, draft_id: str) -> HttpResponse:
    """Version, problem and where the product is supported, for a product being chosen."""
    found = draft_or_new(request.user, draft_id)
    answers = workflow.merged(
        workflow.with_defaults(found.answers, request.user), request.GET, request.user
    )
    page = page_of_draft.read_page(
        found, answers, request.user, open_step="problem", now=timezone.now()
    )
    return render(request, "portal/_subject.html", context_of(page, request.user))


@require_GET
@for_customers
def due(request: PortalRequest) -> HttpResponse:
    """When the first response would be due, for what is being chosen."""
    asked = request.GET.dict()
    answers = asked | {
        "round_the_clock": asked.get("round_the_clock") == "true" and asked.get("severity") == "A"
    }
    explained = due_of_answers(answers, now=timezone.now())
    return render(request, "portal/_due.html", {"due": explained})


@require_POST
@for_customers
def files(request: PortalRequest, draft_id: str) -> HttpResponse:
    """One file, sent by script with its progress shown."""
    found = draft_or_new(request.user, draft_id)
    sent = request.FILES.get("file")
    if found.case_id is not None or not isinstance(sent, UploadedFile):
        return nothing_received(request)
    if not found.is_stored:
        found = save_draft(
            account=request.user,
            draft=found,
            answers=workflow.with_defaults({}, request.user),
            confirmed=(),
            now=timezone.now(),
        )
    try:
        kept = keep_file(request.user, found, sent)
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.detail}, status=422)
    return JsonResponse(told(kept), status=201)
