"""Another severity, and the clock (S16.3)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opora.cases.actions import change_severity, close_case, release_case, take_case
from opora.cases.errors import CaseIsClosed, SeverityIsSettled
from opora.cases.queries import messages_of
from opora.contracts.errors import NotEligible
from opora.core.errors import InvalidInput
from tests import cast, factories
from tests.cases.world import HOUR, breaches, fresh, lines, new_case, primary
from tests.factories import NOW

pytestmark = pytest.mark.django_db

# NOW is Monday 10:00 in Prague.
FOUR_HOURS = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
EIGHT_HOURS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.shows("S16.3")
def test_lowering_counts_from_submission_and_raising_from_the_change() -> None:
    alice = cast.alice()
    case = new_case(submitted_by=alice)
    assert fresh(case).response_due_at == FOUR_HOURS

    change_severity(case=case, severity="C", by=alice, now=NOW + HOUR)
    assert fresh(case).response_due_at == EIGHT_HOURS

    change_severity(case=case, severity="B", by=alice, now=NOW + 2 * HOUR)
    assert fresh(case).response_due_at == FOUR_HOURS + 2 * HOUR
    assert lines(case) == ["case.opened", "case.severity_changed", "case.severity_changed"]


@pytest.mark.shows("S16.3")
def test_leaving_a_drops_round_the_clock_and_coming_back_does_not_add_it() -> None:
    alice = cast.alice()
    called = primary(alice, phone="+420 601 123 456")
    case = new_case(submitted_by=alice, severity="A", round_the_clock=True, primary_contact=called)
    change_severity(case=case, severity="B", by=alice, now=NOW + HOUR)
    assert fresh(case).is_round_the_clock is False

    # 16:30 in Prague: half an hour is left of the day, the rest is tomorrow's.
    late = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    change_severity(case=case, severity="A", by=alice, now=late)
    assert fresh(case).is_round_the_clock is False
    assert fresh(case).response_due_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert breaches() == []


@pytest.mark.shows("S16.3")
def test_contacts_change_it_only_until_an_agent_is_assigned() -> None:
    alice, dana = cast.alice(), cast.dana()
    case = new_case(submitted_by=alice)
    take_case(case=case, by=dana, now=NOW)
    with pytest.raises(SeverityIsSettled):
        change_severity(case=case, severity="C", by=alice, now=NOW + HOUR)
    assert fresh(case).severity == "B"

    release_case(case=case, by=dana, now=NOW + HOUR)
    change_severity(case=case, severity="C", by=alice, now=NOW + HOUR)
    assert fresh(case).severity == "C"


@pytest.mark.shows("S16.3", "S16.2", "AC-12")
def test_an_agent_gives_a_reason_that_agents_can_read() -> None:
    alice, dana = cast.alice(), cast.dana()
    case = new_case(submitted_by=alice)
    with pytest.raises(InvalidInput) as refused:
        change_severity(case=case, severity="C", by=dana, now=NOW, reason=" ")
    assert [error["field"] for error in refused.value.errors] == ["reason"]

    change_severity(case=case, severity="C", by=dana, now=NOW, reason="Nobody picks up.")
    assert [note.body for note in messages_of(case, dana).items] == ["Nobody picks up."]
    assert messages_of(case, alice).items == []
    assert fresh(case).first_responded_at is None
    assert breaches() == []


def test_the_same_severity_changes_nothing_and_another_word_is_refused() -> None:
    alice = cast.alice()
    case = new_case(submitted_by=alice)
    before = fresh(case).revision
    change_severity(case=case, severity="B", by=alice, now=NOW + HOUR)
    with pytest.raises(InvalidInput):
        change_severity(case=case, severity="D", by=alice, now=NOW + HOUR)

    assert fresh(case).revision == before


@pytest.mark.shows("S15.4")
def test_a_closed_case_keeps_its_severity() -> None:
    alice = cast.alice()
    case = new_case(submitted_by=alice)
    close_case(case=case, outcome="solved", by=alice, now=NOW)
    with pytest.raises(CaseIsClosed):
        change_severity(case=case, severity="C", by=alice, now=NOW + HOUR)
    assert fresh(case).severity == "B"


@pytest.mark.shows("S11.1", "S12")
def test_the_plan_it_was_admitted_by_has_to_cover_the_new_severity() -> None:
    alice = cast.alice()
    plan = factories.plan_version(terms={"severities": ["B", "C"]})
    contract = factories.contract(terms=plan, registered_to=(alice,))
    case = new_case(submitted_by=alice, contract=contract)

    with pytest.raises(NotEligible) as refused:
        change_severity(case=case, severity="A", by=alice, now=NOW)

    assert refused.value.code == "severity-not-covered"
    assert fresh(case).severity == "B"
