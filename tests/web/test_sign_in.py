"""Personal accounts over HTTP: sign-up, sign-in, reset, change of address."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from opora.accounts.actions import create_account, deactivate_account
from opora.accounts.models import Account, ProvedAddress, Session
from opora.core.models import Job
from tests.factories import NOW, PASSWORD
from tests.web.account_pages import (
    account_letters,
    follow,
    mailed_path,
    sign_in,
    signed_in_as,
)

pytestmark = pytest.mark.django_db
OTHER_PASSWORD = "another long enough phrase"


def person(email: str = "jan@example.com", **more: Any) -> Account:
    return create_account(
        **{"kind": "personal", "given_name": "Jan", "family_name": "Malý", "password": PASSWORD}
        | {"email": email, "by": None, "now": NOW}
        | more
    )


def sign_up(client: Client, email: str, **more: str) -> Any:
    return client.post(
        "/accounts/signup/",
        {
            "given_name": "Jan",
            "family_name": "Malý",
            "email": email,
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        | more,
    )


@pytest.mark.shows("S5.1", "S5.2", "AU-17")
def test_signing_up_proves_the_address_by_a_mailed_link(client: Client) -> None:
    assert sign_up(client, "Jan@Example.com").status_code == 302
    account = Account.objects.get()
    assert (account.kind, account.email_key) == ("personal", "jan@example.com")
    assert account.full_name == "Jan Malý"
    assert not ProvedAddress.objects.exists()
    assert signed_in_as(client) == ""

    link = mailed_path()
    other = Client()
    page = other.get(link)
    assert page.status_code == 200
    assert not ProvedAddress.objects.exists()  # looking at the link changes nothing

    assert other.post(link).status_code == 302
    assert ProvedAddress.objects.get().how == "mail"
    assert Job.objects.filter(kind="account.address_proved").count() == 1
    sign_in(client, "JAN@example.com")
    assert signed_in_as(client) == "jan@example.com"


def test_without_the_link_nobody_is_signed_in(client: Client) -> None:
    sign_up(client, "jan@example.com")
    sign_in(client, "jan@example.com")
    assert signed_in_as(client) == ""


@pytest.mark.shows("EN-03")
def test_signing_up_says_the_same_for_an_address_that_has_an_account() -> None:
    person("known@example.com")
    answers = set()
    for email in ("known@example.com", "new@example.com"):
        client = Client()
        first = sign_up(client, email)
        page = follow(client, first)
        headers = tuple(sorted(first.headers))
        answers.add((first.status_code, first["Location"], headers, _masked(page, email)))
    assert len(answers) == 1
    assert [letter.subject for letter in account_letters()] == [
        "You have an account already",
        "Confirm your e-mail address",
    ]
    assert Account.objects.get(email="known@example.com").check_password(PASSWORD)


@pytest.mark.shows("EN-03")
def test_a_reset_says_the_same_for_known_and_unknown_addresses() -> None:
    person("known@example.com")
    answers = set()
    for email in ("known@example.com", "unknown@example.com"):
        client = Client()
        first = client.post("/accounts/password/reset/", {"email": email})
        page = follow(client, first)
        headers = tuple(sorted(first.headers))
        answers.add((first.status_code, first["Location"], headers, _masked(page, email)))
    assert len(answers) == 1
    assert [letter.to for letter in account_letters()] == [
        "known@example.com",
        "unknown@example.com",
    ]


@pytest.mark.shows("EN-03")
def test_a_wrong_password_and_an_unknown_address_get_one_answer() -> None:
    person("known@example.com")
    pages = {
        _masked(sign_in(Client(), email, "not the password"), email)
        for email in ("known@example.com", "other@example.com")
    }
    assert len(pages) == 1


def _masked(page: Any, *words: str) -> str:
    text = page.content.decode()
    for word in words:
        text = text.replace(word, "ADDRESS")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "CSRF", text)
    return re.sub(r'nonce="[^"]+"', "NONCE", text)


@pytest.mark.shows("AU-04", "AU-05")
def test_a_reset_link_goes_to_the_stored_address_only(client: Client) -> None:
    person("Jan@example.com")
    for typed in (
        "JAN@EXAMPLE.COM",
        "jan@example.com,eve@evil.example",
        "jаn@example.com",  # a Cyrillic letter
        "jan@еxample.com",
    ):
        client.post("/accounts/password/reset/", {"email": typed})
    client.post("/accounts/password/reset/", {"email": ["eve@evil.example", "jan@example.com"]})
    resets = [letter for letter in account_letters() if "password/reset/key" in letter.link]
    assert {letter.to for letter in resets} == {"Jan@example.com"}
    assert "eve@evil.example" not in {letter.to for letter in account_letters()}


@pytest.mark.shows("AU-06", "AU-17")
def test_a_reset_link_works_once_and_signs_every_browser_out(client: Client) -> None:
    account = person()
    sign_in(client, "jan@example.com")
    reader = Client()
    reader.post("/accounts/password/reset/", {"email": "jan@example.com"})
    link = mailed_path()
    assert "/password/reset/key/" + account.public_id.hex in link  # no key of a row
    page = follow(reader, reader.get(link))
    form = page.request["PATH_INFO"]
    answer = reader.post(form, {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.check_password(OTHER_PASSWORD)
    assert not Session.objects.filter(account=account).exists()
    assert signed_in_as(client) == ""
    again = follow(Client(), Client().get(link))
    assert "This link cannot be used" in again.content.decode()


def test_a_reset_link_dies_with_the_address(client: Client) -> None:
    account = person()
    client.post("/accounts/password/reset/", {"email": "jan@example.com"})
    link = mailed_path()
    account.login_email = account.email = account.email_key = "other@example.com"
    account.save()
    assert "This link cannot be used" in follow(client, client.get(link)).content.decode()


@pytest.mark.shows("AU-03")
def test_the_session_key_changes_at_sign_in_and_the_old_one_is_dead(client: Client) -> None:
    person()
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sid"] = str(session.session_key)
    planted = session.session_key
    sign_in(client, "jan@example.com")
    assert client.cookies["sid"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()
    row = Session.objects.get()
    assert row.account is not None
    assert row.account.email == "jan@example.com"
    assert row.started_at is not None


@pytest.mark.shows("AU-10")
def test_a_deactivated_account_is_out_at_its_next_call(client: Client) -> None:
    account = person()
    sign_in(client, "jan@example.com")
    assert client.get("/settings/profile/").status_code == 200
    deactivate_account(account=account, by=None, now=NOW)
    assert client.get("/settings/profile/").status_code == 302
    sign_in(client, "jan@example.com")
    assert signed_in_as(client) == ""
    client.post("/accounts/password/reset/", {"email": "jan@example.com"})
    assert not [mail for mail in account_letters() if "/reset/key/" in mail.link]


@pytest.mark.shows("WB-02")
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "http://testserver@evil.example/",
        "\thttps://evil.example",
    ],
)
def test_signing_in_never_leads_to_another_host(client: Client, target: str) -> None:
    person()
    answer = sign_in(client, "jan@example.com", next=target)
    assert answer.status_code == 302
    assert answer["Location"] == "/"


@pytest.mark.shows("S8.4", "AU-17")
def test_a_change_of_address_waits_for_its_link_and_lets_the_former_go(client: Client) -> None:
    account = person()
    sign_in(client, "jan@example.com")
    answer = client.post("/accounts/email/", {"email": "Jana@Example.com", "action_add": ""})
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.email == "jan@example.com"
    page = client.get("/accounts/email/")
    assert "jana@example.com" in page.content.decode()

    client.post(mailed_path())
    account.refresh_from_db()
    assert (account.email, account.email_key, account.login_email) == ("jana@example.com",) * 3
    held = {row.address_key: row.released_at is None for row in ProvedAddress.objects.all()}
    assert held == {"jan@example.com": False, "jana@example.com": True}
    assert [mail.to for mail in account_letters()] == ["jan@example.com"]  # it is told


def test_an_address_of_somebody_else_is_not_taken_over(client: Client) -> None:
    account, other = person(), person("eva@example.com")
    sign_in(client, "jan@example.com")
    client.post("/accounts/email/", {"email": "eva@example.com", "action_add": ""})
    client.post(mailed_path())
    account.refresh_from_db()
    assert account.email == "jan@example.com"
    assert not ProvedAddress.objects.filter(account=account, address_key=other.email_key).exists()


def test_changing_the_password_keeps_this_browser_and_ends_the_others(client: Client) -> None:
    account = person()
    elsewhere = Client()
    sign_in(elsewhere, "jan@example.com")
    sign_in(client, "jan@example.com")
    before = client.cookies["sid"].value
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )
    account.refresh_from_db()
    assert account.check_password(OTHER_PASSWORD)
    assert signed_in_as(client) == "jan@example.com"
    assert client.cookies["sid"].value != before
    assert signed_in_as(elsewhere) == ""
    assert account_letters()[-1].paragraphs[0] == "The password of your account was changed."


@pytest.mark.shows("AU-02", "AU-01")
def test_guessing_a_password_is_slowed_whatever_the_spelling_or_header(client: Client) -> None:
    cache.clear()
    person()
    for attempt in range(12):
        email = "jan@example.com" if attempt % 2 else "JAN@Example.com"
        answer = client.post(
            "/accounts/login/",
            {"login": email, "password": "wrong"},
            headers={"X-Forwarded-For": f"10.0.0.{attempt}"},
        )
    assert answer.status_code in (200, 429)
    assert signed_in_as(client) == ""
    sign_in(client, "jan@example.com")
    assert signed_in_as(client) == ""
    cache.clear()


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/confirm-email/",
        "/accounts/confirm-email/nothing/",
        "/accounts/inactive/",
        "/accounts/work/",
    ],
)
def test_pages_before_sign_in_show(client: Client, path: str, language: str) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.content.decode()


def test_a_form_with_errors_says_so_in_its_title(client: Client) -> None:
    page = sign_up(client, "nowhere", given_name="", password2="x").content.decode()
    assert "<title>Error: Create a personal account" in page
    assert "Enter your first name." in page
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/accounts/password/reset/", ["Enter your e-mail address."]),
        ("/accounts/email/", ["Enter your e-mail address."]),
        (
            "/accounts/password/change/",
            [
                "Enter your current password.",
                "Enter a password.",
                "Enter the password once more.",
            ],
        ),
        ("/accounts/reauthenticate/", ["Enter your password."]),
    ],
)
def test_what_is_left_empty_is_asked_for_by_its_name(
    client: Client, path: str, asked: list[str]
) -> None:
    person()
    sign_in(client, "jan@example.com")
    page = client.post(path, {"action_add": ""}).content.decode()
    assert "This field is required" not in page
    for sentence in asked:
        assert sentence in page


def test_an_invitation_says_why_one_should_sign_in(client: Client) -> None:
    page = client.get("/invitations/some-secret/", follow=True).content.decode()
    assert "You were invited to a support contract" in page
    assert "You were invited" not in client.get("/accounts/login/").content.decode()


@pytest.mark.shows("AU-03")
def test_cookies_belong_to_one_host_when_the_public_address_is_https() -> None:
    code = (
        "from opora.config import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, "
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"OPORA_PUBLIC_URL": "https://support.example.com"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["__Host-sid", "__Host-csrf", "True", "True", "True"]


@pytest.mark.shows("EN-03")
def test_two_sign_ups_at_once_make_one_account_and_no_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("jan@example.com")
    # The look for an account came before the other request's commit.
    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.assess_unique_email",
        lambda email, user=None: True,
    )
    answer = sign_up(client, "jan@example.com")
    assert answer["Location"] == "/accounts/confirm-email/"
    assert Account.objects.count() == 1
    assert [letter.subject for letter in account_letters()] == ["You have an account already"]
