"""The people of the tests. Each stays who they are in every test.

Alice owns, Bob shares, Charlie must see nothing, Dana is an agent, Eve an administrator. Walter has
a work account at Contoso.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client
from django.utils import timezone

from opora.accounts.actions import issue_token
from opora.accounts.models import Account, Membership, Organization
from tests import factories

CONTOSO = "Contoso"
CONTOSO_DOMAIN = "contoso.example"


@dataclass(frozen=True)
class Cast:
    """Everybody, for tests about who may do what."""

    alice: Account
    bob: Account
    charlie: Account
    dana: Account
    eve: Account
    walter: Account


def whole_cast() -> Cast:
    return Cast(
        alice=alice(), bob=bob(), charlie=charlie(), dana=dana(), eve=eve(), walter=walter()
    )


def alice() -> Account:
    """A customer: hers are the contract, the case, the draft."""
    return factories.account("alice@example.com", given_name="Alice", family_name="Ames")


def bob() -> Account:
    """A customer who is shared on what is Alice's."""
    return factories.account("bob@example.com", given_name="Bob", family_name="Burke")


def charlie() -> Account:
    """A customer who must see nothing of what is Alice's."""
    return factories.account("charlie@example.net", given_name="Charlie", family_name="Cole")


def dana() -> Account:
    """An agent."""
    return factories.account(
        "dana@opora.example",
        kind=Account.Kind.AGENT,
        given_name="Dana",
        family_name="Dvořáková",
        language="cs",
    )


def eve() -> Account:
    """An administrator."""
    return factories.account(
        "eve@opora.example",
        kind=Account.Kind.ADMINISTRATOR,
        given_name="Eve",
        family_name="Emler",
    )


def contoso() -> Organization:
    """The company with a mail domain of its own; made once a test."""
    known = Organization.objects.filter(name=CONTOSO).first()
    return known or factories.organization(CONTOSO, domains=(CONTOSO_DOMAIN,))


def walter() -> Account:
    """A work account of Contoso, a member there."""
    company = contoso()
    made = factories.account(
        f"walter@{CONTOSO_DOMAIN}",
        kind=Account.Kind.WORK,
        given_name="Walter",
        family_name="Weiss",
        organization=company,
    )
    factories.membership(made, company, Membership.Role.MEMBER)
    return made


def signed_in(account: Account) -> Client:
    """A browser where `account` is signed in; agents have shown their second factor."""
    client = Client()
    client.force_login(account)
    if account.is_agent:
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "mfa", "type": "totp", "at": factories.NOW.timestamp()}
        ]
        session["account_authentication_methods_user"] = str(account.pk)
        session.save()
    return client


def bearer(account: Account) -> Client:
    """A program that calls the API with a token of `account`, which may write."""
    secret = issue_token(account=account, by=account, now=timezone.now())
    return Client(headers={"authorization": f"Bearer {secret}"})
