"""Browsers of people who are signed in."""

from __future__ import annotations

from django.test import Client

from opora.accounts.models import Account


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client
