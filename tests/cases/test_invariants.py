"""Each breach that `opora verify` is there for is found, and named (I2, I4, I6)."""

from __future__ import annotations

from typing import Any

import pytest

from opora.accounts.models import Account, Membership, Organization
from opora.cases.models import Case, CaseContact, CaseReader, ContactBinding, Message
from tests import cast, factories
from tests.cases.world import HOUR, breaches, new_case, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def case_with_all() -> Case:
    return waiting(new_case(submitted_by=cast.alice(), others=(cast.bob(),)), cast.dana())


def drop_a_reader(case: Case) -> None:
    CaseReader.objects.filter(case=case).order_by("pk").first().delete()  # type: ignore[union-attr]


def add_a_reader(case: Case) -> None:
    CaseReader.objects.create(
        case=case,
        account=cast.charlie(),
        is_customers_turn=True,
        last_activity_at=case.last_activity_at,
    )


def call_a_member_a_contact(case: Case) -> None:
    CaseReader.objects.create(
        case=case,
        account=member_of_a_group_of(case),
        is_contact=False,
        is_customers_turn=True,
        last_activity_at=case.last_activity_at,
    )
    assert breaches() == []
    CaseReader.objects.update(is_contact=True)


def keep_it_from_a_member(case: Case) -> None:
    member_of_a_group_of(case)


def let_a_stranger_into_a_group(case: Case) -> None:
    member_of_a_group_of(case)
    Membership.objects.all().delete()


def member_of_a_group_of(case: Case) -> Account:
    """Somebody in a group that the case is given past its deeds."""
    company = factories.organization()
    Organization.objects.filter(pk=company.pk).update(has_groups=True)
    group = company.groups.create(name="Team", name_key="team", created_at=NOW)
    member = factories.account()
    factories.membership(member, company)
    group.members.create(account=member, added_at=NOW)
    Case.objects.filter(pk=case.pk).update(group=group)
    return member


def bind_without_proof(case: Case) -> None:
    ContactBinding.objects.update(account=factories.account(proved=False))
    CaseReader.objects.filter(case=case).delete()


def rename_the_number(case: Case) -> None:
    Case.objects.update(number="2611239999999999")


def demote(case: Case) -> None:
    CaseContact.objects.update(role="additional")


def age_a_copy(case: Case) -> None:
    CaseReader.objects.update(last_activity_at=NOW - HOUR)


def forget_the_turn(case: Case) -> None:
    CaseReader.objects.update(is_customers_turn=False)


def change_sides(case: Case) -> None:
    Message.objects.update(author=cast.charlie())


def forget_the_response(case: Case) -> None:
    Case.objects.update(first_responded_at=None)


def move_the_response(case: Case) -> None:
    Case.objects.update(first_responded_at=NOW)


def claim_a_return(case: Case) -> None:
    Case.objects.update(unit_returned_at=NOW)


def forget_owning(case: Case) -> None:
    Case.objects.update(was_ever_owned=False)


@pytest.mark.shows("I2", "I4", "I6")
@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (drop_a_reader, "I6 readers"),
        (add_a_reader, "I6 readers"),
        (call_a_member_a_contact, "I6 readers"),
        (keep_it_from_a_member, "I6 readers"),
        (let_a_stranger_into_a_group, "I6 groups"),
        (age_a_copy, "I6 readers"),
        (forget_the_turn, "I6 readers"),
        (bind_without_proof, "I6 bindings"),
        (rename_the_number, "I2 pairing"),
        (claim_a_return, "I2 pairing"),
        (demote, "I4 cases"),
        (forget_the_response, "I4 cases"),
        (move_the_response, "I4 cases"),
        (forget_owning, "I4 cases"),
        (change_sides, "I4 messages"),
    ],
)
def test_damage_is_found_and_named(damage: Any, check: str) -> None:
    case = case_with_all()
    assert breaches() == []

    damage(case)

    assert any(told.startswith(check) for told in breaches()), breaches()
