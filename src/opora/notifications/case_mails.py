"""Mails about a support request. Each names the case in a header and joins one thread."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from opora.cases import states
from opora.cases.models import Case, Message
from opora.core import formats
from opora.notifications.letters import Letter
from opora.notifications.recipients import CaseRecipient


def receipt(to: CaseRecipient, payload: dict[str, Any]) -> Letter:
    """Number and summary, to the primary contact alone (S6.9)."""
    case = to.case
    due = formats.long_instant(case.response_due_at)
    if not to.is_zone_theirs:
        due = f"{due} ({formats.city(to.time_zone)})"
    return _letter(
        to,
        opens_thread=True,
        subject=_("Support request %(number)s: %(title)s") % _named(case),
        paragraphs=(
            _("We have received your support request. An agent will answer it by the time below."),
        ),
        facts=(
            (_("Number"), case.number),
            (_("Title"), case.title),
            (_("Product"), case.version.name),
            (_("Severity"), severity_name(case.severity)),
            (_("First response by"), due),
        ),
        action=_("Open the request"),
        closing=(_("You are its primary contact: the agent will get in touch with you."),),
    )


def new_message(to: CaseRecipient, payload: dict[str, Any]) -> Letter | None:
    """What an agent or a contact wrote, to all contacts but its author. Notes are never mailed."""
    message = (
        Message.objects.select_related("author__person")
        .filter(pk=payload["message"], case=to.case, kind=Message.Kind.MESSAGE)
        .first()
    )
    if message is None:
        return None
    author = message.author.full_name or _("Somebody")
    if message.side == Message.Side.AGENT and message.asks:
        said = _("%(author)s answered and is waiting for your reply:")
    else:
        said = _("%(author)s wrote:")
    return _letter(
        to,
        subject=_("Re: Support request %(number)s: %(title)s") % _named(to.case),
        paragraphs=(said % {"author": author},),
        quoted=message.body,
        action=_("Read and reply"),
    )


def resolved(to: CaseRecipient, payload: dict[str, Any]) -> Letter | None:
    """The proposed outcome and what happens if nobody answers (S15.3)."""
    if to.case.status != Case.Status.RESOLVED:
        return None
    message = Message.objects.filter(pk=payload.get("message", 0), case=to.case).first()
    return _letter(
        to,
        quoted=message.body if message else "",
        subject=_("Proposed solution for support request %(number)s: %(title)s") % _named(to.case),
        paragraphs=(
            _("The agent believes that the problem is settled: %(outcome)s.")
            % {"outcome": outcome_name(to.case.proposed_outcome)},
            _("If it is not, reply to the request; otherwise it closes by itself on %(day)s.")
            % {"day": formats.day((to.case.status_since + timedelta(hours=168)).date())},
        ),
        action=_("Open the request"),
    )


def closed(to: CaseRecipient, payload: dict[str, Any]) -> Letter | None:
    """Outcome, how long it can be reopened, and when its files are erased (S8.6)."""
    case = to.case
    if case.closed_at is None:
        return None
    return _letter(
        to,
        subject=_("Support request %(number)s is closed: %(title)s") % _named(case),
        paragraphs=(
            _("The request is closed: %(outcome)s.") % {"outcome": outcome_name(case.outcome)},
        ),
        closing=(
            _("You can go on reading it, and reopen it for 13 months."),
            _("Its attachments are erased on %(day)s. Download what you want to keep.")
            % {"day": formats.day((case.closed_at + states.FILES_KEPT).date())},
        ),
        action=_("Open the request"),
    )


def reminder(to: CaseRecipient, payload: dict[str, Any]) -> Letter | None:
    """We are still waiting, and until when (S15.3). None if an answer came meanwhile."""
    case = to.case
    since: datetime = case.status_since
    if payload.get("status_since") not in (None, since.isoformat()):
        return None
    closes = formats.day((since + timedelta(hours=168)).date())
    if case.status == Case.Status.WAITING_FOR_CUSTOMER:
        waiting = _(
            "We are still waiting for your reply. Without one, the request closes on %(day)s."
        )
    elif case.status == Case.Status.RESOLVED:
        waiting = _(
            "A solution was proposed. If the problem is not settled, reply; otherwise the request "
            "closes on %(day)s."
        )
    else:
        return None
    return _letter(
        to,
        subject=_("Reminder: support request %(number)s is waiting for you: %(title)s")
        % _named(case),
        paragraphs=(waiting % {"day": closes},),
        action=_("Read and reply"),
    )


def contact_added(to: CaseRecipient, payload: dict[str, Any]) -> Letter:
    """A link and no content, to whoever was added later (S6.9)."""
    return _letter(
        to,
        subject=_("You are now a contact of support request %(number)s")
        % {"number": to.case.number},
        reason=_("You get this mail because somebody added this address to the request."),
        paragraphs=(
            _("You were added as a contact. Sign in with this address to see the request."),
        ),
        action=_("Open the request"),
    )


def unit_lapsed(to: CaseRecipient, payload: dict[str, Any]) -> Letter:
    """A unit came back to a contract that had ended, and expired at once (S13.6)."""
    return _letter(
        to,
        subject=_("An incident of support request %(number)s could not be given back: %(title)s")
        % _named(to.case),
        paragraphs=(
            _(
                "The incident of this request was returned, but its contract had already ended, so "
                "the incident expired at once. If you think it should be granted again, write to "
                "us in the request."
            ),
        ),
        action=_("Open the request"),
    )


def severity_name(severity: str) -> str:
    return {
        "A": _("A – critical business impact"),
        "B": _("B – moderate business impact"),
        "C": _("C – minimal business impact"),
    }[severity]


def outcome_name(outcome: str) -> str:
    """An outcome inside a sentence, after a colon."""
    return {
        "solved": _("the problem is solved"),
        "workaround": _("there is a workaround"),
        "product_defect": _("it is a defect of the product"),
        "duplicate": _("it is a duplicate of another request"),
        "out_of_scope": _("it is outside of what support covers"),
        "withdrawn": _("it was withdrawn"),
        "no_reply": _("no reply came"),
    }[outcome]


def _named(case: Case) -> dict[str, str]:
    return {"number": case.number, "title": case.title}


def _letter(to: CaseRecipient, *, reason: str = "", **said: Any) -> Letter:
    return Letter(
        to=to.address,
        language=to.language,
        greeting=_("Hello %(name)s,") % {"name": to.contact.full_name},
        path=f"/requests/{to.case.number}/",
        thread=f"case:{to.case.number}",
        reason=reason or _reason(to),
        list_name="requests",
        has_switch=to.has_switch,
        headers={"X-Opora-Case": to.case.number},
        **said,
    )


def _reason(to: CaseRecipient) -> str:
    if to.is_primary:
        return _("You get this mail because you are the primary contact of the request.")
    return _("You get this mail because you are a contact of the request.")
