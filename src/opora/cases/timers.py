"""What happens when a customer does not answer (S15.3): two reminders, then the case closes.

Each timer carries the instant at which the customer's turn began; one of an earlier turn does
nothing. Safe to run twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opora.cases import states
from opora.cases.actions.change import Change, changing
from opora.cases.actions.closing import close
from opora.cases.models import Case
from opora.core.errors import NotFound
from opora.core.models import AuditLine, Job


def remind(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Remind every contact. `payload`: {"case": key, "status_since": instant}."""
    case = Case(pk=payload["case"])
    try:
        with changing(case, by=None, now=now) as change:
            if not _is_current(change, payload) or _was_reminded(change, job):
                return
            change.mail_contacts("mail.case_reminder", status_since=payload["status_since"])
            change.record("case.reminded", job=job.pk)
    except NotFound:
        return  # the case was erased; so is its turn


def close_silent(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Close a case that nobody answered: with the outcome proposed, else as `no_reply`.

    `payload` as for `remind`.
    """
    case = Case(pk=payload["case"])
    try:
        with changing(case, by=None, now=now) as change:
            if _is_current(change, payload):
                outcome = change.case.proposed_outcome or "no_reply"
                close(change, outcome=outcome, return_unit=False)
    except NotFound:
        return


def _is_current(change: Change, payload: dict[str, Any]) -> bool:
    """Whether it is still the same turn of the customer's."""
    case = change.case
    since = datetime.fromisoformat(payload["status_since"])
    return case.status in states.WITH_CUSTOMER and case.status_since == since


def _was_reminded(change: Change, job: Job) -> bool:
    """Whether this very job ran already, and only its end was not noted."""
    return AuditLine.objects.filter(
        target_kind="case",
        target_id=change.case.number,
        code="case.reminded",
        facts__job=job.pk,
    ).exists()
