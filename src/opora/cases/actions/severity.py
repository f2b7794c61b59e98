"""Another severity for a case, and what it does to the response clock (S16.3)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases import search
from opora.cases.actions.change import changing
from opora.cases.errors import SeverityIsSettled
from opora.cases.intake import SEVERITIES
from opora.cases.models import Case, Message
from opora.cases.texts import LONGEST_TEXT, plain
from opora.contracts.eligibility import Decision, Reason
from opora.contracts.errors import NotEligible
from opora.contracts.terms import Terms
from opora.core.errors import InvalidInput
from opora.sla.calendars import calendar_for
from opora.sla.clock import due_after_change


def change_severity(
    *,
    case: Case,
    severity: str,
    reason: str = "",
    by: Account,
    now: datetime,
    revision: int | None = None,
) -> Case:
    """Contacts may while no agent is assigned, agents with a reason, which agents can read.

    Lowering recomputes the due instant from submission, raising it from the change; any change
    ends 24/7. Raises SeverityIsSettled, CaseIsClosed, CaseHasChanged, NotEligible
    (`severity-not-covered`), InvalidInput on severity or reason. The same severity changes nothing.
    """
    if severity not in SEVERITIES:
        raise InvalidInput.on("severity", _("Choose severity A, B or C."))
    reason = plain(reason).strip()
    if len(reason) > LONGEST_TEXT:
        raise InvalidInput.on("reason", _("Shorten the reason."))
    with changing(case, by=by, now=now, revision=revision) as change:
        row = change.case
        change.refuse_if_closed()
        if not change.is_agents and row.owner_id is not None:
            raise SeverityIsSettled(number=row.number)
        before = row.severity
        if severity == before:
            return row
        if change.is_agents and not reason:
            raise InvalidInput.on("reason", _("Say why the severity changes."))
        _refuse_if_not_covered(row, severity)
        change.set(
            severity=severity,
            is_round_the_clock=False,
            response_due_at=due_after_change(
                before=before,
                after=severity,
                submitted_at=row.submitted_at,
                changed_at=now,
                calendar=calendar_for(row.country, row.time_zone),
            ),
        )
        if change.is_agents:
            Message.objects.create(
                case=row,
                kind=Message.Kind.NOTE,
                side=Message.Side.AGENT,
                author=by,
                body=reason,
                at=now,
            )
            search.index(case_pk=row.pk, text=reason, at=now, is_internal=True)
        change.is_activity()
        change.record("case.severity_changed", before=before, after=severity)
    return change.case


def _refuse_if_not_covered(case: Case, severity: str) -> None:
    """The terms the case was admitted by stay its terms (S11.1)."""
    terms = Terms.read(case.plan_version.terms)
    if severity not in terms.severities:
        facts = {
            "plan": case.plan_version.plan.names,
            "severity": severity,
            "covered": ", ".join(sorted(terms.severities)),
        }
        raise NotEligible.by(Decision((Reason("severity-not-covered", facts),)))
