"""Deeds that need words or a choice; each is a page of its own, and works without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages as flashes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opora.cases import states
from opora.cases.actions import (
    assign_case,
    change_severity,
    close_case,
    propose_outcome,
    remove_contact,
    reopen_case,
    replace_primary,
    set_third_party,
)
from opora.cases.models import Case
from opora.cases.queries import agents_for, case_for, contact_for
from opora.core.days import today
from opora.desk.case_page import as_it_is_now, case_head, deed_on, status_for
from opora.desk.door import DeskRequest, for_agents
from opora.desk.forms import (
    AssignmentForm,
    ClosingForm,
    DeedForm,
    PrimaryForm,
    ProposalForm,
    SeverityForm,
    ThirdPartyForm,
)
from opora.desk.outcomes import comes_back, options_of
from opora.desk.views.cases import address_of
from opora.web.posting import posted

get_or_post = require_http_methods(["GET", "POST"])


@for_agents
@get_or_post
def assignment(request: DeskRequest, number: str) -> HttpResponse:
    """Give the request to another agent who sees its queue."""
    found = case_for(request.user, number)
    others = [agent for agent in agents_for(found) if agent.pk != found.owner_id]
    form = AssignmentForm(posted(request), agents=others)

    def assign(now: datetime, revision: int) -> str:
        to = form.agents[form.cleaned_data["to"]]
        assign_case(case=found, to=to, by=request.user, now=now, revision=revision)
        return _("The request is assigned to %(name)s.") % {"name": to.full_name}

    return _deed(request, found, form, "desk/assignment.html", assign)


@for_agents
@get_or_post
def proposal(request: DeskRequest, number: str) -> HttpResponse:
    """Propose how the request ends; without an answer it closes so (S15.3)."""
    found = case_for(request.user, number)
    form = ProposalForm(posted(request), initial={"outcome": "solved"})

    def propose(now: datetime, revision: int) -> str:
        propose_outcome(
            case=found,
            outcome=form.cleaned_data["outcome"],
            body=form.cleaned_data["body"],
            by=request.user,
            now=now,
            revision=revision,
        )
        return _("The proposal was sent. It is the customer’s turn.")

    return _deed(request, found, form, "desk/proposal.html", propose, **_outcomes(found))


@for_agents
@get_or_post
def closing(request: DeskRequest, number: str) -> HttpResponse:
    """Close the request with an outcome; the page says what happens to the incident (S13.3)."""
    found = case_for(request.user, number)
    form = ClosingForm(posted(request), initial={"outcome": found.proposed_outcome})

    def close(now: datetime, revision: int) -> str:
        closed = close_case(
            case=found,
            outcome=form.cleaned_data["outcome"],
            return_unit=form.cleaned_data["return_unit"],
            by=request.user,
            now=now,
            revision=revision,
        )
        if closed.unit_returned_at == now:
            return _("The request is closed, and the incident was given back.")
        return _("The request is closed.")

    return _deed(request, found, form, "desk/closing.html", close, **_outcomes(found))


@for_agents
@get_or_post
def reopening(request: DeskRequest, number: str) -> HttpResponse:
    """Open a closed request again; agents may even if its incident was given back (S13.3)."""
    found = case_for(request.user, number)
    form = DeedForm(posted(request))
    until = states.last_day_to_reopen(today(found.closed_at)) if found.closed_at else None

    def reopen(now: datetime, revision: int) -> str:
        reopen_case(case=found, by=request.user, now=now, revision=revision)
        return _("The request is open again.")

    return _deed(request, found, form, "desk/reopening.html", reopen, until=until)


@for_agents
@get_or_post
def severity(request: DeskRequest, number: str) -> HttpResponse:
    """Change the severity with a reason, which is recorded (S16.3)."""
    found = case_for(request.user, number)
    form = SeverityForm(posted(request), initial={"severity": found.severity})

    def change(now: datetime, revision: int) -> str:
        change_severity(
            case=found,
            severity=form.cleaned_data["severity"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=now,
            revision=revision,
        )
        return _("The severity was changed.")

    return _deed(request, found, form, "desk/severity.html", change)


@for_agents
@get_or_post
def third_party(request: DeskRequest, number: str) -> HttpResponse:
    """It is a third party's turn, for a reason that the customer reads (S15.2)."""
    found = case_for(request.user, number)
    form = ThirdPartyForm(posted(request), initial={"reason": found.third_party_reason})

    def name(now: datetime, revision: int) -> str:
        set_third_party(
            case=found,
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=now,
            revision=revision,
        )
        return _("It is the third party’s turn.")

    return _deed(request, found, form, "desk/third_party.html", name)


@for_agents
@get_or_post
def primary(request: DeskRequest, number: str) -> HttpResponse:
    """The owning agent names another primary contact; the former one becomes additional (S8.3)."""
    found = case_for(request.user, number)
    form = PrimaryForm(
        posted(request), initial={"language": found.language, "preferred_contact": "email"}
    )

    def replace(now: datetime, revision: int) -> str:
        person = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        made = replace_primary(case=found, by=request.user, now=now, revision=revision, **person)
        return _("%(name)s is the primary contact now.") % {"name": made.full_name}

    return _deed(request, found, form, "desk/primary.html", replace, field="email")


@for_agents
@get_or_post
def contact_removal(request: DeskRequest, number: str, contact_id: str) -> HttpResponse:
    """The owning agent takes an additional contact off (S8.3)."""
    found = case_for(request.user, number)
    contact = contact_for(found, contact_id)
    form = DeedForm(posted(request))

    def remove(now: datetime, revision: int) -> str:
        remove_contact(case=found, contact=contact, by=request.user, now=now, revision=revision)
        return _("%(name)s does not see the request any more.") % {"name": contact.full_name}

    return _deed(request, found, form, "desk/contact_removal.html", remove, contact=contact)


def _outcomes(case: Case) -> dict[str, Any]:
    on = today(timezone.now())
    return {"options": options_of(case, on), "if_returned": comes_back(case, on)}


def _deed(
    request: DeskRequest,
    found: Case,
    form: DeedForm,
    template: str,
    do: Callable[[datetime, int], str],
    *,
    field: str | None = None,
    **more: Any,
) -> HttpResponse:
    """Do what the form asks and say so, or show the page with what was refused.

    `do` gets the instant and the revision that was looked at, and answers with the words to show.
    """
    now = timezone.now()
    if form.is_valid():
        with deed_on(form, field=field):
            flashes.success(request, do(now, form.cleaned_data["revision"]))
            return redirect(address_of(request, found.number))
    case, changes = as_it_is_now(request, found, form)
    status = status_for(form)
    return render(
        request,
        template,
        case_head(request, case, now)
        | {"form": form, "changes": changes, "failed": status != 200}
        | {"is_overtaken": form.is_overtaken, **more},
        status=status,
    )
