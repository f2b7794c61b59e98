"""Who is on a case, who may change that, and which accounts they are (S8.3, S8.4, AC-13)."""

from __future__ import annotations

from typing import Any

import pytest

from opora.accounts.actions import prove_address, release_address
from opora.accounts.models import Account, ProvedAddress
from opora.cases.actions import (
    add_contact,
    bind_contacts,
    close_case,
    remove_contact,
    replace_primary,
    take_case,
    write_message,
)
from opora.cases.errors import (
    AlreadyAContact,
    NotAllowed,
    PhoneRequired,
    PrimaryContactStays,
)
from opora.cases.models import Case, CaseContact, CaseReader, ContactBinding
from opora.cases.queries import case_for
from opora.core.errors import InvalidInput, NotFound
from opora.core.models import Job
from tests import cast, factories
from tests.cases.world import HOUR, breaches, fresh, jobs, lines, mailed_to, new_case
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Account, bob: Account) -> Case:
    """Alice is the primary contact, Bob an additional one."""
    made = new_case(submitted_by=alice, others=(bob,))
    Job.objects.all().delete()
    return made


def person(account: Account) -> dict[str, Any]:
    return {
        "given_name": account.person.given_name,
        "family_name": account.person.family_name,
        "email": account.email,
    }


def roles(case: Case) -> dict[str, str]:
    return dict(CaseContact.objects.filter(case=case).values_list("email", "role"))


def readers(case: Case) -> set[int]:
    return set(CaseReader.objects.filter(case=case).values_list("account", flat=True))


def contact(case: Case, account: Account) -> CaseContact:
    return case.contacts.get(email=account.email)


@pytest.mark.shows("S8.3", "S6.9")
def test_any_contact_adds_another_who_gets_a_notice_without_content(
    case: Case, bob: Account, charlie: Account
) -> None:
    add_contact(case=case, **person(charlie), by=bob, now=NOW + HOUR)

    assert case_for(charlie, case.number) == case
    [notice] = jobs()
    assert (notice.kind, mailed_to("mail.contact_added", case)) == (
        "mail.contact_added",
        ["charlie@example.net"],
    )
    assert set(notice.payload) == {"case", "contact"}
    assert breaches() == []


@pytest.mark.shows("S8.3", "AC-01")
def test_strangers_and_agents_add_no_additional_contacts(
    case: Case, charlie: Account, dana: Account
) -> None:
    take_case(case=case, by=dana, now=NOW)
    with pytest.raises(NotFound):
        add_contact(case=case, **person(charlie), by=charlie, now=NOW)
    with pytest.raises(NotAllowed):
        add_contact(case=case, **person(charlie), by=dana, now=NOW)

    assert len(roles(case)) == 2


@pytest.mark.shows("S8.3", "S8.4")
@pytest.mark.parametrize("email", ["bob@example.com", "BOB@EXAMPLE.COM", " bob@example.com "])
def test_an_address_stands_once_per_case(case: Case, alice: Account, email: str) -> None:
    with pytest.raises(AlreadyAContact):
        add_contact(case=case, given_name="B", family_name="", email=email, by=alice, now=NOW)

    assert len(roles(case)) == 2


@pytest.mark.shows("S8.4", "AU-16")
def test_what_is_no_name_or_address_is_named_by_field(case: Case, alice: Account) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_contact(
            case=case, given_name=" ", family_name="\x07", email="a@b", by=alice, now=NOW, phone="?"
        )

    fields = [error["field"] for error in refused.value.errors]
    assert sorted(fields) == ["email", "family_name", "given_name", "phone"]
    with pytest.raises(PhoneRequired):
        add_contact(
            case=case,
            given_name="C",
            family_name="",
            email="c@example.com",
            by=alice,
            now=NOW,
            preferred_contact="phone",
        )
    assert len(roles(case)) == 2


# --- Removing ------------------------------------------------------------------------------------


@pytest.mark.shows("S8.3", "AC-13")
def test_whoever_is_removed_sees_nothing_from_the_next_call_and_gets_no_mail(
    case: Case, alice: Account, bob: Account, dana: Account
) -> None:
    write_message(case=case, body="Hello.", by=dana, now=NOW)
    assert mailed_to("mail.case_message", case) == ["alice@example.com", "bob@example.com"]

    remove_contact(case=case, contact=contact(case, bob), by=alice, now=NOW + HOUR)

    with pytest.raises(NotFound):
        case_for(bob, case.number)
    assert mailed_to("mail.case_message", case) == ["alice@example.com"]
    assert len(jobs("mail.case_message", state="cancelled")) == 1
    assert lines(case)[-1] == "case.contact_removed"
    assert breaches() == []


@pytest.mark.shows("S8.3")
def test_additional_contacts_remove_themselves_and_nobody_else(
    case: Case, alice: Account, bob: Account, charlie: Account
) -> None:
    add_contact(case=case, **person(charlie), by=alice, now=NOW)
    with pytest.raises(NotAllowed):
        remove_contact(case=case, contact=contact(case, charlie), by=bob, now=NOW)
    with pytest.raises(NotAllowed):
        remove_contact(case=case, contact=contact(case, alice), by=bob, now=NOW)
    assert len(roles(case)) == 3

    remove_contact(case=case, contact=contact(case, bob), by=bob, now=NOW)
    assert readers(case) == {alice.pk, charlie.pk}


@pytest.mark.shows("S8.3")
def test_the_primary_contact_is_removed_by_nobody(
    case: Case, alice: Account, dana: Account
) -> None:
    take_case(case=case, by=dana, now=NOW)
    for somebody in (alice, dana):
        with pytest.raises(PrimaryContactStays):
            remove_contact(case=case, contact=contact(case, alice), by=somebody, now=NOW)

    assert readers(case) >= {alice.pk}


@pytest.mark.shows("S8.3")
def test_the_owning_agent_removes_additional_contacts_and_other_agents_do_not(
    case: Case, bob: Account, dana: Account
) -> None:
    with pytest.raises(NotAllowed):
        remove_contact(case=case, contact=contact(case, bob), by=dana, now=NOW)
    take_case(case=case, by=dana, now=NOW)
    with pytest.raises(NotAllowed):
        remove_contact(case=case, contact=contact(case, bob), by=cast.eve(), now=NOW)
    assert len(roles(case)) == 2

    remove_contact(case=case, contact=contact(case, bob), by=dana, now=NOW)
    assert len(roles(case)) == 1


@pytest.mark.shows("AC-03")
def test_a_contact_of_another_case_is_not_found(case: Case, alice: Account) -> None:
    other = new_case(submitted_by=alice, others=(factories.account(),))
    foreign = other.contacts.get(role="additional")

    with pytest.raises(NotFound):
        remove_contact(case=case, contact=foreign, by=alice, now=NOW)

    assert other.contacts.count() == 2


def test_whoever_is_behind_two_contacts_keeps_reading_when_one_is_removed(
    case: Case, alice: Account, bob: Account
) -> None:
    prove_address(account=bob, address="robert@example.org", how="mail", now=NOW)
    twin = add_contact(
        case=case,
        given_name="Robert",
        family_name="B",
        email="robert@example.org",
        by=alice,
        now=NOW,
    )
    remove_contact(case=case, contact=twin, by=alice, now=NOW)

    assert readers(case) == {alice.pk, bob.pk}
    assert breaches() == []


# --- The primary contact ------------------------------------------------------------------------


@pytest.mark.shows("S8.3")
def test_the_primary_hands_over_and_becomes_additional(
    case: Case, alice: Account, charlie: Account
) -> None:
    add_contact(
        case=case, **person(charlie), role="primary", language="cs", by=alice, now=NOW + HOUR
    )

    assert roles(case) == {
        "alice@example.com": "additional",
        "bob@example.com": "additional",
        "charlie@example.net": "primary",
    }
    assert fresh(case).language == "cs"
    with pytest.raises(NotAllowed):
        replace_primary(case=case, **person(alice), by=alice, now=NOW + HOUR)
    assert breaches() == []


@pytest.mark.shows("S8.3")
def test_an_additional_contact_becomes_the_primary(
    case: Case, alice: Account, bob: Account
) -> None:
    replace_primary(case=case, **person(bob), by=alice, now=NOW)

    assert roles(case) == {"alice@example.com": "additional", "bob@example.com": "primary"}
    assert readers(case) == {alice.pk, bob.pk}
    assert jobs("mail.contact_added") == []
    with pytest.raises(AlreadyAContact):
        replace_primary(case=case, **person(bob), by=bob, now=NOW)
    assert breaches() == []


@pytest.mark.shows("S8.3")
def test_the_owning_agent_replaces_the_primary_and_nobody_else_does(
    case: Case, bob: Account, charlie: Account, dana: Account
) -> None:
    for somebody in (bob, dana, cast.eve()):
        with pytest.raises(NotAllowed):
            replace_primary(case=case, **person(charlie), by=somebody, now=NOW)
    take_case(case=case, by=dana, now=NOW)
    replace_primary(case=case, **person(charlie), by=dana, now=NOW)

    assert roles(case)["charlie@example.net"] == "primary"
    assert breaches() == []


# --- Accounts behind contacts ------------------------------------------------------------------


@pytest.mark.shows("S8.4")
def test_a_contact_who_signs_up_later_reads_once_the_address_is_proved(
    case: Case, alice: Account
) -> None:
    add_contact(
        case=case,
        given_name="Nina",
        family_name="New",
        email="Nina@Example.com",
        by=alice,
        now=NOW,
    )
    nina = factories.account("nina@example.com", proved=False)
    assert bind_contacts(account=nina, now=NOW) == 0
    assert readers(case).isdisjoint({nina.pk})

    prove_address(account=nina, address="nina@example.com", how="mail", now=NOW)
    assert [job.payload for job in jobs("account.address_proved")] == [{"account": nina.pk}]
    assert bind_contacts(account=nina, now=NOW) == 1
    assert bind_contacts(account=nina, now=NOW) == 0
    assert readers(case) >= {nina.pk}
    assert breaches() == []


@pytest.mark.shows("S8.4")
def test_a_changed_address_keeps_the_binding_and_gives_its_next_owner_nothing(
    case: Case, bob: Account
) -> None:
    release_address(account=bob, address=bob.email, by=bob, now=NOW)
    heir = factories.account("heir@example.com")
    work_heir = cast.walter()
    for account in (heir, work_heir):
        ProvedAddress.objects.create(
            account=account, address_key="bob@example.com", how="mail", proved_at=NOW + HOUR
        )
        bind_contacts(account=account, now=NOW + HOUR)

    assert readers(case) >= {bob.pk}
    assert readers(case).isdisjoint({heir.pk, work_heir.pk})
    assert breaches() == []


@pytest.mark.shows("S8.4")
def test_a_contact_is_bound_to_one_account_of_each_kind(case: Case, alice: Account) -> None:
    walter = cast.walter()
    twin = factories.account(walter.email)
    second = factories.account("second@example.com")
    ProvedAddress.objects.create(
        account=second, address_key=walter.email_key, how="mail", proved_at=NOW + HOUR
    )
    added = add_contact(case=case, **person(walter), by=alice, now=NOW + 2 * HOUR)

    bound = ContactBinding.objects.filter(contact=added).values_list("account", flat=True)
    assert set(bound) == {walter.pk, twin.pk}
    assert readers(case) >= {walter.pk, twin.pk}
    assert breaches() == []


@pytest.mark.shows("S8.1")
def test_an_agents_address_on_a_case_gives_the_agent_no_readers_row(
    case: Case, alice: Account, dana: Account
) -> None:
    add_contact(case=case, **person(dana), by=alice, now=NOW)

    assert readers(case).isdisjoint({dana.pk})
    assert breaches() == []


def test_contacts_of_a_closed_case_may_still_leave(
    case: Case, alice: Account, bob: Account
) -> None:
    close_case(case=case, outcome="solved", by=alice, now=NOW)
    remove_contact(case=case, contact=contact(case, bob), by=bob, now=NOW + HOUR)

    assert readers(case) == {alice.pk}
    assert breaches() == []
