"""The demo's people: forty organisations, two hundred customers, agents in three time zones.

Everybody is invented; addresses end in .example, which belongs to nobody (RFC 2606).
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from opora.accounts.addresses import parse_address
from opora.accounts.models import (
    Account,
    MailDomain,
    Membership,
    Organization,
    Person,
    ProvedAddress,
)

PASSWORD = "podpora-na-zkousku"  # noqa: S105 - the demo prints it; it opens invented data only
PERSONAL = "jana.novakova@posta.example"
WORK = "petr.svoboda@strojirny-hradec.example"
AGENT = "dana.agentka@opora.example"
ADMINISTRATOR = "eva.spravcova@opora.example"
SECOND_ADMINISTRATOR = "adam.rozvazny@opora.example"  # consents to what she refunds
WORK_SUBJECT = "4f0c1d2e-petr-svoboda"

CZECH_SPEAKING = ("CZ", "SK")
CAST = json.loads(Path(__file__).with_name("people.json").read_text(encoding="utf-8"))
ORGANIZATIONS: list[tuple[str, str, str]] = [tuple(row) for row in CAST["organizations"]]
CUSTOMERS = 200


@dataclass
class People:
    """Everybody, with keys; customers of an organisation under its key, the rest under None."""

    organizations: list[Organization]
    agents: list[Account]
    administrators: list[Account]
    customers: list[Account]
    personal: Account
    work: Account


def build(random: Random, *, now: datetime) -> People:
    """Insert organisations, people, accounts, memberships and proved addresses in bulk."""
    organizations = Organization.objects.bulk_create(
        Organization(name=name, name_key=name.casefold(), created_at=now)
        for name, _, _ in ORGANIZATIONS
    )
    MailDomain.objects.bulk_create(
        MailDomain(organization=organization, domain=f"{slug}.example")
        for organization, (_, slug, _) in zip(organizations, ORGANIZATIONS, strict=True)
    )
    password = make_password(PASSWORD)
    accounts = [
        _account(
            Account.Kind.PERSONAL,
            ("Jana", "Nováková"),
            PERSONAL,
            "cs",
            "CZ",
            company="Nováková účetnictví",
            password=password,
            now=now,
        ),
        _account(
            Account.Kind.WORK,
            ("Petr", "Svoboda"),
            WORK,
            "cs",
            "CZ",
            organization=organizations[0],
            now=now,
        ),
        *_customers(random, organizations, now=now),
    ]
    agents = [
        _account(
            Account.Kind.AGENT,
            (given, family),
            email,
            language,
            country,
            time_zone=zone,
            password=password if email == AGENT else None,
            now=now,
        )
        for given, family, email, language, country, zone in CAST["agents"]
    ]
    administrators = [
        _account(Account.Kind.ADMINISTRATOR, name, email, "cs", "CZ", password=password, now=now)
        for name, email in (
            (("Eva", "Správcová"), ADMINISTRATOR),
            (("Adam", "Rozvážný"), SECOND_ADMINISTRATOR),
        )
    ]
    _insert([*accounts, *agents, *administrators], now=now)
    return People(organizations, agents, administrators, accounts, accounts[0], accounts[1])


def _customers(
    random: Random, organizations: list[Organization], *, now: datetime
) -> list[Account]:
    taken = {PERSONAL, WORK}
    customers: list[Account] = []
    while len(customers) < CUSTOMERS - 2:
        place = len(customers) % len(ORGANIZATIONS)
        _, slug, country = ORGANIZATIONS[place]
        language = "cs" if country in CZECH_SPEAKING else "en"
        # Czech family names go with the given name, so names come in groups that agree.
        names = random.choice(CAST["names"][language])
        given, family = (random.choice(names[part]) for part in ("given", "family"))
        is_work = random.random() < 0.6
        domain = f"{slug}.example" if is_work else "posta.example"
        email = f"{_ascii(given)}.{_ascii(family)}@{domain}"
        if email in taken:
            continue
        taken.add(email)
        customers.append(
            _account(
                Account.Kind.WORK if is_work else Account.Kind.PERSONAL,
                (given, family),
                email,
                language,
                country,
                organization=organizations[place] if is_work else None,
                company="" if is_work else ORGANIZATIONS[place][0],
                now=now,
            )
        )
    return customers


def _account(
    kind: str,
    name: tuple[str, str],
    email: str,
    language: str,
    country: str,
    *,
    now: datetime,
    organization: Organization | None = None,
    company: str = "",
    time_zone: str = "",
    password: str | None = None,
) -> Account:
    address = parse_address(email)
    return Account(
        person=Person(given_name=name[0], family_name=name[1]),
        kind=kind,
        email=address.text,
        email_key=address.key,
        login_email=None if kind == Account.Kind.WORK else address.key,
        organization=organization,
        password=password or make_password(None),
        created_at=now,
        country=country,
        time_zone=time_zone or CAST["zones"][country],
        language=language,
        phone="+420 601 123 456" if country == "CZ" else "",
        company=organization.name if organization else company,
        profile_completed_at=now,
    )


def _insert(accounts: list[Account], *, now: datetime) -> None:
    Person.objects.bulk_create(account.person for account in accounts)
    for account in accounts:
        account.person_id = account.person.pk
    Account.objects.bulk_create(accounts)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=account, email=account.email_key, verified=True, primary=True)
        for account in accounts
        if account.login_email
    )
    ProvedAddress.objects.bulk_create(
        ProvedAddress(
            account=account,
            address_key=account.email_key,
            how=ProvedAddress.How.PROVIDER
            if account.kind == Account.Kind.WORK
            else ProvedAddress.How.OPERATOR,
            proved_at=now,
        )
        for account in accounts
    )
    Membership.objects.bulk_create(
        Membership(
            organization_id=account.organization_id,
            account=account,
            role=Membership.Role.MANAGER if account.email == WORK else Membership.Role.MEMBER,
        )
        for account in accounts
        if account.organization_id
    )


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if c.isascii() and c.isalpha())
