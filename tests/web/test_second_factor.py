"""Agents and administrators work with a second factor only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from opora.accounts.actions import create_account
from opora.accounts.models import Account, Session
from tests.factories import NOW, PASSWORD
from tests.web.account_pages import code_for, set_up_second_factor, sign_in, signed_in_as

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_half_minute() -> Iterator[None]:
    """A code works for half a minute, and once; these tests ask for several at one instant."""
    cache.clear()
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


@pytest.fixture(params=["agent", "administrator"])
def agent(request: Any) -> Account:
    return create_account(
        email="dana@opora.example",
        kind=request.param,
        given_name="Dana",
        family_name="Dvořáková",
        password=PASSWORD,
        by=None,
        now=NOW,
    )


@pytest.mark.shows("AU-11")
@pytest.mark.parametrize("path", ["/desk/", "/", "/settings/tokens/", "/settings/profile/"])
def test_without_a_second_factor_every_page_leads_to_its_set_up(
    client: Client, agent: Account, path: str
) -> None:
    sign_in(client, "dana@opora.example")
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/second-factor/set-up/?next=")
    assert client.post("/settings/tokens/", {"name": "x"}).status_code == 302
    assert not agent.api_tokens.exists()


@pytest.mark.shows("AU-11", "AU-03")
def test_setting_it_up_opens_the_desk_under_a_new_session_key(
    client: Client, agent: Account
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, "dana@opora.example")
    sign_in(client, "dana@opora.example")
    before = client.cookies["sid"].value
    set_up_second_factor(client)
    assert client.cookies["sid"].value != before
    assert not Session.objects.filter(session_key=before).exists()
    assert client.get("/settings/profile/").status_code == 200
    assert signed_in_as(elsewhere) == ""
    assert client.get("/accounts/second-factor/").status_code == 200
    assert client.get("/accounts/second-factor/recovery-codes/").status_code == 200


@pytest.mark.shows("AU-11")
def test_signing_in_then_asks_for_a_code(client: Client, agent: Account) -> None:
    sign_in(client, "dana@opora.example")
    secret = set_up_second_factor(client)
    cache.clear()
    other = Client()
    answer = sign_in(other, "dana@opora.example")
    assert answer["Location"].startswith("/accounts/second-factor/code/")
    assert signed_in_as(other) == ""
    assert other.get("/settings/profile/").status_code == 302
    wrong = other.post("/accounts/second-factor/code/", {"code": "000000"})
    assert "Incorrect code." in wrong.content.decode()
    assert signed_in_as(other) == ""
    other.post("/accounts/second-factor/code/", {"code": code_for(secret)})
    assert signed_in_as(other) == "dana@opora.example"
    assert other.get("/settings/profile/").status_code == 200


@pytest.mark.shows("AU-11")
def test_a_reset_password_does_not_go_round_the_code(client: Client, agent: Account) -> None:
    sign_in(client, "dana@opora.example")
    set_up_second_factor(client)
    other = Client()
    other.post("/accounts/password/reset/", {"email": "dana@opora.example"})
    from tests.web.account_pages import follow, mailed_path

    page = follow(other, other.get(mailed_path()))
    new = "another long enough phrase"
    other.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert signed_in_as(other) == ""
    sign_in(other, "dana@opora.example", new)
    assert signed_in_as(other) == ""


def test_a_recovery_code_lets_in_once(client: Client, agent: Account) -> None:
    sign_in(client, "dana@opora.example")
    set_up_second_factor(client)
    row = Authenticator.objects.get(type="recovery_codes")
    code = row.wrap().get_unused_codes()[0]
    for expected in ("dana@opora.example", ""):
        other = Client()
        sign_in(other, "dana@opora.example")
        other.post("/accounts/second-factor/code/", {"code": code})
        assert signed_in_as(other) == expected


def test_the_secret_lies_encrypted_in_the_database(client: Client, agent: Account) -> None:
    sign_in(client, "dana@opora.example")
    secret = set_up_second_factor(client)
    for row in Authenticator.objects.all():
        assert secret not in str(row.data)


@pytest.mark.shows("AU-11")
def test_an_agent_who_removes_the_app_sets_up_another_first(client: Client, agent: Account) -> None:
    sign_in(client, "dana@opora.example")
    set_up_second_factor(client)
    assert client.get("/accounts/second-factor/removal/").status_code == 200
    answer = client.post("/accounts/second-factor/removal/")
    assert answer["Location"] == "/accounts/second-factor/set-up/"
    assert client.get("/settings/profile/").status_code == 302
    assert not Authenticator.objects.exists()
