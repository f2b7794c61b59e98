"""Invitation links: single use, three days, kept as a hash; who makes, sees and calls them off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opora.accounts.errors import NotAnAddress
from opora.accounts.models import Account, Membership
from opora.contracts.actions import (
    Invited,
    Issued,
    accept_invitation,
    cancel_contract,
    grant_benefit,
    invite,
    issue_contracts,
    register_contract,
    revoke_invitation,
    revoke_registration,
    rotate_access_id,
    suspend_contract,
)
from opora.contracts.actions.invitations import MAIL, MOST
from opora.contracts.errors import (
    AlreadyRotated,
    ContractAlreadyRegistered,
    ContractIsCancelled,
    ContractNotFound,
    InvitationIsUsed,
    InvitationNotFound,
    NoAccessId,
    NotActivated,
    TooManyInvitations,
)
from opora.contracts.models import Contract, Invitation, Registration
from opora.contracts.sharing import (
    invitation_for,
    invitation_on,
    invitations_to,
    managed_contracts,
    managers_of,
    registrant,
    registrants_of,
    rotation_mark,
    sharing_of,
)
from opora.core.errors import NotFound
from opora.core.models import AuditLine, Job, Throttle
from tests import cast, factories
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def issued(alice: Account) -> Issued:
    """A contract that Alice manages and nobody has added."""
    factories.plan_version("plan")
    return issue_contracts(plan_code="plan", holder="Contoso", managers=[alice], by=None, now=NOW)[
        0
    ]


@pytest.fixture
def invited(issued: Issued, alice: Account) -> Invited:
    return invite(contract=issued.contract, by=alice, now=NOW)


def everything() -> tuple[int, ...]:
    """What must not change where something is refused."""
    return tuple(
        model.objects.count() for model in (Invitation, Registration, AuditLine, Job, Throttle)
    )


@pytest.mark.shows("S14.1", "S2.4")
def test_a_link_adds_the_contract_to_one_account_without_either_id(invited: Invited) -> None:
    bob, charlie = cast.bob(), cast.charlie()
    made = accept_invitation(account=bob, secret=invited.secret, now=LATER)
    assert (made.contract, made.account, made.registered_at) == (
        invited.invitation.contract,
        bob,
        LATER,
    )
    before = everything()
    with pytest.raises(InvitationNotFound):
        accept_invitation(account=charlie, secret=invited.secret, now=LATER)
    assert everything() == before
    line = AuditLine.objects.get(code="registration.begun")
    assert line.facts == {"account": bob.pk, "invitation": invited.invitation.public_id.hex}


@pytest.mark.shows("S14.2", "EN-01")
def test_everybody_who_shares_the_contract_is_told(invited: Invited, alice: Account) -> None:
    accept_invitation(account=cast.bob(), secret=invited.secret, now=LATER)
    told = Job.objects.filter(kind="mail.contract_registered")
    assert [job.payload["account"] for job in told] == [alice.pk]


def test_the_account_that_used_a_link_may_press_again(invited: Invited) -> None:
    bob = cast.bob()
    first = accept_invitation(account=bob, secret=invited.secret, now=LATER)
    before = everything()
    again = accept_invitation(account=bob, secret=invited.secret, now=LATER + timedelta(hours=1))
    assert (again.pk, again.registered_at) == (first.pk, LATER)
    assert everything() == before


@pytest.mark.shows("S2.5")
def test_who_has_the_contract_already_is_told_so_and_the_link_stays(invited: Invited) -> None:
    bob = cast.bob()
    factories.registration(invited.invitation.contract, bob)
    suspend_contract(contract=invited.invitation.contract, by=None, now=NOW)
    with pytest.raises(ContractAlreadyRegistered) as refused:
        accept_invitation(account=bob, secret=invited.secret, now=LATER)
    assert refused.value.status == "suspended"
    made = accept_invitation(account=cast.charlie(), secret=invited.secret, now=LATER)
    assert made.ended_at is None


@pytest.mark.shows("AU-07", "S14.1")
def test_a_secret_has_256_random_bits_and_only_a_keyed_hash_is_kept(invited: Invited) -> None:
    assert len(invited.secret) == 43  # of 64 symbols
    kept = Invitation.objects.get()
    assert len(kept.secret_hash) == 64
    assert invited.secret not in str(Invitation.objects.values().get())
    assert invited.secret not in str(list(Job.objects.values()) + list(AuditLine.objects.values()))
    assert kept.expires_at - kept.made_at == timedelta(hours=72)


@pytest.mark.shows("AU-07")
@pytest.mark.parametrize("blank", ["", " ", "\x00", "\n", "0" * 42, "0" * 44, "š" * 43])
def test_what_is_no_secret_never_matches(invited: Invited, blank: str) -> None:
    Invitation.objects.update(secret_hash="")
    for account in (cast.bob(), cast.charlie()):
        with pytest.raises(InvitationNotFound):
            accept_invitation(account=account, secret=blank, now=NOW)
        with pytest.raises(InvitationNotFound):
            invitation_for(account, blank, now=NOW)
    assert not Registration.objects.exists()


@pytest.mark.shows("AU-07", "S14.1")
def test_a_link_ends_after_three_days(invited: Invited) -> None:
    bob = cast.bob()
    end = NOW + timedelta(hours=72)
    for now in (end, end + timedelta(days=400)):
        with pytest.raises(InvitationNotFound):
            accept_invitation(account=bob, secret=invited.secret, now=now)
    accept_invitation(account=bob, secret=invited.secret, now=end - timedelta(seconds=1))


@pytest.mark.shows("AU-07", "S14.3")
def test_a_link_that_was_called_off_opens_nothing(invited: Invited, alice: Account) -> None:
    bob = cast.bob()
    for nobody in (bob, cast.walter()):
        with pytest.raises(NotFound):
            revoke_invitation(invitation=invited.invitation, by=nobody, now=NOW)
    revoke_invitation(invitation=invited.invitation, by=alice, now=NOW)
    before = everything()
    revoke_invitation(invitation=invited.invitation, by=alice, now=LATER)
    with pytest.raises(InvitationNotFound):
        accept_invitation(account=bob, secret=invited.secret, now=LATER)
    assert everything() == before
    assert Invitation.objects.get().revoked_at == NOW


def test_a_link_that_was_used_cannot_be_called_off(invited: Invited, alice: Account) -> None:
    accept_invitation(account=cast.bob(), secret=invited.secret, now=NOW)
    before = everything()
    with pytest.raises(InvitationIsUsed):
        revoke_invitation(invitation=invited.invitation, by=alice, now=LATER)
    assert everything() == before
    assert Invitation.objects.get().revoked_at is None


@pytest.mark.shows("S14.3")
def test_a_revoked_account_gets_the_neutral_answer_and_uses_no_link_up(
    invited: Invited, alice: Account
) -> None:
    bob, contract = cast.bob(), invited.invitation.contract
    factories.registration(contract, bob)
    revoke_registration(account=bob, contract=contract, by=alice, now=NOW)
    before = everything()
    with pytest.raises(InvitationNotFound):
        invitation_for(bob, invited.secret, now=LATER)
    with pytest.raises(InvitationNotFound):
        accept_invitation(account=bob, secret=invited.secret, now=LATER)
    assert everything() == before
    assert accept_invitation(account=cast.charlie(), secret=invited.secret, now=LATER)


@pytest.mark.shows("S14.2")
def test_links_wait_for_no_throttle_and_count_for_none(invited: Invited, issued: Issued) -> None:
    bob = cast.bob()
    for number in range(10):
        with pytest.raises(ContractNotFound):
            register_contract(
                account=bob,
                access_id="0" * 20,
                contract_id=str(issued.contract.contract_id),
                network=f"10.0.{number}.1",
                now=NOW,
            )
    counted = list(Throttle.objects.order_by("key").values_list("key", "count"))
    for _ in range(20):
        with pytest.raises(InvitationNotFound):
            accept_invitation(account=bob, secret="0" * 43, now=NOW)
    assert accept_invitation(account=bob, secret=invited.secret, now=NOW).ended_at is None
    assert list(Throttle.objects.order_by("key").values_list("key", "count")) == counted


@pytest.mark.shows("S14.3")
def test_managers_and_agents_invite_and_nobody_else(issued: Issued, alice: Account) -> None:
    bob = cast.bob()
    factories.registration(issued.contract, bob)
    before = everything()
    for nobody in (bob, cast.charlie()):
        with pytest.raises(NotFound):
            invite(contract=issued.contract, by=nobody, now=NOW)
    assert everything() == before
    for somebody in (alice, cast.dana(), None):
        invite(contract=issued.contract, by=somebody, now=NOW)
    assert [
        row.made_by and row.made_by.full_name for row in invitations_to(issued.contract).items
    ] == [
        None,
        "Dana Dvořáková",
        "Alice Ames",
    ]


def test_what_cannot_be_shared_has_no_links(alice: Account) -> None:
    factories.plan_version("plan")
    factories.plan_version("ppi", terms={"access_id": False})
    names = {"holder": "Contoso", "managers": [alice], "by": None, "now": NOW}
    bought = issue_contracts(plan_code="ppi", **names)[0].contract  # type: ignore[arg-type]
    benefit = grant_benefit(plan_code="plan", **names)  # type: ignore[arg-type]
    ended = issue_contracts(plan_code="plan", **names)[0].contract  # type: ignore[arg-type]
    cancel_contract(contract=ended, by=None, now=NOW)
    for contract, refusal in (
        (bought, NoAccessId),
        (benefit, NotActivated),
        (ended, ContractIsCancelled),
    ):
        with pytest.raises(refusal):
            invite(contract=contract, by=alice, now=NOW)
    assert not Invitation.objects.exists()


def test_a_typed_address_is_checked_and_mailed_once(issued: Issued, alice: Account) -> None:
    with pytest.raises(NotAnAddress):
        invite(contract=issued.contract, send_to="not an address", by=alice, now=NOW)
    assert not Invitation.objects.exists()
    invited = invite(contract=issued.contract, send_to=" Vera@Example.net ", by=alice, now=NOW)
    (job,) = Job.objects.filter(kind=MAIL)
    assert job.payload == {"invitation": invited.invitation.pk}
    assert invited.invitation.sent_to == "Vera@example.net"
    assert "example.net" not in str(list(AuditLine.objects.values("facts", "target_id")))
    revoke_invitation(invitation=invited.invitation, by=alice, now=NOW)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_so_many_invitations_are_a_mistake(issued: Issued, alice: Account) -> None:
    for _ in range(MOST):
        invite(contract=issued.contract, by=alice, now=NOW)
    with pytest.raises(TooManyInvitations) as refused:
        invite(contract=issued.contract, by=alice, now=LATER)
    assert refused.value.limit == Invitation.objects.count() == 50
    assert invite(contract=issued.contract, by=alice, now=NOW + timedelta(hours=72))


@pytest.mark.shows("F-28")
@pytest.mark.parametrize("send_to", ["", "vera@example.net"])
def test_links_of_an_older_secret_are_accepted_until_it_is_given_up(
    issued: Issued, alice: Account, settings: object, send_to: str
) -> None:
    first, second = (
        invite(contract=issued.contract, send_to=send_to, by=alice, now=NOW) for _ in range(2)
    )
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "a newer secret"  # type: ignore[attr-defined]
    assert accept_invitation(account=cast.bob(), secret=first.secret, now=NOW)
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    with pytest.raises(InvitationNotFound):
        accept_invitation(account=cast.charlie(), secret=second.secret, now=NOW)


# --- Questions -----------------------------------------------------------------------------------
@pytest.mark.shows("S14.3")
def test_a_registrant_learns_only_that_others_exist(issued: Issued, alice: Account) -> None:
    bob, charlie = cast.bob(), cast.charlie()
    factories.registration(issued.contract, bob)
    assert sharing_of(issued.contract, bob, is_manager=False).has_others is False
    factories.registration(issued.contract, charlie)
    about = sharing_of(issued.contract, bob, is_manager=False)
    assert (about.is_manager, about.has_others) == (False, True)


@pytest.mark.parametrize("number", [3, 30])
def test_lists_cost_the_same_for_any_number(issued: Issued, alice: Account, number: int) -> None:
    for place in range(number):
        row = factories.registration(
            issued.contract, factories.account(), at=NOW - timedelta(minutes=place)
        )
        Invitation.objects.create(
            contract=issued.contract,
            secret_hash=f"{place}",
            made_by=alice,
            made_at=NOW - timedelta(minutes=place),
            expires_at=NOW + timedelta(hours=1),
            used_by=row.account,
            used_at=NOW - timedelta(minutes=place),
        )
    with statements() as seen:
        people, links = registrants_of(issued.contract), invitations_to(issued.contract)
        assert {row.account.full_name for row in people.items} == {"Given Family"}
        assert {str(row.used_by and row.used_by.full_name) for row in links.items} == {
            "Given Family"
        }
    assert len(seen) == 2
    assert len(people.items) == len(links.items) == min(number, 25)
    rest = registrants_of(issued.contract, people.next).items if people.next else []
    assert len({row.pk for row in [*people.items, *rest]}) == number


@pytest.mark.shows("AC-03")
def test_people_and_links_are_found_through_their_contract(invited: Invited) -> None:
    bob, contract = cast.bob(), invited.invitation.contract
    factories.registration(contract, bob)
    other = factories.contract()
    assert registrant(contract, bob.public_id.hex).account == bob
    assert invitation_on(contract, invited.invitation.public_id.hex) == invited.invitation
    for ask in (
        lambda: registrant(other, bob.public_id.hex),
        lambda: registrant(contract, "0" * 32),
        lambda: invitation_on(other, invited.invitation.public_id.hex),
        lambda: invitation_on(contract, "x"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_managers_find_contracts_that_they_have_not_added(issued: Issued, alice: Account) -> None:
    walter = cast.walter()
    held = factories.contract(holder=cast.contoso())
    assert [row.pk for row in managed_contracts(alice).items] == [issued.contract.pk]
    assert managed_contracts(walter).items == []
    Membership.objects.filter(account=walter).update(role=Membership.Role.MANAGER)
    assert {row.pk for row in managed_contracts(walter).items} == {held.pk, issued.contract.pk}
    assert managers_of(held) == [walter]
    assert managers_of(issued.contract) == [alice, walter]
    factories.registration(held, walter)
    assert [row.pk for row in managed_contracts(walter, limit=1).items] == [issued.contract.pk]
    assert managed_contracts(cast.charlie()).items == []


# --- Rotation ------------------------------------------------------------------------------------
@pytest.mark.shows("S14.3")
def test_a_page_that_was_sent_twice_rotates_once(issued: Issued, alice: Account) -> None:
    contract = Contract.objects.get(pk=issued.contract.pk)
    mark = rotation_mark(contract)
    assert contract.access_id_hash not in mark
    first = rotate_access_id(contract=contract, by=alice, now=NOW, mark=mark)
    before = everything()
    with pytest.raises(AlreadyRotated):
        rotate_access_id(contract=contract, by=alice, now=NOW, mark=mark)
    assert everything() == before
    assert register_contract(
        account=cast.bob(),
        access_id=first.access_id,
        contract_id=str(contract.contract_id),
        network="192.0.2.1",
        now=NOW,
    )


@pytest.mark.shows("S14.3")
def test_rotation_ends_no_registration_and_no_invitation(invited: Invited, alice: Account) -> None:
    contract = invited.invitation.contract
    factories.registration(contract, cast.bob())
    rotate_access_id(contract=contract, by=alice, now=NOW)
    assert Registration.objects.filter(ended_at__isnull=True).count() == 1
    assert accept_invitation(account=cast.charlie(), secret=invited.secret, now=NOW)
