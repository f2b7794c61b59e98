"""The workflow: one page, six steps, one form; complete without script (S6)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from opora.cases import steps
from opora.cases.actions import discard_draft
from opora.cases.models import Draft
from opora.cases.queries import draft_for, draft_or_new
from opora.core.ids import new_public_id
from opora.portal import workflow
from opora.portal.door import PortalRequest, for_customers
from opora.portal.self_help import carried_over
from opora.portal.views.draft_page import draft_page
from opora.portal.views.pressing import Press
from opora.portal.workflow import STEP_NAMES


@require_GET
@for_customers
def new(request: PortalRequest) -> HttpResponse:
    """The workflow, empty but for the profile values. Looking stores nothing: the page carries the
    id under which the first press or the first word is saved, and under which it is submitted
    once."""
    account = request.user
    fresh = Draft(account=account, public_id=new_public_id())
    answers = workflow.with_defaults({}, account)
    if diagnosis := request.GET.get("diagnosis"):
        answers |= carried_over(answers, account, diagnosis, request.GET.get("path", ""))
    return draft_page(request, fresh, answers, step=STEP_NAMES[0])


@require_http_methods(["GET", "POST"])
@for_customers
def draft(request: PortalRequest, draft_id: str) -> HttpResponse:
    """The page of a draft, or one press on it. Pressed again after submitting, it shows what came
    of it (F-16)."""
    is_press = request.method == "POST"
    found = (draft_or_new if is_press else draft_for)(request.user, draft_id)
    if found.case_id is not None:
        return redirect("portal:submitted", draft_id)
    if is_press:
        return Press(request, found).answer()
    answers = workflow.with_defaults(found.answers, request.user)
    wanted = request.GET.get("step", "")
    furthest = steps.furthest(answers, found.confirmed).name
    return draft_page(request, found, answers, step=workflow.reachable(wanted, furthest))


@require_http_methods(["GET", "POST"])
@for_customers
def discard(request: PortalRequest, draft_id: str) -> HttpResponse:
    """Throw a draft away, after asking."""
    found = draft_for(request.user, draft_id)
    if found.case_id is not None:
        return redirect("portal:submitted", draft_id)
    if request.method == "POST":
        discard_draft(account=request.user, draft=found, now=timezone.now())
        return redirect("portal:home")
    return render(request, "portal/discard.html", {"draft": found})
