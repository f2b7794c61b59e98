"""Who may open a contract's statement, and all of its lines in pieces."""

from __future__ import annotations

from itertools import chain

import pytest

from opora.contracts import statements as module
from opora.contracts.actions import consume_incident, end_registration, revoke_registration
from opora.contracts.sharing import registrants_of
from opora.contracts.statements import lines_from, open_contract
from opora.core.errors import NotFound
from tests import cast, factories
from tests.counting import cost
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.shows("S13.4", "S14.3", "AC-01")
def test_registrants_and_managers_open_it_and_nobody_else() -> None:
    people = cast.whole_cast()
    contract = factories.contract(registered_to=(people.alice, people.bob))
    contract.managers.create(account=people.walter)
    contract.managers.create(account=people.bob)
    key = contract.public_id.hex
    for account, is_registered, is_manager in (
        (people.alice, True, False),
        (people.bob, True, True),
        (people.walter, False, True),
        (people.dana, False, True),
    ):
        opened = open_contract(account, key)
        assert opened.contract == contract
        assert (opened.registered_at is not None, opened.is_manager) == (is_registered, is_manager)
    for account, text in ((people.charlie, key), (people.alice, "0" * 32), (people.alice, "x")):
        with pytest.raises(NotFound):
            open_contract(account, text)


@pytest.mark.shows("S2.5", "S14.3")
def test_the_statement_is_gone_with_the_registration() -> None:
    alice, bob, dana = cast.alice(), cast.bob(), cast.dana()
    contract = factories.contract(registered_to=(alice, bob))
    end_registration(account=alice, contract=contract, by=alice, now=NOW)
    revoke_registration(account=bob, contract=contract, by=dana, now=NOW)
    for account in (alice, bob):
        with pytest.raises(NotFound):
            open_contract(account, contract.public_id.hex)
    assert registrants_of(contract, live=True).items == []
    assert len(registrants_of(contract).items) == 2


def test_registrants_are_the_newest_and_say_that_there_are_more() -> None:
    alice, bob = cast.alice(), cast.bob()
    contract = factories.contract(registered_to=(alice,))
    factories.registration(contract, bob, at=NOW)
    found = registrants_of(contract, limit=1, live=True)
    assert [one.account.email for one in found.items] == ["bob@example.com"]
    rest = registrants_of(contract, found.next, limit=1, live=True)
    assert [one.account.email for one in rest.items] == ["alice@example.com"]
    assert rest.next is None


def test_every_line_comes_once_oldest_first_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 3)
    alice, bob = cast.alice(), cast.bob()
    contract = factories.contract(incidents=9, registered_to=(alice, bob))
    for number in range(6):
        consume_incident(
            contract_pk=contract.pk,
            case_number=str(number),
            by=(alice, bob)[number % 2],
            now=NOW,
        )
    pieces = list(lines_from(contract, 1))
    assert [len(piece) for piece in pieces] == [3, 3, 1]
    lines = list(chain.from_iterable(pieces))
    assert [line.sequence for line in lines] == [1, 2, 3, 4, 5, 6, 7]
    assert [line.by_name for line in lines[:3]] == ["Opora", "Alice Ames", "Bob Burke"]
    assert [line.sequence for line in chain.from_iterable(lines_from(contract, 6))] == [6, 7]
    assert list(lines_from(contract, 8)) == []


def test_a_piece_costs_two_statements() -> None:
    alice = cast.alice()
    contract = factories.contract(incidents=50, registered_to=(alice,))
    for number in range(40):
        consume_incident(contract_pk=contract.pk, case_number=str(number), by=alice, now=NOW)
    assert cost(lambda: list(lines_from(contract, 1))) == 2
