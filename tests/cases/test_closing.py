"""Closing, the incident's way back, reopening (S13.3, S13.6, S15.3, S15.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from opora.accounts.models import Account
from opora.cases.actions import (
    add_contact,
    close_case,
    propose_outcome,
    release_case,
    reopen_case,
    take_case,
    write_message,
)
from opora.cases.errors import (
    CaseIsClosed,
    CaseIsOpen,
    OutcomeNotAllowed,
    ReopenPeriodOver,
    UnitWasReturned,
)
from opora.cases.models import Case, CaseReader
from opora.contracts.actions import cancel_contract, expire_contract
from opora.contracts.models import Contract, IncidentEntry
from tests import cast
from tests.cases.world import DAY, HOUR, breaches, fresh, jobs, mailed_to, new_case, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Account) -> Case:
    return new_case(submitted_by=alice, others=(cast.bob(),))


def returns(case: Case) -> int:
    return IncidentEntry.objects.filter(case_number=case.number, kind="returned").count()


def left(case: Case) -> int:
    return Contract.objects.get(pk=case.contract_id).incidents_left


@pytest.mark.shows("S15.3", "S8.6", "P13")
def test_a_contact_closes_as_solved_or_withdrawn_only(case: Case, alice: Account) -> None:
    for outcome in ("workaround", "product_defect", "duplicate", "out_of_scope", "no_reply", "x"):
        with pytest.raises(OutcomeNotAllowed) as refused:
            close_case(case=case, outcome=outcome, by=alice, now=NOW + HOUR)
        assert refused.value.allowed == ["solved", "withdrawn"]
    assert fresh(case).is_open

    close_case(case=case, outcome="solved", by=alice, now=NOW + HOUR)

    closed = fresh(case)
    assert (closed.status, closed.outcome, closed.closed_at) == ("closed", "solved", NOW + HOUR)
    assert set(CaseReader.objects.values_list("is_open", flat=True)) == {False}
    assert mailed_to("mail.case_closed", case) == ["bob@example.com"]
    [erasing] = jobs("attachments.erase")
    assert erasing.run_after == NOW + HOUR + 90 * DAY
    with pytest.raises(CaseIsClosed):
        close_case(case=case, outcome="withdrawn", by=alice, now=NOW + 2 * HOUR)
    assert breaches() == []


@pytest.mark.shows("S15.3")
def test_agents_close_as_anything_but_no_reply(alice: Account, dana: Account) -> None:
    case = new_case(submitted_by=alice)
    with pytest.raises(OutcomeNotAllowed):
        close_case(case=case, outcome="no_reply", by=dana, now=NOW)
    for outcome in ("solved", "workaround", "product_defect", "duplicate", "out_of_scope"):
        close_case(case=new_case(), outcome=outcome, by=dana, now=NOW)

    assert Case.objects.filter(status="closed").count() == 5
    assert breaches() == []


@pytest.mark.shows("S13.3")
@pytest.mark.parametrize(
    ("outcome", "says_so", "comes_back"),
    [
        ("product_defect", False, True),
        ("duplicate", False, True),
        ("out_of_scope", True, True),
        ("out_of_scope", False, False),
        ("solved", True, False),
        ("workaround", True, False),
    ],
)
def test_an_agents_outcome_decides_whether_the_unit_comes_back(
    case: Case, dana: Account, outcome: str, says_so: bool, comes_back: bool
) -> None:
    take_case(case=case, by=dana, now=NOW)
    close_case(case=case, outcome=outcome, by=dana, now=NOW + HOUR, return_unit=says_so)

    assert left(case) == (5 if comes_back else 4)
    assert (fresh(case).unit_returned_at is not None) == comes_back
    assert breaches() == []


@pytest.mark.shows("S13.3")
def test_withdrawing_returns_the_unit_only_if_nobody_ever_owned_the_case(
    alice: Account, dana: Account
) -> None:
    untouched, touched = new_case(submitted_by=alice), new_case(submitted_by=alice)
    take_case(case=touched, by=dana, now=NOW)
    release_case(case=touched, by=dana, now=NOW)
    for case in (untouched, touched):
        close_case(case=case, outcome="withdrawn", by=alice, now=NOW + HOUR)

    assert (returns(untouched), returns(touched)) == (1, 0)
    assert breaches() == []


@pytest.mark.shows("S13.3")
def test_a_case_whose_unit_came_back_is_reopened_by_agents_only_and_returns_none_again(
    case: Case, alice: Account, dana: Account
) -> None:
    close_case(case=case, outcome="withdrawn", by=alice, now=NOW + HOUR)
    with pytest.raises(UnitWasReturned):
        reopen_case(case=case, by=alice, now=NOW + 2 * HOUR)
    assert not fresh(case).is_open

    reopen_case(case=case, by=dana, now=NOW + 2 * HOUR)
    close_case(case=case, outcome="product_defect", by=dana, now=NOW + 3 * HOUR)

    assert (returns(case), left(case)) == (1, 5)
    assert breaches() == []


@pytest.mark.shows("S13.3")
def test_a_unit_that_did_not_come_back_may_come_back_after_reopening(
    case: Case, alice: Account, dana: Account
) -> None:
    take_case(case=case, by=dana, now=NOW)
    close_case(case=case, outcome="solved", by=alice, now=NOW + HOUR)
    reopen_case(case=case, by=alice, now=NOW + 2 * HOUR)
    assert left(case) == 4

    close_case(case=case, outcome="duplicate", by=dana, now=NOW + 3 * HOUR)
    assert (returns(case), left(case)) == (1, 5)


@pytest.mark.shows("S13.6")
def test_a_unit_that_comes_back_to_a_contract_that_is_over_expires_and_all_are_told(
    case: Case, dana: Account
) -> None:
    cancel_contract(contract=case.contract, by=None, now=NOW)
    expire_contract(contract_pk=case.contract_id, now=NOW)
    close_case(case=case, outcome="duplicate", by=dana, now=NOW + HOUR)

    assert left(case) == 0
    assert returns(case) == 1
    assert mailed_to("mail.unit_lapsed", case) == ["alice@example.com", "bob@example.com"]
    assert breaches() == []


@pytest.mark.shows("S15.4")
def test_a_case_is_reopened_into_the_hands_of_an_active_owner(
    case: Case, alice: Account, dana: Account
) -> None:
    waiting(case, dana)
    close_case(case=case, outcome="solved", by=alice, now=NOW + 2 * HOUR)
    assert jobs("case.remind") == []
    reopen_case(case=case, by=alice, now=NOW + 3 * HOUR)

    reopened = fresh(case)
    assert (reopened.status, reopened.owner) == ("assigned", dana)
    assert (reopened.outcome, reopened.closed_at) == ("", None)
    assert jobs("attachments.erase") == []
    assert set(CaseReader.objects.values_list("is_open", flat=True)) == {True}
    with pytest.raises(CaseIsOpen):
        reopen_case(case=case, by=alice, now=NOW + 4 * HOUR)
    assert breaches() == []


@pytest.mark.shows("S15.4")
def test_a_case_whose_owner_is_gone_is_reopened_for_anybody(
    case: Case, alice: Account, dana: Account
) -> None:
    take_case(case=case, by=dana, now=NOW)
    close_case(case=case, outcome="solved", by=alice, now=NOW + HOUR)
    Account.objects.filter(pk=dana.pk).update(is_active=False)
    reopen_case(case=case, by=alice, now=NOW + 2 * HOUR)

    assert (fresh(case).status, fresh(case).owner) == ("submitted", None)
    assert breaches() == []


@pytest.mark.shows("S15.4", "P13")
def test_reopening_ends_with_the_same_day_thirteen_months_later(
    case: Case, alice: Account, dana: Account
) -> None:
    # 2026-11-30 in Prague; the 30th thirteen months later is the last day.
    closed_at = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    close_case(case=case, outcome="solved", by=alice, now=closed_at)
    last_moment = datetime(2027, 12, 30, 22, 59, tzinfo=UTC)
    for somebody in (alice, dana):
        with pytest.raises(ReopenPeriodOver) as refused:
            reopen_case(case=case, by=somebody, now=last_moment + timedelta(minutes=1))
        assert refused.value.until == date(2027, 12, 30)
    assert not fresh(case).is_open

    reopen_case(case=case, by=alice, now=last_moment)
    assert fresh(case).is_open


@pytest.mark.shows("S15.4")
def test_reopening_needs_no_valid_contract(case: Case, alice: Account) -> None:
    close_case(case=case, outcome="solved", by=alice, now=NOW + HOUR)
    cancel_contract(contract=case.contract, by=None, now=NOW + HOUR)
    reopen_case(case=case, by=alice, now=NOW + 2 * HOUR)

    assert fresh(case).is_open
    assert breaches() == []


@pytest.mark.shows("S15.4", "S8.2")
def test_contacts_are_added_to_a_closed_case(case: Case, alice: Account) -> None:
    close_case(case=case, outcome="solved", by=alice, now=NOW + HOUR)
    charlie = cast.charlie()
    add_contact(
        case=case,
        given_name="Charlie",
        family_name="Cole",
        email=charlie.email,
        by=alice,
        now=NOW + 2 * HOUR,
    )

    assert CaseReader.objects.get(account=charlie).is_open is False
    assert breaches() == []


@pytest.mark.shows("S15.2")
def test_closing_ends_a_proposal_and_a_third_partys_turn(
    case: Case, alice: Account, dana: Account
) -> None:
    propose_outcome(case=case, outcome="workaround", body="So.", by=dana, now=NOW + HOUR)
    close_case(case=case, outcome="solved", by=alice, now=NOW + 2 * HOUR)

    assert (fresh(case).outcome, fresh(case).proposed_outcome) == ("solved", "")
    assert jobs("case.close_silent") == []
    with pytest.raises(CaseIsClosed):
        write_message(case=case, body="x", by=dana, now=NOW + 3 * HOUR)
    assert breaches() == []
