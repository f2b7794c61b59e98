"""The base other tests stand on: the cast and the factories make what they say."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from opora.contracts.models import IncidentEntry
from tests import cast, factories

pytestmark = pytest.mark.django_db


def test_everybody_can_be_there_at_once() -> None:
    everybody = cast.whole_cast()
    assert everybody.alice.full_name == "Alice Ames"
    assert [
        everybody.dana.is_agent,
        everybody.eve.is_administrator,
        everybody.charlie.is_agent,
    ] == [
        True,
        True,
        False,
    ]
    assert everybody.walter.login_email is None
    assert not everybody.walter.has_usable_password()
    assert everybody.alice.check_password(factories.PASSWORD)


def test_a_contract_carries_the_entry_that_grants_its_incidents() -> None:
    alice = factories.account()
    contract = factories.contract(incidents=3, registered_to=(alice,))
    entry = contract.entries.get()
    assert (entry.quantity, entry.balance_after, contract.incidents_left) == (3, 3, 3)
    assert contract.registrations.get().account == alice


def test_a_ledger_entry_is_never_deleted() -> None:
    contract = factories.contract()
    with pytest.raises(IntegrityError), transaction.atomic():
        contract.entries.all().delete()
    assert IncidentEntry.objects.count() == 1


def test_a_case_is_read_by_its_contacts_and_paid_by_an_incident() -> None:
    alice, bob = cast.alice(), cast.bob()
    case = factories.case(submitted_by=alice, others=(bob,))
    assert {reader.account for reader in case.readers.all()} == {alice, bob}
    assert case.contract.entries.filter(case_number=case.number).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_after_it_even_the_ledger() -> None:
    assert IncidentEntry.objects.count() == 0
    factories.contract()
    assert IncidentEntry.objects.count() == 1


test_and_again = test_what_a_test_commits_is_gone_after_it_even_the_ledger
