"""By when the first response is due, with its reasons: before submitting and after (S16.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from opora.accounts.places import country_codes, is_zone
from opora.cases.intake import SEVERITIES
from opora.cases.models import Case
from opora.sla.calendars import calendar_for
from opora.sla.clock import Explanation, due_after_change, explain


def due_of_answers(answers: Mapping[str, Any], *, now: datetime) -> Explanation | None:
    """When the first response would be due if it were submitted now (S16.2)."""
    severity, country = answers.get("severity"), answers.get("country") or ""
    if severity not in SEVERITIES:
        return None
    zone = answers.get("time_zone") or ""
    if country not in country_codes() or not is_zone(zone):
        return None
    return explain(
        severity=severity,
        round_the_clock=answers.get("round_the_clock") is True,
        since=now,
        calendar=calendar_for(country, zone),
    )


def due_of_case(case: Case) -> Explanation | None:
    """Why the case is due when it is. None where that cannot be said from the submission: its
    severity was raised later, or a calendar has changed since."""
    found = explain(
        severity=case.severity,
        round_the_clock=case.is_round_the_clock,
        since=case.submitted_at,
        calendar=calendar_for(case.country, case.time_zone),
    )
    return found if found.due_at == case.response_due_at else None


def due_after(case: Case, *, now: datetime) -> list[tuple[str, datetime]]:
    """When the first response would be due with each other severity, chosen now (S16.3); none once
    there is one."""
    if case.first_responded_at is not None:
        return []
    calendar = calendar_for(case.country, case.time_zone)
    return [
        (
            severity,
            due_after_change(
                before=case.severity,
                after=severity,
                submitted_at=case.submitted_at,
                changed_at=now,
                calendar=calendar,
            ),
        )
        for severity in SEVERITIES
        if severity != case.severity
    ]
