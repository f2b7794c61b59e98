"""Passkeys: added after showing oneself again, sign in alone, belong to one account (AU-11)."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from opora.accounts.actions import create_account, deactivate_account
from opora.accounts.models import Account, Session
from opora.core.models import AuditLine
from tests import factories
from tests.factories import NOW, PASSWORD
from tests.web.account_pages import account_letters, set_up_second_factor, sign_in, signed_in_as
from tests.web.passkey_device import Device

pytestmark = pytest.mark.django_db
NEW = "/accounts/second-factor/passkeys/new/"
AGAIN = "/accounts/second-factor/again/passkey/"
SIGN_IN = "/accounts/passkey/"
ALICE = "alice@example.com"


@pytest.fixture(autouse=True)
def _no_used_codes() -> None:
    cache.clear()


@pytest.fixture
def alice() -> Account:
    return person(ALICE)


def person(email: str, kind: str = "personal") -> Account:
    return create_account(
        email=email,
        kind=kind,
        given_name="Given",
        family_name="Family",
        password=PASSWORD,
        by=None,
        now=NOW,
    )


def options_in(page: Any) -> dict[str, Any]:
    """What the page would ask a device."""
    found = re.search(r'data-options="([^"]+)"', page.content.decode())
    assert found is not None, page.content.decode()
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


def add_passkey(client: Client, name: str = "Work laptop", device: Device | None = None) -> Device:
    device = device or Device()
    credential = device.create(options_in(client.get(NEW)))
    client.post(NEW, {"name": name, "credential": credential})
    return device


def challenge(client: Client) -> dict[str, Any]:
    asked: dict[str, Any] = client.get(
        SIGN_IN, headers={"X-Requested-With": "XMLHttpRequest"}
    ).json()
    return dict(asked["request_options"])


def enter_with(client: Client, device: Device, **more: str) -> Any:
    return client.post(SIGN_IN, {"credential": device.get(challenge(client))} | more)


@pytest.mark.shows("AU-11", "AU-03")
def test_a_passkey_is_added_under_a_new_session_key_and_gives_recovery_codes(
    client: Client, alice: Account
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, ALICE)
    sign_in(client, ALICE)
    before = client.cookies["sid"].value
    device = Device()
    credential = device.create(options_in(client.get(NEW)))
    answer = client.post(NEW, {"name": "  Work   laptop ", "credential": credential})
    assert answer["Location"] == "/accounts/second-factor/recovery-codes/"
    assert client.cookies["sid"].value != before
    assert not Session.objects.filter(session_key=before).exists()
    assert signed_in_as(elsewhere) == ""
    assert signed_in_as(client) == ALICE
    page = client.get("/accounts/second-factor/").content.decode()
    assert "Work laptop" in page
    assert "10 codes are left." in page
    assert [letter.paragraphs[0] for letter in account_letters()] == [
        "A passkey was added to your account."
    ]


@pytest.mark.shows("AU-11")
def test_adding_one_needs_a_recent_sign_in(client: Client, alice: Account) -> None:
    client.force_login(alice)
    answer = client.get(NEW)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert client.post(NEW, {"name": "x", "credential": "{}"}).status_code == 302
    assert not Authenticator.objects.exists()


@pytest.mark.shows("AU-11")
@pytest.mark.parametrize("path", [NEW, "/accounts/second-factor/set-up/"])
def test_whoever_has_a_factor_shows_it_before_adding_another(
    client: Client, alice: Account, path: str
) -> None:
    sign_in(client, ALICE)
    add_passkey(client)
    other = Client()
    other.force_login(alice)  # a session that has never shown the factor, however it came about
    other.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert other.get(path)["Location"] == f"{AGAIN}?next={path}"
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_a_passkey_signs_in_alone_and_leads_where_one_wanted_to_go(
    client: Client, alice: Account
) -> None:
    sign_in(client, ALICE)
    device = add_passkey(client)
    other = Client()
    answer = enter_with(other, device, next="/contracts/")
    assert answer["Location"] == "/contracts/"
    assert signed_in_as(other) == ALICE
    third = Client()
    assert enter_with(third, device, next="https://evil.example/")["Location"] == "/"


def test_after_the_password_a_passkey_is_the_second_factor(client: Client, alice: Account) -> None:
    sign_in(client, ALICE)
    device = add_passkey(client)
    other = Client()
    assert sign_in(other, ALICE)["Location"].startswith("/accounts/second-factor/code/")
    assert signed_in_as(other) == ""
    page = other.get("/accounts/second-factor/code/")
    stranger = Device(owner=device.owner, credential_id=device.credential_id)
    answer = other.post(
        "/accounts/second-factor/code/", {"credential": stranger.get(options_in(page))}
    )
    assert "does not belong to your account" in answer.content.decode()
    assert signed_in_as(other) == ""
    page = other.get("/accounts/second-factor/code/")
    other.post("/accounts/second-factor/code/", {"credential": device.get(options_in(page))})
    assert signed_in_as(other) == ALICE


@pytest.mark.parametrize("how", ["replayed", "another host", "unknown", "not checked", "nonsense"])
def test_what_is_no_answer_to_this_challenge_opens_nothing(
    client: Client, alice: Account, how: str
) -> None:
    sign_in(client, ALICE)
    device = add_passkey(client)
    other = Client()
    asked = challenge(other)
    credential = device.get(asked)
    if how == "replayed":
        challenge(other)
    elif how == "another host":
        device.host = "evil.example"
        credential = device.get(asked)
    elif how == "unknown":
        credential = Device(owner=device.owner).get(asked)
    elif how == "not checked":
        device.checks_owner = False
        credential = device.get(asked)
    else:
        credential = '{"id": 1, "response": {"userHandle": "!"}}'
    answer = other.post(SIGN_IN, {"credential": credential})
    assert answer["Location"] == "/accounts/login/"
    assert signed_in_as(other) == ""
    assert "This passkey opens no account here." in other.get("/accounts/login/").content.decode()


@pytest.mark.shows("AU-10")
def test_a_passkey_of_a_deactivated_account_opens_nothing(client: Client, alice: Account) -> None:
    sign_in(client, ALICE)
    device = add_passkey(client)
    deactivate_account(account=alice, by=None, now=NOW)
    other = Client()
    enter_with(other, device)
    assert signed_in_as(other) == ""


def test_a_device_that_checks_nobody_makes_no_passkey(client: Client, alice: Account) -> None:
    sign_in(client, ALICE)
    device = Device(checks_owner=False)
    credential = device.create(options_in(client.get(NEW)))
    answer = client.post(NEW, {"name": "Old key", "credential": credential})
    assert answer.status_code == 200
    assert "It does not belong" not in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_no_key_of_the_database_leaves_the_house(client: Client, alice: Account) -> None:
    sign_in(client, ALICE)
    device = add_passkey(client)
    assert device.owner == alice.public_id.bytes
    row = Authenticator.objects.get(type="webauthn")
    assert f"/{row.pk}/" not in client.get("/accounts/second-factor/").content.decode()


@pytest.mark.shows("AC-02", "AU-03")
def test_a_passkey_is_removed_by_its_owner_only_and_opens_nothing_after(
    client: Client, alice: Account
) -> None:
    sign_in(client, ALICE)
    device = add_passkey(client)
    page = client.get("/accounts/second-factor/").content.decode()
    found = re.search(r"/accounts/second-factor/passkeys/\w{32}/removal/", page)
    assert found is not None
    person("charlie@example.net")
    charlie = Client()
    sign_in(charlie, "charlie@example.net")
    assert charlie.post(found[0]).status_code == 404
    assert Authenticator.objects.filter(type="webauthn").exists()
    assert client.get(found[0]).status_code == 200
    before = client.cookies["sid"].value
    assert client.post(found[0])["Location"] == "/accounts/second-factor/"
    assert client.cookies["sid"].value != before
    assert not Authenticator.objects.exists(), "nothing is left that recovery codes would recover"
    other = Client()
    enter_with(other, device)
    assert signed_in_as(other) == ""
    sign_in(other, ALICE)
    assert signed_in_as(other) == ALICE


def test_an_agent_sets_up_the_app_first_and_may_then_come_in_by_passkey(client: Client) -> None:
    person("dana@opora.example", "agent")
    sign_in(client, "dana@opora.example")
    assert client.get(NEW)["Location"].startswith("/accounts/second-factor/set-up/")
    set_up_second_factor(client)
    device = add_passkey(client)
    other = Client()
    enter_with(other, device)
    assert signed_in_as(other) == "dana@opora.example"
    assert other.get("/settings/profile/").status_code == 200


def test_a_work_account_is_told_that_its_provider_does_it(client: Client) -> None:
    company = factories.organization(domains=("contoso.example",))
    client.force_login(
        factories.account("j@contoso.example", kind="work", organization=company, language="cs")
    )
    page = client.get("/accounts/second-factor/").content.decode()
    assert "přihlašovací služba vaší organizace" in page.replace("\u00a0", " ")
    assert client.get(NEW).status_code == 404
    assert client.post(NEW, {"name": "x", "credential": "{}"}).status_code == 404
    assert not AuditLine.objects.exists()
