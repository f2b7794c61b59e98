"""An invitation link from the first click to the contract on the account (S14.1, AU-07, AU-17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from opora.accounts.actions import create_account
from opora.accounts.models import Account, Session
from opora.contracts.actions import (
    Invited,
    invite,
    issue_contracts,
    revoke_invitation,
    revoke_registration,
)
from opora.contracts.models import Contract, Invitation, Registration
from opora.core.models import AuditLine, Job, Throttle
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW
from tests.web.account_pages import follow, mailed_path, sign_in

GONE = "This invitation cannot be used"


@pytest.fixture
def invited(alice: Account) -> Invited:
    plan = factories.plan_version("partner", terms={"incidents": 20})
    contract = issue_contracts(
        plan_code=plan.plan.code, holder="Contoso", managers=[alice], by=None, now=NOW
    )[0].contract
    return invite(contract=contract, by=alice, now=NOW)


def open_link(client: Client, secret: str) -> Any:
    return follow(client, client.get(f"/invitations/{secret}/"))


def accept(client: Client) -> Any:
    """Press the button of the page."""
    return client.post("/invitations/", {"invitation": Invitation.objects.get().public_id.hex})


def with_password(email: str) -> None:
    """A personal account that can sign in."""
    create_account(
        kind="personal",
        email=email,
        given_name="Cyril",
        family_name="Cole",
        password=factories.PASSWORD,
        by=None,
        now=NOW,
    )


def everything() -> tuple[object, ...]:
    counted = (model.objects.count() for model in (Registration, AuditLine, Job, Throttle))
    return (*counted, *Invitation.objects.values_list("used_at", "revoked_at"))


@pytest.mark.shows("AU-17", "S14.1")
def test_opening_the_link_changes_nothing_and_pressing_adds_the_contract(invited: Invited) -> None:
    bobs = signed_in(cast.bob())
    before = everything()
    with statements() as seen:
        page = open_link(bobs, invited.secret).content.decode()
    assert writes(seen) == []
    assert everything() == before
    assert "Alice Ames invites you" in page
    assert "bob@example.com" in page
    assert "Personal account" in page
    assert str(invited.invitation.contract.shown_contract_id) in page
    address = f"/contracts/{invited.invitation.contract.public_id.hex}/"
    assert accept(bobs)["Location"] == address
    assert "The contract was added" in bobs.get(address).content.decode()
    assert Registration.objects.get().account.email == "bob@example.com"
    assert open_link(bobs, "0" * 43).status_code == 404


@pytest.mark.shows("WB-05", "AU-17", "EN-06")
def test_the_secret_leaves_the_address_at_once_and_tells_strangers_nothing(
    invited: Invited,
) -> None:
    before = everything()
    answers = []
    for secret in (invited.secret, "0" * 43):
        client = Client()
        answer: Any = client.get(f"/invitations/{secret}/")
        assert answer["Location"] == "/invitations/"
        assert answer["Cache-Control"] == "private, no-store"
        cookie = answer.cookies["invitation"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["max-age"] == 24 * 60 * 60
        asked: Any = client.get("/invitations/")
        answers.append((answer.status_code, asked.status_code, asked["Location"]))
        assert secret not in asked["Location"]
    assert answers[0] == answers[1]
    assert everything() == before
    assert not Session.objects.exists()


@pytest.mark.shows("S14.1", "AU-07", "S14.3")
@pytest.mark.parametrize("why", ["used", "expired", "called off", "mistyped", "blank", "revoked"])
def test_whatever_opens_nothing_gets_one_page_with_a_way_on(
    alice: Account, invited: Invited, why: str
) -> None:
    bob, contract = cast.bob(), invited.invitation.contract
    secret, now = invited.secret, NOW
    if why == "used":
        Invitation.objects.update(used_at=NOW, used_by=alice)
    elif why == "called off":
        revoke_invitation(invitation=invited.invitation, by=alice, now=NOW)
    elif why == "revoked":
        factories.registration(contract, bob)
        revoke_registration(account=bob, contract=contract, by=alice, now=NOW)
    elif why == "mistyped":
        secret = secret[:-1]
    elif why == "blank":
        secret = "%20"
    else:
        now = NOW + timedelta(hours=72)
    with time_machine.travel(now, tick=False):
        bobs = signed_in(bob)
        before = everything()
        for press in (lambda: bobs.get("/invitations/"), lambda: accept(bobs)):
            bobs.cookies["invitation"] = secret
            answer = press()
            assert answer.status_code == 404
            page = answer.content.decode()
            assert GONE in page
            assert 'href="/contracts/new/"' in page
            assert answer.cookies["invitation"].value == ""
            assert str(contract.shown_contract_id) not in page
    assert everything() == before


@pytest.mark.shows("S2.5")
def test_who_has_it_already_keeps_the_link_for_somebody_else(invited: Invited) -> None:
    bob, contract = cast.bob(), invited.invitation.contract
    factories.registration(contract, bob)
    bobs = signed_in(bob)
    page = open_link(bobs, invited.secret).content.decode()
    assert "You have this contract already" in page
    assert f'href="/contracts/{contract.public_id.hex}/"' in page
    assert accept(bobs).status_code == 200
    assert Invitation.objects.get().used_at is None


def test_another_link_that_was_opened_meanwhile_is_shown_first(
    alice: Account, invited: Invited
) -> None:
    bobs = signed_in(cast.bob())
    open_link(bobs, invited.secret)
    other = invite(contract=invited.invitation.contract, by=alice, now=NOW)
    open_link(bobs, other.secret)
    answer = bobs.post("/invitations/", {"invitation": invited.invitation.public_id.hex})
    assert "Another invitation was opened meanwhile" in answer.content.decode()
    assert not Registration.objects.exists()


def test_an_invitation_is_put_aside(invited: Invited) -> None:
    bobs = signed_in(cast.bob())
    open_link(bobs, invited.secret)
    answer: Any = bobs.post("/invitations/", {"decline": "yes"})
    assert answer["Location"] == "/contracts/"
    assert answer.cookies["invitation"].value == ""
    assert Invitation.objects.get().used_at is None


@pytest.mark.shows("S14.1")
def test_the_link_is_not_lost_while_signing_in(invited: Invited) -> None:
    with_password("cyril@example.net")
    client = Client()
    assert "/accounts/login/" in str(client.get("/invitations/")["Location"])
    asked = open_link(client, invited.secret)
    assert asked.status_code == 200  # the sign-in page
    answer = sign_in(client, "cyril@example.net")  # without the way back that the page carries
    assert answer["Location"] == "/invitations/"
    Account.objects.filter(email="cyril@example.net").update(profile_completed_at=NOW)
    assert "Alice Ames invites you" in client.get("/invitations/").content.decode()


@pytest.mark.shows("S14.1")
def test_nor_while_signing_up(invited: Invited) -> None:
    client = Client()
    open_link(client, invited.secret)
    client.post(
        "/accounts/signup/",
        {
            "given_name": "Vera",
            "family_name": "Small",
            "email": "vera@example.net",
            "password1": factories.PASSWORD,
            "password2": factories.PASSWORD,
        },
    )
    answer: Any = client.post(mailed_path())
    if "/login/" in answer["Location"]:
        answer = sign_in(client, "vera@example.net")
    assert answer["Location"] == "/invitations/"
    # The profile is asked first, and leads on (S5.2).
    assert client.get("/invitations/")["Location"] == "/settings/welcome/?next=%2Finvitations%2F"


def test_another_account_is_a_sign_out_away(invited: Invited) -> None:
    bobs = signed_in(cast.bob())
    page = open_link(bobs, invited.secret).content.decode()
    assert 'action="/accounts/logout/"' in page
    answer = bobs.post("/accounts/logout/", {"next": "/invitations/"})
    assert answer["Location"] == "/invitations/"
    with_password("cyril@example.net")
    sign_in(bobs, "cyril@example.net")
    Account.objects.filter(email="cyril@example.net").update(profile_completed_at=NOW)
    assert "cyril@example.net" in bobs.get("/invitations/").content.decode()


def test_agents_have_no_contracts_to_add(invited: Invited) -> None:
    danas = cast.signed_in(cast.dana())
    danas.get(f"/invitations/{invited.secret}/")
    assert accept(danas)["Location"] == "/desk/"
    assert Contract.objects.count() == 1
    assert not Registration.objects.exists()
