"""Warnings before a contract ends or runs out: whole sentences in both languages, to whom they
concern, once each (S13.5)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from opora.accounts.models import Account, Membership
from opora.contracts.actions import (
    consume_incident,
    end_registration,
    renew_contract,
    revoke_registration,
)
from opora.contracts.models import Contract
from opora.core.models import Job
from opora.jobs.kinds import handler_of
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ENDS = date(2027, 1, 31)


def run_every_day_until(day: date) -> None:
    """The periodic warning, again and again, as the worker runs it."""
    periodic = Job(kind="contracts.warn")
    moment = NOW
    while moment.date() <= day:
        handler_of("contracts.warn")({}, periodic, moment)
        moment += timedelta(hours=12)


def deliver(kind: str) -> list[EmailMultiAlternatives]:
    """What goes out for the queue's jobs of this kind, each run once."""
    mail.outbox.clear()
    for job in Job.objects.filter(kind=kind).order_by("pk"):
        handler_of(kind)(job.payload, job, NOW)
    return [letter for letter in mail.outbox if isinstance(letter, EmailMultiAlternatives)]


def read(letter: EmailMultiAlternatives) -> str:
    return str(letter.body).replace("\u00a0", " ")


def people() -> tuple[Account, Account, Account]:
    """A registrant who reads Czech, a manager who reads English, a manager of the holder."""
    iva = factories.account("iva@example.com", given_name="Iva", language="cs")
    max_ = factories.account("max@example.com", given_name="Max")
    walter = cast.walter()
    Membership.objects.filter(account=walter).update(role=Membership.Role.MANAGER)
    return iva, max_, walter


def shared(**facts: Any) -> Contract:
    iva, max_, _walter = people()
    made = factories.contract(
        holder=cast.contoso(), registered_to=(iva,), **{"ends_on": ENDS} | facts
    )
    made.managers.create(account=max_)
    return made


@pytest.mark.shows("S13.5", "P1")
def test_all_of_them_are_warned_thrice_before_the_end_once_each() -> None:
    contract = shared()
    run_every_day_until(ENDS + timedelta(days=3))
    letters = deliver("mail.contract_ending")
    addresses = ("iva@example.com", "max@example.com", "walter@contoso.example")
    assert sorted((letter.to[0]) for letter in letters) == sorted(addresses * 3)
    iva = Account.objects.get(email="iva@example.com")
    queued = Job.objects.filter(kind="mail.contract_ending", payload__account=iva.pk).order_by("pk")
    assert [(job.payload["days"], ENDS - job.created_at.date()) for job in queued] == [
        (days, timedelta(days=days)) for days in (60, 30, 7)
    ]
    contract.refresh_from_db()
    assert contract.notices.count() == 3


WARNED = {
    "cs": (
        "Smlouva {number} končí 31. 1. 2027",
        "Dobrý den",
        "smlouva o podpoře {number} končí 31. 1. 2027.",
        "Zbývá na ní 5 incidentů, které po tomto dni nepůjde použít.",
        "Otevřít smlouvu",
    ),
    "en": (
        "Contract {number} ends on 31 Jan 2027",
        "Hello Max",
        "The support contract {number} ends on 31 Jan 2027.",
        "5 incidents are left on it; after that day they cannot be used.",
        "Open the contract",
    ),
}
LAST = {
    "cs": (
        "Na smlouvě {number} zbývá jeden incident",
        "Dobrý den",
        "na smlouvě o podpoře {number} zbývá jeden incident, použít ho můžete do 31. 1. 2027.",
        "Otevřít smlouvu",
    ),
    "en": (
        "One incident is left on contract {number}",
        "Hello Max",
        "The support contract {number} has one incident left, until 31 Jan 2027.",
        "Open the contract",
    ),
}


def says(letter: EmailMultiAlternatives, contract: Contract, words: tuple[str, ...]) -> None:
    subject, *said = (text.format(number=contract.shown_contract_id) for text in words)
    assert letter.subject.replace("\u00a0", " ") == subject
    for sentence in said:
        assert sentence in read(letter)
    html = str(letter.alternatives[0][0])
    link = f"/contracts/{contract.public_id.hex}/"
    assert link in read(letter)
    assert re.search(rf'href="http[^"]+{link}"', html)


@pytest.mark.shows("S13.5")
def test_the_warning_of_an_end_says_how_much_is_lost_in_the_readers_language() -> None:
    contract = shared()
    run_every_day_until(ENDS - timedelta(days=60))
    by_address = {letter.to[0]: letter for letter in deliver("mail.contract_ending")}
    says(by_address["iva@example.com"], contract, WARNED["cs"])
    says(by_address["max@example.com"], contract, WARNED["en"])


@pytest.mark.shows("S13.5")
def test_the_last_incident_is_told_to_all_of_them_once_a_term() -> None:
    contract = shared(incidents=3)
    iva = Account.objects.get(email="iva@example.com")
    for number in range(2):
        consume_incident(contract_pk=contract.pk, case_number=str(number), by=iva, now=NOW)
    for job in [*Job.objects.filter(kind="contract.incidents_low")] * 2:
        handler_of(job.kind)(job.payload, job, NOW)
    by_address = {letter.to[0]: letter for letter in deliver("mail.incidents_low")}
    assert len(mail.outbox) == 3
    says(by_address["iva@example.com"], contract, LAST["cs"])
    says(by_address["max@example.com"], contract, LAST["en"])


@pytest.mark.shows("S13.5", "AC-13")
def test_who_left_the_contract_meanwhile_is_told_nothing_of_it() -> None:
    contract = shared()
    iva, dana = Account.objects.get(email="iva@example.com"), cast.dana()
    bob, walter = cast.bob(), Account.objects.get(kind=Account.Kind.WORK)
    factories.registration(contract, bob)
    run_every_day_until(ENDS - timedelta(days=60))
    end_registration(account=iva, contract=contract, by=iva, now=NOW)
    revoke_registration(account=bob, contract=contract, by=dana, now=NOW)
    Membership.objects.filter(account=walter).delete()
    assert [letter.to[0] for letter in deliver("mail.contract_ending")] == ["max@example.com"]


@pytest.mark.shows("S13.5")
def test_a_warning_that_time_overtook_is_not_sent() -> None:
    contract = shared()
    run_every_day_until(ENDS - timedelta(days=60))
    renew_contract(contract=contract, by=None, now=NOW)
    assert deliver("mail.contract_ending") == []


@pytest.mark.shows("S13.5", "S14.3")
def test_the_link_opens_the_contract_for_a_manager_who_did_not_add_it() -> None:
    contract = shared()
    run_every_day_until(ENDS - timedelta(days=60))
    (letter,) = (one for one in deliver("mail.contract_ending") if "max@example.com" in one.to)
    found = re.search(r"https?://[^/]+(/contracts/\w+/)", read(letter))
    assert found is not None
    manager = cast.signed_in(Account.objects.get(email="max@example.com"))
    page = manager.get(found[1])
    assert page.status_code == 200
    assert str(contract.shown_contract_id) in page.content.decode()
