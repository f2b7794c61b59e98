"""Driving account pages over HTTP: sign-up, sign-in, second factors, queued account mails."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from opora.core.models import Job
from opora.notifications.account_mails import letter_for
from opora.notifications.letters import Letter
from tests.factories import PASSWORD


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post(  # type: ignore[return-value]
        "/accounts/login/", {"login": email, "password": password} | more
    )


def signed_in_as(client: Client) -> str:
    """The address that the account's menu shows, "" when nobody is signed in."""
    key = client.session.get("_auth_user_id")
    if not key:
        return ""
    from opora.accounts.models import Account

    return Account.objects.get(pk=key).email


def code_for(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def account_letters() -> list[Letter]:
    """The account mails that wait in the queue, written as they would be sent now, oldest first."""
    jobs = Job.objects.filter(kind="mail.account", state="open").order_by("pk")
    return [letter for job in jobs if (letter := letter_for(job.payload))]


def mailed_path() -> str:
    """The path of the link in the newest account mail."""
    return urlsplit(account_letters()[-1].link).path


def follow(client: Client, response: Any) -> Any:
    """Follow redirects of this host to a page."""
    for _ in range(6):
        if response.status_code not in (301, 302, 303):
            return response
        response = client.get(response["Location"])
    raise AssertionError("redirects do not end")


def set_up_second_factor(client: Client) -> str:
    """Set up an authenticator app for whoever is signed in; its secret."""
    page: Any = client.get("/accounts/second-factor/set-up/")
    secret = str(page.context_data["form"].secret)
    client.post("/accounts/second-factor/set-up/", {"code": code_for(secret)})
    return secret
