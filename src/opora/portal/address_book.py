"""People an account has worked with, offered where it names contacts: a list beside the address,
and names filled in for an address that is in it. Works without script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from opora.accounts.models import Account
from opora.cases.queries import Known, known_to
from opora.cases.texts import key_of


@dataclass(frozen=True)
class AddressBook:
    people: list[Known] = field(default_factory=list)

    @classmethod
    def of(cls, account: Account) -> AddressBook:
        return cls(known_to(account))

    def completed(self, person: Mapping[str, str]) -> dict[str, str]:
        """The person with the names that stand in the book, if only an address was given."""
        given = dict(person)
        if lacks_names(given):
            key = key_of(given.get("email", ""))
            known = next((one for one in self.people if key and one.email_key == key), None)
            if known is not None:
                given |= {"given_name": known.given_name, "family_name": known.family_name}
        return given


def lacks_names(person: Mapping[str, str]) -> bool:
    """Whether an address was given and no name."""
    names = person.get("given_name", "").strip() or person.get("family_name", "").strip()
    return bool(person.get("email", "").strip()) and not names


def completed_for(account: Account, person: Mapping[str, str]) -> dict[str, str]:
    """The same out of the account's own book, which is only read if a name is missing."""
    return AddressBook.of(account).completed(person) if lacks_names(person) else dict(person)


def answers_completed(account: Account, answers: Mapping[str, Any]) -> dict[str, Any]:
    """A draft's answers with the names of people who are known by their address alone."""
    people = [answers["primary_contact"], *answers["additional_contacts"]]
    if not any(lacks_names(person) for person in people):
        return dict(answers)
    book = AddressBook.of(account)
    primary, *others = [dict(person) | book.completed(person) for person in people]
    return dict(answers) | {"primary_contact": primary, "additional_contacts": others}
