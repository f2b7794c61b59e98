"""The life of a case: which event leads where, whose turn it is, and what each side may conclude.

Pure: statuses and outcomes are the strings of SPEC S15.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Final, Literal

Turn = Literal["vendor", "customer", "third_party"]
Event = Literal[
    "assigned",
    "released",
    "agent_wrote",
    "agent_asked",
    "contact_wrote",
    "outcome_proposed",
    "closed",
    "reopened",
]

SUBMITTED: Final = "submitted"
ASSIGNED: Final = "assigned"
IN_PROGRESS: Final = "in_progress"
WAITING: Final = "waiting_for_customer"
RESOLVED: Final = "resolved"
CLOSED: Final = "closed"

OPEN: Final = (SUBMITTED, ASSIGNED, IN_PROGRESS, WAITING, RESOLVED)
WITH_VENDOR: Final = (SUBMITTED, ASSIGNED, IN_PROGRESS)
WITH_CUSTOMER: Final = (WAITING, RESOLVED)

OUTCOMES: Final = (
    "solved",
    "workaround",
    "product_defect",
    "duplicate",
    "out_of_scope",
    "withdrawn",
    "no_reply",
)
CONTACTS_MAY_CLOSE_AS: Final = ("solved", "withdrawn")
AGENTS_MAY_CLOSE_AS: Final = tuple(o for o in OUTCOMES if o != "no_reply")

REMIND_AFTER: Final = (timedelta(hours=72), timedelta(hours=120))
CLOSE_AFTER: Final = timedelta(hours=168)
FILES_KEPT: Final = timedelta(days=90)  # after closing (S8.6)
MONTHS_TO_REOPEN: Final = 13

# Where each event leads. A status that is missing stays what it is; "" cannot happen.
TRANSITIONS: Final[dict[Event, dict[str, str]]] = {
    "assigned": {SUBMITTED: ASSIGNED, CLOSED: ""},
    "released": {
        SUBMITTED: "",
        ASSIGNED: SUBMITTED,
        IN_PROGRESS: SUBMITTED,
        WAITING: SUBMITTED,
        RESOLVED: SUBMITTED,
        CLOSED: "",
    },
    "agent_wrote": {SUBMITTED: IN_PROGRESS, ASSIGNED: IN_PROGRESS, CLOSED: ""},
    "agent_asked": {
        SUBMITTED: WAITING,
        ASSIGNED: WAITING,
        IN_PROGRESS: WAITING,
        RESOLVED: WAITING,
        CLOSED: "",
    },
    "contact_wrote": {WAITING: IN_PROGRESS, RESOLVED: IN_PROGRESS, CLOSED: ""},
    "outcome_proposed": {
        SUBMITTED: RESOLVED,
        ASSIGNED: RESOLVED,
        IN_PROGRESS: RESOLVED,
        WAITING: RESOLVED,
        CLOSED: "",
    },
    "closed": dict.fromkeys(OPEN, CLOSED) | {CLOSED: ""},
    "reopened": dict.fromkeys(OPEN, "") | {CLOSED: SUBMITTED},
}


def move(status: str, event: Event, *, has_owner: bool = False) -> str | None:
    """The status after `event`, None where it cannot happen; `has_owner` matters to reopening."""
    after = TRANSITIONS[event].get(status, status) or None
    return ASSIGNED if event == "reopened" and after and has_owner else after


def turn(status: str, third_party: str = "") -> Turn | None:
    """Who has to do something now (S15.2). `third_party`: the agent's reason, empty if none."""
    if status == CLOSED:
        return None
    if status in WITH_CUSTOMER:
        return "customer"
    return "third_party" if third_party else "vendor"


def is_overdue(
    *, status: str, due_at: datetime, responded_at: datetime | None, now: datetime
) -> bool:
    """Nobody has answered an open case yet, and the answer was due (S16.2)."""
    return status != CLOSED and responded_at is None and due_at < now


def is_unread(*, last_activity_at: datetime, seen_at: datetime | None) -> bool:
    """Whether something happened since a reader last opened the case, or they never have: what
    `models.IS_UNREAD` asks of the database."""
    return seen_at is None or last_activity_at > seen_at


def returns_unit(
    outcome: str, *, by_agent: bool, agent_says_so: bool, was_ever_owned: bool
) -> bool:
    """Whether closing so gives the incident back, if it has not come back before (S13.3)."""
    if outcome == "withdrawn":
        return not was_ever_owned
    if not by_agent:
        return False
    return outcome in ("product_defect", "duplicate") or (
        outcome == "out_of_scope" and agent_says_so
    )


def last_day_to_reopen(closed_on: date) -> date:
    """The same day 13 months later, or the last one of a shorter month (S15.4)."""
    month = closed_on.month - 1 + MONTHS_TO_REOPEN
    year, month = closed_on.year + month // 12, month % 12 + 1
    return date(year, month, min(closed_on.day, calendar.monthrange(year, month)[1]))
