"""Mails to who bought: what was paid, what went back, how to pay."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from opora.accounts.models import Account
from opora.billing.actions.papers import issue_credit_note, issue_receipt
from opora.billing.models import Purchase, Refund
from opora.core.models import Job
from opora.jobs.kinds import handler_of
from tests import factories
from tests.billing import bought
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def iva() -> Account:
    return factories.account("iva@example.com", given_name="Iva", family_name="Malá", language="cs")


def sent(kind: str, **payload: int) -> EmailMultiAlternatives | None:
    """What the job sends, the same for each run of it."""
    mail.outbox.clear()
    job, _ = Job.objects.get_or_create(
        kind=kind, payload=payload, defaults={"created_at": NOW, "run_after": NOW}
    )
    for _time in range(2):
        handler_of(kind)(job.payload, job, NOW)
    if not mail.outbox:
        return None
    first, again = mail.outbox
    assert isinstance(first, EmailMultiAlternatives)
    assert first.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]
    return first


def read(letter: EmailMultiAlternatives | None) -> str:
    assert letter is not None
    html = letter.alternatives[0][0]
    assert isinstance(html, str)
    text = f"{letter.subject}\n{letter.body}".replace("\u00a0", " ")
    for line in ("https://", "http://"):
        assert (line in text) == (line in html)
    return text


@pytest.mark.shows("S7.4", "F-02")
def test_the_receipt_is_told_in_the_buyers_language(iva: Account) -> None:
    purchase = bought.paid(iva)
    assert sent("mail.purchase_receipt", purchase=purchase.pk) is None, "there is no receipt yet"
    issue_receipt(purchase=purchase, now=NOW)

    letter = sent("mail.purchase_receipt", purchase=purchase.pk)

    text = read(letter)
    assert letter is not None
    assert letter.to == ["iva@example.com"]
    assert "List-Unsubscribe" not in letter.extra_headers
    for words in (
        "R2026-000001", "12 100 Kč", "10 000 Kč", "2 100 Kč", "21 %", "Visa •••• 4242",
        f"/purchases/{purchase.key}/", "Dobrý den",
    ):  # fmt: skip
        assert words in text


@pytest.mark.shows("S7.4")
def test_the_refund_is_told_with_its_credit_note(iva: Account) -> None:
    purchase = bought.paid(iva)
    issue_receipt(purchase=purchase, now=NOW)
    refund = bought.refunded(purchase, 605_000, incidents=1)
    assert sent("mail.purchase_refunded", refund=refund.pk) is None
    issue_credit_note(refund=refund, now=NOW)

    text = read(sent("mail.purchase_refunded", refund=refund.pk))

    for words in ("C2026-000001", "6 050 Kč", "1 050 Kč", purchase.number):
        assert words in text


@pytest.mark.shows("S7.1")
def test_who_pays_outside_is_told_how_until_it_is_paid(settings: Any) -> None:
    settings.BANK_ACCOUNT = "2000145399/0800"
    alice = factories.account("alice@example.com")
    purchase = bought.begun(alice, state=Purchase.State.AWAITING, provider="outside")

    text = read(sent("mail.purchase_awaiting", purchase=purchase.pk))

    for words in ("2000145399/0800", purchase.number, "CZK 12,100"):
        assert words in text
    Purchase.objects.filter(pk=purchase.pk).update(state=Purchase.State.CANCELLED)
    assert sent("mail.purchase_awaiting", purchase=purchase.pk) is None


def test_nothing_is_sent_to_a_deactivated_account_or_about_nothing(iva: Account) -> None:
    purchase = bought.paid(iva)
    issue_receipt(purchase=purchase, now=NOW)
    Account.objects.filter(pk=iva.pk).update(is_active=False)
    assert sent("mail.purchase_receipt", purchase=purchase.pk) is None
    assert sent("mail.purchase_receipt", purchase=0) is None
    assert sent("mail.purchase_refunded", refund=0) is None
    assert Refund.objects.count() == 0
