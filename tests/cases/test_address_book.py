"""Whom an account may be offered as a contact: people of its own requests, nobody else (AC-11)."""

from __future__ import annotations

import pytest

from opora.accounts.models import Account
from opora.cases.actions import add_contact, remove_contact
from opora.cases.intake import AdditionalContact, PrimaryContact
from opora.cases.queries import known_to
from tests import cast, factories
from tests.cases.world import HOUR, new_case
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def addresses(account: Account) -> list[str]:
    return [one.email for one in known_to(account)]


@pytest.mark.shows("S6.6", "AC-11")
def test_it_holds_whom_the_account_named_and_whom_it_shares_a_request_with(alice: Account) -> None:
    bob, charlie = cast.bob(), cast.charlie()
    new_case(submitted_by=alice, others=(bob,))
    new_case(submitted_by=charlie)
    new_case(submitted_by=charlie, others=(factories.account("stranger@example.com"),))

    assert addresses(alice) == ["bob@example.com"]
    assert addresses(bob) == ["alice@example.com"]
    assert addresses(charlie) == ["stranger@example.com"]


@pytest.mark.shows("S6.7", "AC-11")
def test_who_submits_for_a_colleague_knows_whom_they_named_and_not_who_came_later(
    alice: Account,
) -> None:
    bob, charlie = cast.bob(), cast.charlie()
    case = new_case(
        submitted_by=alice,
        primary_contact=PrimaryContact(given_name="Bob", family_name="Burke", email=bob.email),
    )
    add_contact(case=case, given_name="C", family_name="Cole", email=charlie.email, by=bob, now=NOW)

    assert addresses(alice) == ["bob@example.com"]


@pytest.mark.shows("AC-11", "AC-13")
def test_who_was_taken_off_loses_the_people_of_the_request(alice: Account) -> None:
    bob = cast.bob()
    case = new_case(submitted_by=alice, others=(bob,))
    [contact] = case.contacts.filter(email=bob.email)
    remove_contact(case=case, contact=contact, by=alice, now=NOW + HOUR)

    assert addresses(bob) == []


@pytest.mark.shows("S6.6")
def test_each_address_stands_once_as_it_was_written_last(alice: Account) -> None:
    for name in ("Jan", "Johann"):
        other = AdditionalContact(given_name=name, family_name="Maly", email="JAN@example.com")
        new_case(submitted_by=alice, additional_contacts=(other,))

    [known] = known_to(alice)
    assert (known.full_name, known.email) == ("Johann Maly", "JAN@example.com")


def test_costs_two_statements(alice: Account) -> None:
    new_case(submitted_by=alice, others=(cast.bob(),))
    known_to(alice)
    with statements() as seen:
        known_to(alice)
    assert len(seen) == 2
