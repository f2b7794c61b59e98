"""The one-time profile and settings."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from opora.accounts.models import Account, ApiToken, Session
from opora.accounts.queries import account_for_token
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = pytest.mark.django_db
PLACE = {
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "phone": "+49 30 123456",
    "company": "Contoso",
}


def enter(client: Client, account: Account) -> None:
    client.force_login(account)


@pytest.mark.shows("S5.2")
def test_the_first_visit_asks_once_for_a_profile(client: Client) -> None:
    account = factories.account(given_name="Jan", family_name="Malý", profile_completed_at=None)
    enter(client, account)
    answer = client.get("/")
    assert answer["Location"] == "/settings/welcome/?next=%2F"
    page = client.get(answer["Location"]).content.decode()
    assert re.search(r'<input type="text" id="id_given_name" value="Jan" disabled>', page)
    saved = client.post("/settings/welcome/", PLACE | {"given_name": "Eve", "next": "/requests/1/"})
    assert (saved.status_code, saved["Location"]) == (302, "/requests/1/")
    account.refresh_from_db()
    assert account.has_profile
    assert (account.country, account.company, account.full_name) == ("DE", "Contoso", "Jan Malý")
    assert client.get("/").get("Location") is None


@pytest.mark.shows("S5.2")
def test_a_work_account_without_a_name_types_it_once(client: Client) -> None:
    company = factories.organization(domains=("contoso.example",))
    account = factories.account(
        "jan@contoso.example",
        kind="work",
        organization=company,
        given_name="",
        family_name="Malý",
        profile_completed_at=None,
    )
    enter(client, account)
    refused = client.post("/settings/welcome/", PLACE)
    assert refused.status_code == 422
    assert "Enter a first name." in refused.content.decode()
    client.post("/settings/welcome/", PLACE | {"given_name": "Jan", "family_name": "Eve"})
    account.person.refresh_from_db()
    assert account.person.full_name == "Jan Malý"
    client.post("/settings/profile/", PLACE | {"given_name": "Eve", "family_name": "Eve"})
    account.person.refresh_from_db()
    assert account.person.full_name == "Jan Malý"


def test_a_personal_account_changes_name_and_language_in_settings(client: Client) -> None:
    account = factories.account()
    enter(client, account)
    client.post(
        "/settings/profile/",
        PLACE | {"given_name": "Jana", "family_name": "Malá", "language": "cs"},
    )
    account.refresh_from_db()
    account.person.refresh_from_db()
    assert (account.person.full_name, account.language) == ("Jana Malá", "cs")
    assert '<html lang="cs">' in client.get("/settings/profile/").content.decode()


def test_wrong_values_are_named_and_what_was_typed_stays(client: Client) -> None:
    account = factories.account(profile_completed_at=None)
    enter(client, account)
    answer = client.post("/settings/welcome/", PLACE | {"country": "XX", "phone": "?"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert 'value="Contoso"' in page
    account.refresh_from_db()
    assert not account.has_profile


@pytest.mark.shows("WB-02")
def test_the_profile_never_leads_to_another_host(client: Client) -> None:
    enter(client, factories.account())
    answer = client.post("/settings/welcome/", PLACE | {"next": "//evil.example/"})
    assert answer["Location"] == "/"


@pytest.mark.shows("AU-09")
def test_a_token_is_shown_once(client: Client) -> None:
    account = factories.account()
    enter(client, account)
    page = client.get("/settings/tokens/")
    assert page.status_code == 200
    created = _create_token(client)
    found = re.search(r'id="new-token">(opora_[\w-]{43})<', created.content.decode())
    assert found is not None
    assert created["Cache-Control"] == "private, no-store"
    owner = account_for_token(found[1], now=timezone.now())
    assert owner == (account, "read")
    later = client.get("/settings/tokens/").content.decode()
    assert found[1] not in later
    assert "Monitoring" in later
    token = ApiToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(days=30)


def _create_token(client: Client):  # type: ignore[no-untyped-def]
    values = {"name": "Monitoring", "scope": "read", "days": "30"}
    answer = client.post("/settings/tokens/", values)
    if answer.status_code == 302:  # the password is asked for again, then the post goes on
        answer = client.post(answer["Location"], {"password": PASSWORD})
    return answer


@pytest.mark.shows("AU-09")
def test_creating_a_token_asks_for_the_password_again(client: Client) -> None:
    enter(client, factories.account())
    answer = client.post("/settings/tokens/", {"name": "x", "scope": "read", "days": "30"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert client.get(answer["Location"]).status_code == 200
    assert not ApiToken.objects.exists()


def test_only_ones_own_tokens_and_sessions_are_ended(client: Client) -> None:
    mine, other = factories.account(), factories.account()
    enter(client, mine)
    elsewhere, stranger = Client(), Client()
    elsewhere.force_login(mine)
    stranger.force_login(other)
    from opora.accounts.actions import issue_token

    issue_token(account=other, by=None, now=NOW)
    foreign_token = ApiToken.objects.get()
    foreign = Session.objects.get(account=other)
    assert (
        client.post(f"/settings/tokens/{foreign_token.public_id.hex}/revocation/").status_code
        == 404
    )
    assert client.post(f"/settings/sessions/{foreign.public_id.hex}/ending/").status_code == 404
    assert client.post("/settings/sessions/nothing/ending/").status_code == 404
    row = Session.objects.get(session_key=elsewhere.session.session_key)
    page = client.get("/settings/sessions/").content.decode()
    assert row.public_id.hex in page
    assert row.session_key not in page
    client.post(f"/settings/sessions/{row.public_id.hex}/ending/")
    assert set(Session.objects.values_list("account", flat=True)) == {mine.pk, other.pk}
    assert elsewhere.get("/settings/profile/").status_code == 302
    assert ApiToken.objects.get().revoked_at is None


def test_all_other_sessions_end_at_once(client: Client) -> None:
    account = factories.account()
    for browser in (Client(), Client(), client):
        browser.force_login(account)
    client.post("/settings/sessions/others/ending/")
    assert [row.session_key for row in Session.objects.all()] == [client.session.session_key]


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/second-factor/set-up/",
        "/accounts/second-factor/passkeys/new/",
    ],
)
def test_a_work_account_has_no_password_pages(client: Client, path: str) -> None:
    company = factories.organization(domains=("contoso.example",))
    enter(client, factories.account("j@contoso.example", kind="work", organization=company))
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/settings/profile/",
        "/settings/welcome/",
        "/settings/sessions/",
        "/settings/tokens/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/second-factor/",
        "/accounts/logout/",
        "/accounts/reauthenticate/",
    ],
)
def test_settings_pages_show(client: Client, path: str, language: str) -> None:
    enter(client, factories.account("jan@example.com", language=language))
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()


@pytest.mark.parametrize("path", ["/settings/profile/", "/settings/tokens/", "/accounts/email/"])
def test_settings_are_closed_to_strangers(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
