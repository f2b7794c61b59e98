"""Transitions, turns, outcomes, and the last day to reopen: no database (S13.3, S15)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from opora.cases import states

pytestmark = pytest.mark.rules

SUBMITTED, ASSIGNED, AT_WORK = "submitted", "assigned", "in_progress"
WAITING, RESOLVED, CLOSED = "waiting_for_customer", "resolved", "closed"
DUE = datetime(2026, 11, 23, 13, tzinfo=UTC)


@pytest.mark.shows("S15.1")
@pytest.mark.parametrize(
    ("event", "after"),
    [
        # after: submitted, assigned, in_progress, waiting, resolved, closed
        ("assigned", [ASSIGNED, ASSIGNED, AT_WORK, WAITING, RESOLVED, None]),
        ("released", [None, SUBMITTED, SUBMITTED, SUBMITTED, SUBMITTED, None]),
        ("agent_wrote", [AT_WORK, AT_WORK, AT_WORK, WAITING, RESOLVED, None]),
        ("agent_asked", [WAITING, WAITING, WAITING, WAITING, WAITING, None]),
        ("contact_wrote", [SUBMITTED, ASSIGNED, AT_WORK, AT_WORK, AT_WORK, None]),
        ("outcome_proposed", [RESOLVED, RESOLVED, RESOLVED, RESOLVED, RESOLVED, None]),
        ("closed", [CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, None]),
        ("reopened", [None, None, None, None, None, SUBMITTED]),
    ],
)
def test_every_event_leads_where_the_spec_says(
    event: states.Event, after: list[str | None]
) -> None:
    assert [states.move(status, event) for status in (*states.OPEN, CLOSED)] == after


@pytest.mark.shows("S15.4")
def test_a_case_with_an_owner_is_reopened_as_assigned() -> None:
    assert states.move(CLOSED, "reopened", has_owner=True) == ASSIGNED


@pytest.mark.shows("S15.2")
def test_whose_turn_it_is() -> None:
    assert [states.turn(s) for s in (*states.OPEN, CLOSED)] == [
        "vendor",
        "vendor",
        "vendor",
        "customer",
        "customer",
        None,
    ]
    assert [states.turn(s, "They said so") for s in (*states.OPEN, CLOSED)] == [
        "third_party",
        "third_party",
        "third_party",
        "customer",
        "customer",
        None,
    ]


@pytest.mark.shows("S13.3")
def test_contacts_bring_a_unit_back_by_withdrawing_what_nobody_owned_only() -> None:
    for outcome in states.OUTCOMES:
        comes_back = states.returns_unit(
            outcome, by_agent=False, agent_says_so=True, was_ever_owned=False
        )
        assert comes_back == (outcome == "withdrawn")


@pytest.mark.shows("S15.4")
@pytest.mark.parametrize(
    ("closed_on", "until"),
    [
        (date(2026, 1, 15), date(2027, 2, 15)),
        (date(2026, 11, 30), date(2027, 12, 30)),
        (date(2026, 12, 31), date(2028, 1, 31)),
        (date(2026, 1, 31), date(2027, 2, 28)),
        (date(2027, 1, 31), date(2028, 2, 29)),
    ],
)
def test_the_last_day_to_reopen(closed_on: date, until: date) -> None:
    assert states.last_day_to_reopen(closed_on) == until


def test_overdue_is_what_is_open_and_unanswered_after_its_instant() -> None:
    asked: dict[str, Any] = {"status": "submitted", "due_at": DUE, "responded_at": None}
    assert states.is_overdue(**asked, now=DUE + timedelta(seconds=1))
    assert not states.is_overdue(**asked, now=DUE)
    for change in ({"status": "closed"}, {"responded_at": DUE}):
        assert not states.is_overdue(**asked | change, now=DUE + timedelta(days=1))


def test_unread_is_what_moved_after_it_was_seen() -> None:
    assert states.is_unread(last_activity_at=DUE, seen_at=None)
    assert states.is_unread(last_activity_at=DUE, seen_at=DUE - timedelta(microseconds=1))
    assert not states.is_unread(last_activity_at=DUE, seen_at=DUE)
