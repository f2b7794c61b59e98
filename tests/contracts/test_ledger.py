"""The incident ledger: what each deed posts, what it refuses, and that the books always balance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from opora.accounts.models import Account
from opora.contracts.actions import (
    Return,
    adjust_incidents,
    cancel_contract,
    consume_incident,
    end_registration,
    expire_contract,
    renew_contract,
    resume_contract,
    return_incident,
    suspend_contract,
)
from opora.contracts.errors import BalanceTooLow, ContractNotRegistered, NotEligible
from opora.contracts.invariants import CHECKS
from opora.contracts.models import Contract, IncidentEntry
from opora.core.invariants import Snapshot
from opora.core.models import Job
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def entries(contract: Contract) -> list[tuple[str, int, int, str, str | None]]:
    return list(
        contract.entries.order_by("sequence").values_list(
            "kind", "quantity", "balance_after", "reason", "case_number"
        )
    )


def left(contract: Contract) -> int:
    return Contract.objects.get(pk=contract.pk).incidents_left


def draw(contract: Contract, by: Account, number: str = "2611230000000001") -> IncidentEntry:
    return consume_incident(contract_pk=contract.pk, case_number=number, by=by, now=NOW)


def breaches() -> list[str]:
    return [b for check in CHECKS for b in check.run(Snapshot(now=NOW)).breaches]


@pytest.mark.shows("S13.1", "S13.2")
def test_a_case_takes_one_incident_and_says_who_and_when() -> None:
    alice = cast.alice()
    contract = factories.contract(incidents=3, registered_to=(alice,))
    entry = draw(contract, alice)
    assert (entry.sequence, entry.quantity, entry.balance_after) == (2, -1, 2)
    assert (entry.actor_id, entry.at, entry.case_number) == (alice.pk, NOW, "2611230000000001")
    assert left(contract) == 2
    assert breaches() == []


def test_drawing_takes_two_statements_when_it_succeeds() -> None:
    alice = cast.alice()
    contract = factories.contract(incidents=5, registered_to=(alice,))
    with CaptureQueriesContext(connection) as statements:  # in the test's transaction
        draw(contract, alice)
    assert len(statements) == 2


@pytest.mark.shows("S12.1", "S13.2", "PA-06")
@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({"incidents": 0}, ["no-incidents-left"]),
        ({"starts_on": date(2026, 11, 24)}, ["not-started"]),
        ({"ends_on": date(2026, 11, 22)}, ["expired"]),
        ({"suspended_at": NOW}, ["suspended"]),
        ({"cancelled_at": NOW, "suspended_at": NOW}, ["suspended", "cancelled"]),
    ],
)
def test_an_unusable_contract_gives_nothing_and_says_why(
    facts: dict[str, Any], reasons: list[str]
) -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,), **facts)
    before = entries(contract)
    with pytest.raises(NotEligible) as refused:
        draw(contract, alice)
    assert [reason["code"] for reason in refused.value.reasons] == reasons
    assert refused.value.code == reasons[0]
    assert entries(contract) == before


@pytest.mark.shows("S2.5", "S4.1")
def test_nobody_draws_on_a_contract_that_is_not_on_the_account() -> None:
    alice, charlie = cast.alice(), cast.charlie()
    contract = factories.contract(registered_to=(alice,))
    with pytest.raises(ContractNotRegistered):
        draw(contract, charlie)
    end_registration(account=alice, contract=contract, by=alice, now=NOW)
    with pytest.raises(ContractNotRegistered):
        draw(contract, alice)
    assert left(contract) == 5


def test_the_days_are_the_vendors() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,), ends_on=date(2026, 11, 23))
    late = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)  # 23:59 in Prague
    consume_incident(contract_pk=contract.pk, case_number="1", by=alice, now=late)
    with pytest.raises(NotEligible):
        consume_incident(
            contract_pk=contract.pk, case_number="2", by=alice, now=late + timedelta(minutes=1)
        )


def test_one_case_never_takes_two() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,))
    draw(contract, alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        draw(contract, alice)
    assert left(contract) == 4


@pytest.mark.shows("S13.3", "PA-07")
def test_a_unit_comes_back_once() -> None:
    alice, dana = cast.alice(), cast.dana()
    contract = factories.contract(registered_to=(alice,))
    draw(contract, alice)
    back: dict[str, Any] = {"contract": contract, "case_number": "2611230000000001", "by": dana}
    assert return_incident(**back, reason="duplicate", now=NOW) is Return.RETURNED
    assert return_incident(**back, reason="product_defect", now=NOW) is Return.NOTHING
    assert not Return.NOTHING
    assert left(contract) == 5
    assert entries(contract)[-1] == ("returned", 1, 5, "duplicate", "2611230000000001")


def test_what_was_never_drawn_does_not_come_back() -> None:
    contract, other = factories.contract(), factories.contract(registered_to=(cast.alice(),))
    draw(other, Account.objects.get(email="alice@example.com"))
    back: dict[str, Any] = {"reason": "duplicate", "by": None, "now": NOW}
    assert not return_incident(contract=contract, case_number="2611230000000001", **back)
    assert not return_incident(contract=other, case_number="2611230000000002", **back)
    assert (left(contract), left(other)) == (5, 4)


@pytest.mark.shows("S13.6")
@pytest.mark.parametrize("over", [{"ends_on": date(2026, 11, 20)}, {"cancelled_at": NOW}])
def test_a_unit_returned_to_a_contract_that_is_over_expires_at_once(over: dict[str, Any]) -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,))
    draw(contract, alice)
    Contract.objects.filter(pk=contract.pk).update(**over)
    became = return_incident(
        contract=contract, case_number="2611230000000001", reason="duplicate", by=None, now=NOW
    )
    assert became is Return.LAPSED
    assert [entry[:3] for entry in entries(contract)[-2:]] == [
        ("returned", 1, 5),
        ("expired", -1, 4),
    ]


@pytest.mark.shows("S13.6")
def test_what_is_left_expires_once_the_contract_is_over() -> None:
    running = factories.contract()
    ended = factories.contract(ends_on=date(2026, 11, 22), incidents=3)
    cancelled = factories.contract(incidents=2, cancelled_at=NOW)
    suspended = factories.contract(suspended_at=NOW)
    for contract in (running, ended, cancelled, suspended, ended, cancelled):
        expire_contract(contract_pk=contract.pk, now=NOW)
    assert [left(c) for c in (running, ended, cancelled, suspended)] == [5, 0, 0, 5]
    assert entries(ended)[1:] == [("expired", -3, 0, "term_ended", None)]
    assert entries(cancelled)[1:] == [("expired", -2, 0, "cancelled", None)]
    assert breaches() == []


@pytest.mark.shows("S13.1")
def test_an_agent_adjusts_with_a_reason_and_never_below_zero() -> None:
    contract, dana = factories.contract(incidents=2), cast.dana()
    adjust_incidents(contract=contract, quantity=3, reason="goodwill", by=dana, now=NOW)
    adjust_incidents(contract=contract, quantity=-4, reason="correction", by=dana, now=NOW)
    assert left(contract) == 1
    with pytest.raises(BalanceTooLow) as refused:
        adjust_incidents(contract=contract, quantity=-2, reason="correction", by=dana, now=NOW)
    assert refused.value.incidents_left == 1
    assert left(contract) == 1
    with pytest.raises(ValueError, match="nothing"):
        adjust_incidents(contract=contract, quantity=0, reason="goodwill", by=dana, now=NOW)


@pytest.mark.shows("S13.5")
def test_the_last_incident_but_none_is_announced() -> None:
    alice = cast.alice()
    contract = factories.contract(incidents=3, registered_to=(alice,))
    draw(contract, alice, "1")
    assert not Job.objects.exists()
    draw(contract, alice, "2")
    assert list(Job.objects.values_list("kind", "payload")) == [
        ("contract.incidents_low", {"contract": contract.pk})
    ]


# --- The database's own wall ---------------------------------------------------------------------
@pytest.mark.shows("S13.1", "I1")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE contracts_incidententry SET quantity = 9 WHERE contract_id = %s",
        "UPDATE contracts_incidententry SET reason = 'x' WHERE contract_id = %s",
        "DELETE FROM contracts_incidententry WHERE contract_id = %s",
        "UPDATE contracts_contract SET incidents_left = -1 WHERE id = %s",
    ],
)
def test_the_database_refuses_to_change_the_ledger_or_to_overdraw(sql: str) -> None:
    contract = factories.contract()
    before = entries(contract)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [contract.pk])
    assert entries(contract) == before
    assert left(contract) == 5


@pytest.mark.shows("I1")
@pytest.mark.parametrize(
    "entry",
    [
        {"sequence": 2, "quantity": -1, "balance_after": 5},
        {"sequence": 3, "quantity": -1, "balance_after": 4},
        {"sequence": 1, "quantity": -1, "balance_after": 4},
        {"sequence": 2, "quantity": -6, "balance_after": -1, "kind": "expired"},
        {"sequence": 2, "quantity": 2, "balance_after": 7, "kind": "returned"},
        {"sequence": 2, "quantity": -1, "balance_after": 4, "case_number": None},
    ],
)
def test_the_database_refuses_an_entry_that_does_not_follow(entry: dict[str, Any]) -> None:
    contract = factories.contract()
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentEntry.objects.create(
            contract=contract,
            **{"kind": "consumed", "reason": "x", "case_number": "1", "at": NOW} | entry,
        )
    assert len(entries(contract)) == 1


def test_verify_finds_a_balance_that_is_not_the_sum() -> None:
    contract = factories.contract()
    Contract.objects.filter(pk=contract.pk).update(incidents_left=7)
    assert breaches() == [
        f"contract {contract.public_id.hex} carries 7 incidents and 1 entries; "
        "its ledger says 5 and 1"
    ]


# --- Any history ---------------------------------------------------------------------------------
class Ledger(RuleBasedStateMachine):
    """One contract, two accounts, and a model of its books that knows no database."""

    def __init__(self) -> None:
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.alice, self.dana = cast.alice(), cast.dana()
        self.contract = factories.contract(
            incidents=3,
            starts_on=date(2026, 11, 23),
            ends_on=date(2027, 11, 22),
            registered_to=(self.alice,),
        )
        self.now = NOW
        self.left, self.count = 3, 1
        self.ends_on = date(2027, 11, 22)
        self.is_suspended = self.is_cancelled = False
        self.drawn: list[str] = []
        self.returned: set[str] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    @property
    def is_over(self) -> bool:
        return self.is_cancelled or self.now.date() > self.ends_on

    def post(self, quantity: int) -> None:
        self.left += quantity
        self.count += 1

    @rule()
    def consume(self) -> None:
        number = f"{len(self.drawn):016d}"
        usable = self.left > 0 and not self.is_suspended and not self.is_over
        try:
            consume_incident(
                contract_pk=self.contract.pk, case_number=number, by=self.alice, now=self.now
            )
        except NotEligible:
            assert not usable
        else:
            assert usable
            self.drawn.append(number)
            self.post(-1)

    @precondition(lambda self: self.drawn)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.drawn))
        became = return_incident(
            contract=self.contract,
            case_number=number,
            reason="duplicate",
            by=self.dana,
            now=self.now,
        )
        if number in self.returned:
            assert became is Return.NOTHING
            return
        self.returned.add(number)
        self.post(1)
        assert became is (Return.LAPSED if self.is_over else Return.RETURNED)
        if self.is_over:
            self.post(-1)

    @rule(quantity=st.integers(-3, 3).filter(bool))
    def adjust(self, quantity: int) -> None:
        try:
            adjust_incidents(
                contract=self.contract,
                quantity=quantity,
                reason="correction",
                by=self.dana,
                now=self.now,
            )
        except BalanceTooLow:
            assert self.left + quantity < 0
        else:
            assert self.left + quantity >= 0
            self.post(quantity)

    @rule()
    def expire(self) -> None:
        entry = expire_contract(contract_pk=self.contract.pk, now=self.now)
        assert (entry is not None) == (self.is_over and self.left > 0)
        if entry is not None:
            self.post(-self.left)

    @precondition(lambda self: not self.is_cancelled)
    @rule()
    def renew(self) -> None:
        renewed = renew_contract(contract=self.contract, by=None, now=self.now)
        if self.left:
            self.post(-self.left)
        self.post(3)
        assert renewed.ends_on is not None
        self.ends_on = renewed.ends_on

    @precondition(lambda self: not self.is_cancelled)
    @rule(stops=st.booleans())
    def suspend_or_resume(self, stops: bool) -> None:
        deed = suspend_contract if stops else resume_contract
        deed(contract=self.contract, by=None, now=self.now)
        self.is_suspended = stops

    @rule()
    def cancel(self) -> None:
        cancel_contract(contract=self.contract, by=None, now=self.now)
        self.is_cancelled = True

    @rule(days=st.sampled_from([1, 200, 400]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def the_books_balance(self) -> None:
        row = Contract.objects.get(pk=self.contract.pk)
        assert (row.incidents_left, row.entry_count) == (self.left, self.count)
        assert breaches() == []


@pytest.mark.shows("S13.1", "S13.2", "S13.3", "S13.6", "I1")
@pytest.mark.slow("twenty-five histories, each checked after every step")
def test_the_books_balance_after_any_history() -> None:
    run_state_machine_as_test(
        Ledger, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
