"""Build the demo vendor: from a fixed seed and today's date, in one transaction but for what was
sold."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from random import Random
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from opora.accounts.models import Account, IdentityProvider, WorkIdentity
from opora.catalog.actions import load_demo_channels, load_demo_services
from opora.cli.demo import agreements, files, history, people, reading, sales, shelf
from opora.cli.demo.card_processor.processor import Processor
from opora.core.sealing import seal_batch

SEED = 3020636


def build(*, now: datetime, processor: Processor | None = None) -> dict[str, Any]:
    """Fill an empty, prepared installation; what the demo has to remember of itself.

    `processor`: the stand-in for Stripe that the settings lead to; without one nothing was sold.
    """
    random = Random(SEED)  # noqa: S311 - invents people, guards nothing
    with transaction.atomic():
        load_demo_services(now=now - timedelta(days=500))
        load_demo_channels(now=now - timedelta(days=500))
        everybody = people.build(random, now=now - timedelta(days=500))
        contracts = agreements.build(random, everybody, now=now)
        history.build(random, everybody, contracts, now=now)
        agreements.settle(contracts, now=now)
        reading.build(random, everybody, now=now)
        files.build(random, everybody)
        shelf.build(random, everybody, now=now)
        provider = _connect_provider(everybody, now=now)
        totp_secret = _second_factor(everybody)
    if processor is not None:  # in transactions of their own: calls go over HTTP between them
        sales.build(random, everybody, processor, now=now)
    while seal_batch():
        pass
    return {
        "state": "ready",
        "totp_secret": totp_secret,
        "provider": provider,
        "spare": [
            {"access_id": access_id, "contract_id": contract.shown_contract_id or ""}
            for contract, access_id in contracts.spare
        ],
    }


def point_to_provider(note: dict[str, Any]) -> None:
    """The provider runs on another port each time; its identities stay."""
    IdentityProvider.objects.filter(client_id=note["provider"]["client_id"]).update(
        issuer=note["provider"]["issuer"]
    )


def _connect_provider(everybody: people.People, *, now: datetime) -> dict[str, Any]:
    organization = everybody.organizations[0]
    client_id, client_secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    provider = IdentityProvider.objects.create(
        organization=organization,
        slug=secrets.token_hex(8),
        issuer="http://127.0.0.1:1",  # the real port is known when it is served
        client_id=client_id,
        client_secret=client_secret,
    )
    WorkIdentity.objects.create(
        account=everybody.work, provider=provider, subject=people.WORK_SUBJECT, bound_at=now
    )
    person = everybody.work.person
    return {
        "issuer": provider.issuer,
        "organization": organization.name,
        "client_id": client_id,
        "client_secret": client_secret,
        "employee": {
            "subject": people.WORK_SUBJECT,
            "email": people.WORK,
            "password": people.PASSWORD,
            "given_name": person.given_name,
            "family_name": person.family_name,
        },
    }


def _second_factor(everybody: people.People) -> str:
    """One for everybody of the vendor who may sign in: its code stands on the demo's page."""
    secret: str = generate_totp_secret()
    for vendor in (*everybody.administrators, Account.objects.get(login_email=people.AGENT)):
        TOTP.activate(vendor, secret)
    return secret
