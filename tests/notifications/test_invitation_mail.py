"""The mail with an invitation link: written when it is sent, for an address nobody may own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from opora.accounts.models import Account
from opora.contracts.actions import Invited, accept_invitation, invite, revoke_invitation
from opora.contracts.models import Contract, Registration
from opora.core.models import Job
from opora.jobs.kinds import handler_of
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

LINK = re.compile(r"http://\S+/invitations/([\w-]{43})/")


@pytest.fixture
def contract(alice: Account) -> Contract:
    made = factories.contract(registered_to=(alice,))
    made.managers.create(account=alice)
    return made


@pytest.fixture
def invited(contract: Contract, alice: Account) -> Invited:
    return invite(contract=contract, send_to="vera@example.net", by=alice, now=NOW)


def sent(now: datetime = NOW) -> list[EmailMessage]:
    mail.outbox.clear()
    for job in Job.objects.filter(kind="mail.contract_invitation", state="open"):
        handler_of(job.kind)(job.payload, job, now)
    return list(mail.outbox)


@pytest.mark.shows("S14.1", "AU-07", "AU-08")
def test_the_link_is_made_when_the_mail_is_written_and_lies_in_no_queue(
    invited: Invited, settings: Any
) -> None:
    assert invited.secret not in str(list(Job.objects.values()))
    (first,), (again,) = sent(), sent()
    assert first.to == ["vera@example.net"]
    body = str(first.body)
    assert LINK.findall(body) == [invited.secret]
    assert settings.PUBLIC_URL in body
    assert "Alice Ames invites you to share a support contract." in body.replace("\n", " ")
    assert LINK.findall(str(again.body)) == [invited.secret]  # sent again, it is the same mail
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]


@pytest.mark.shows("F-28")
def test_the_link_outlives_a_change_of_the_installations_secret(
    invited: Invited, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer secret"
    (letter,) = sent()
    (secret,) = LINK.findall(str(letter.body))
    assert accept_invitation(account=cast.bob(), secret=secret, now=NOW)
    settings.SECRET_KEY_FALLBACKS = []
    Registration.objects.all().delete()
    assert sent() == []


@pytest.mark.shows("AC-13")
@pytest.mark.parametrize("why", ["called off", "used", "run out"])
def test_a_dead_link_is_not_mailed(invited: Invited, alice: Account, why: str) -> None:
    now = NOW
    if why == "called off":
        revoke_invitation(invitation=invited.invitation, by=alice, now=NOW)
        Job.objects.update(state="open")  # as if it had been claimed before
    elif why == "used":
        accept_invitation(account=cast.bob(), secret=invited.secret, now=NOW)
    else:
        now = NOW + timedelta(hours=72)
    assert sent(now) == []


def test_it_speaks_the_language_of_whoever_has_proved_the_address(
    contract: Contract, alice: Account
) -> None:
    factories.account("iva@example.cz", language="cs")
    invite(contract=contract, send_to="iva@example.cz", by=alice, now=NOW)
    (letter,) = sent()
    assert "Dobrý den" in str(letter.body)


@pytest.mark.shows("S14.2", "S14.3", "EN-01")
def test_who_is_told_of_a_registration_is_led_to_what_they_may_do(
    contract: Contract, alice: Account
) -> None:
    bob, walter = cast.bob(), cast.walter()
    contract.managers.create(account=walter)  # who has not added it
    factories.registration(contract, bob)
    secret = invite(contract=contract, by=alice, now=NOW).secret
    accept_invitation(account=cast.charlie(), secret=secret, now=NOW)
    mail.outbox.clear()
    for job in Job.objects.filter(kind="mail.contract_registered"):
        handler_of(job.kind)(job.payload, job, NOW)
    told = {letter.to[0]: str(letter.body).replace("\n", " ") for letter in mail.outbox}
    assert set(told) == {alice.email, bob.email, walter.email}
    for manager in (alice, walter):
        assert f"/contracts/{contract.public_id.hex}/sharing/" in told[manager.email]
        assert "revoke the registration" in told[manager.email]
    assert f"/contracts/{contract.public_id.hex}/" in told[bob.email]
    assert "sharing/" not in told[bob.email]
    assert "Charlie" not in "".join(told.values())
