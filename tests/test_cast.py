"""The base other tests stand on: the cast and the factories make what they say."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from opora.contracts.models import IncidentEntry
from tests import factories
from tests.cast import whole_cast

pytestmark = pytest.mark.django_db


def test_everybody_can_be_there_at_once() -> None:
    cast = whole_cast()
    assert cast.alice.full_name == "Alice Ames"
    assert [cast.dana.is_agent, cast.eve.is_administrator, cast.charlie.is_agent] == [
        True,
        True,
        False,
    ]
    assert cast.walter.login_email is None
    assert not cast.walter.has_usable_password()
    assert cast.alice.check_password(factories.PASSWORD)


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


@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_after_it_even_the_ledger() -> None:
    assert IncidentEntry.objects.count() == 0
    factories.contract()
    assert IncidentEntry.objects.count() == 1


test_and_again = test_what_a_test_commits_is_gone_after_it_even_the_ledger
