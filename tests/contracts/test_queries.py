"""Reading contracts: who sees which, in what order, and at what cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from opora.accounts.models import Account, Membership
from opora.catalog.queries import subject_of
from opora.contracts.actions import consume_incident, grant_benefit
from opora.contracts.errors import ContractNotRegistered, UnknownContract
from opora.contracts.models import Contract, Registration
from opora.contracts.queries import (
    contract_for,
    contract_named,
    contracts_of,
    coverage,
    managed_contract,
    manages,
    people_to_warn,
    plan_for,
    registered_contract,
    statement,
    status_of,
)
from opora.core.errors import InvalidInput, NotFound
from tests import cast, factories
from tests.counting import cost
from tests.factories import NOW

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.mark.shows("S4.1", "AC-05")
def test_a_contract_is_found_by_whoever_registered_it_only() -> None:
    alice, charlie = cast.alice(), cast.charlie()
    contract = factories.contract(registered_to=(alice,))
    key = contract.public_id.hex
    assert contract_for(alice, key) == contract
    assert registered_contract(alice, key).contract == contract
    for stranger, text in ((charlie, key), (alice, "0" * 32), (alice, "x"), (alice, "")):
        with pytest.raises(ContractNotRegistered):
            contract_for(stranger, text)
        with pytest.raises(NotFound):
            registered_contract(stranger, text)
    Registration.objects.update(ended_at=NOW)
    with pytest.raises(ContractNotRegistered):
        contract_for(alice, key)


def test_an_operator_names_a_contract_by_its_number_or_by_its_id() -> None:
    contract = factories.contract()
    Contract.objects.update(contract_id="123456789012")
    grant = grant_benefit(
        plan_code=factories.plan_version("plan").plan.code, holder="X", by=None, now=NOW
    )
    assert contract_named("1234-5678-9012") == contract
    assert contract_named(" 123456789012 ") == contract
    assert contract_named(contract.public_id.hex) == contract
    assert contract_named(grant.public_id.hex.upper()) == grant
    for text in ("", "nope", "1234-5678-9013", "0" * 32):
        with pytest.raises(UnknownContract):
            contract_named(text)


@pytest.mark.shows("S14.3")
def test_managers_are_named_made_or_of_the_organization_and_agents_act_too() -> None:
    cast_ = cast.whole_cast()
    contract = factories.contract(holder=cast.contoso())
    key = contract.public_id.hex
    contract.managers.create(account=cast_.alice)
    assert manages(cast_.alice, contract)
    assert manages(cast_.dana, contract)
    assert not manages(cast_.walter, contract)
    Membership.objects.filter(account=cast_.walter).update(role=Membership.Role.MANAGER)
    assert manages(cast_.walter, contract)
    assert managed_contract(cast_.walter, key) == contract
    for account, text in ((cast_.charlie, key), (cast_.alice, "x")):
        with pytest.raises(NotFound):
            managed_contract(account, text)
    factories.registration(contract, cast_.bob)
    assert people_to_warn(contract) == sorted([cast_.alice.pk, cast_.bob.pk, cast_.walter.pk])


def registered(account: Account, number: int) -> list[Contract]:
    terms = factories.plan_version()
    made = []
    for at in range(number):
        contract = factories.contract(terms=terms)
        factories.registration(contract, account, at=NOW - timedelta(hours=at // 2))
        made.append(contract)
    return made


def test_the_list_is_walked_by_pages_newest_first_each_contract_once() -> None:
    alice = cast.alice()
    registered(alice, 7)
    factories.contract(registered_to=(cast.bob(),))
    seen: list[Registration] = []
    cursor = None
    for _page in range(3):
        page = contracts_of(alice, after=cursor, limit=3)
        seen += page.items
        cursor = page.next
    assert cursor is None
    assert seen == sorted(seen, key=lambda row: (row.registered_at, row.pk), reverse=True)
    assert len({row.contract_id for row in seen}) == 7
    with pytest.raises(InvalidInput):
        contracts_of(alice, after="made-up")


def test_two_contracts_or_twenty_cost_the_same_statements() -> None:
    alice, bob = cast.alice(), cast.bob()
    registered(alice, 2)
    registered(bob, 20)
    subject = subject_of(factories.version(), TODAY)

    def both(account: Account) -> list[int]:
        def read() -> None:
            for row in contracts_of(account).items:
                status_of(row.contract, TODAY)
                assert row.contract.plan_version.plan.names

        def judge() -> None:
            found = coverage(account, subject, now=NOW)
            assert [one.decision.codes for one in found.usable]

        return [cost(read), cost(judge)]

    assert both(alice) == both(bob) == [1, 1]


@pytest.mark.shows("S6.2", "S4.1", "S4.2", "S4.3", "S2.5")
def test_step_two_lists_what_is_usable_by_end_and_the_rest_with_every_reason() -> None:
    alice = cast.alice()
    late = factories.contract(ends_on=date(2027, 6, 1), registered_to=(alice,))
    soon = factories.contract(ends_on=date(2026, 12, 1), registered_to=(alice,))
    over = factories.contract(ends_on=date(2026, 11, 1), registered_to=(alice,))
    empty = factories.contract(incidents=0, suspended_at=NOW, registered_to=(alice,))
    factories.contract(registered_to=(cast.bob(),))
    found = coverage(alice, subject_of(factories.version(), TODAY), now=NOW)
    assert [contract for contract, _decision in found.usable] == [soon, late]
    assert {c.pk: d.codes for c, d in found.unavailable} == {
        over.pk: ("expired",),
        empty.pk: ("suspended", "no-incidents-left"),
    }
    assert set(found.registered_at) == {late.pk, soon.pk, over.pk, empty.pk}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, "active"),
        ({"incidents": 0}, "exhausted"),
        ({"incidents": 0, "ends_on": date(2026, 11, 22)}, "expired"),
        ({"starts_on": date(2026, 11, 24)}, "not_started"),
        ({"starts_on": date(2026, 11, 24), "suspended_at": NOW}, "suspended"),
        ({"suspended_at": NOW, "cancelled_at": NOW}, "cancelled"),
    ],
)
def test_the_status_is_the_first_that_holds(facts: dict[str, Any], status: str) -> None:
    assert status_of(factories.contract(**facts), TODAY) == status


def test_a_benefit_that_is_not_activated_says_so_unless_suspended_or_cancelled() -> None:
    grant = Contract(incidents_granted=5)
    assert status_of(grant, TODAY) == "not_activated"
    grant.suspended_at = NOW
    assert status_of(grant, TODAY) == "suspended"


@pytest.mark.shows("S13.4")
def test_the_statement_says_who_used_what_for_which_request_newest_first() -> None:
    alice, bob, charlie, dana = cast.alice(), cast.bob(), cast.charlie(), cast.dana()
    contract = factories.contract(incidents=4, registered_to=(alice, bob))
    for number, account in enumerate((alice, bob, alice)):
        consume_incident(contract_pk=contract.pk, case_number=str(number), by=account, now=NOW)
    page = statement(contract, bob, limit=3)
    assert [(line.by_name, line.case_number, line.balance) for line in page.items] == [
        ("Alice Ames", "2", 1),
        ("Bob Burke", "1", 2),
        ("Alice Ames", "0", 3),
    ]
    (last,) = statement(contract, bob, after=page.next, limit=3).items
    assert (last.kind, last.quantity, last.by_name) == ("granted", 4, "Opora")
    assert last.reason_text == "The contract was activated."
    assert len(statement(contract, dana).items) == 4
    with pytest.raises(NotFound):
        statement(contract, charlie)
    assert cost(lambda: statement(contract, bob, limit=1)) == cost(
        lambda: statement(contract, bob, limit=4)
    )


def test_an_unknown_plan_names_its_field() -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_for("nope")
    assert refused.value.errors == [
        {"field": "plan", "message": "There is no support plan “nope”."}
    ]
