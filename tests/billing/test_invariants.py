"""`opora verify` finds each way in which money and incidents could part (I3)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from opora.billing.actions.refunds import request_refund
from opora.billing.actions.sending_back import carry_out_refund
from opora.billing.models import Purchase, Refund
from opora.billing.refunds import Wanted
from opora.core import installation
from opora.core.models import Installation, Job
from opora.core.queue import PERIODIC
from opora.jobs.payments import ask
from tests import cast
from tests.billing.books import AFTER, BEFORE, Books
from tests.billing.shop import Shopper, breaches, load_sold_plans
from tests.factories import NOW

pytestmark = pytest.mark.django_db
State = Purchase.State


@pytest.fixture
def shopper(books: Books) -> Shopper:
    load_sold_plans()
    return Shopper()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _forgotten_purchase(purchase: Purchase) -> None:
    Purchase.objects.filter(pk=purchase.pk).update(
        state=State.CANCELLED, contract=None, captured_at=None
    )


def _granted_less(purchase: Purchase) -> None:
    Purchase.objects.filter(pk=purchase.pk).update(incidents=6)


def _refund_nobody_made(purchase: Purchase) -> None:
    Purchase.objects.filter(pk=purchase.pk).update(refunded=1)


def _incidents_that_were_not_taken(purchase: Purchase) -> None:
    Refund.objects.create(
        purchase=purchase,
        amount=1,
        incidents=1,
        reason="unused",
        state=Refund.State.DONE,
        state_at=NOW,
        requested_at=NOW,
    )
    Purchase.objects.filter(pk=purchase.pk).update(refunded=1)


def _left_alone(purchase: Purchase) -> None:
    Job.objects.all().delete()
    Purchase.objects.filter(pk=purchase.pk).update(
        state=State.UNKNOWN,
        contract=None,
        captured_at=None,
        called_at=NOW - timedelta(minutes=31),
    )


def _refund_left_alone(purchase: Purchase) -> None:
    Refund.objects.create(
        purchase=purchase,
        amount=1,
        incidents=0,
        reason="goodwill",
        state=Refund.State.UNKNOWN,
        state_at=NOW - timedelta(minutes=31),
        requested_at=NOW - timedelta(minutes=31),
    )


def _gap_in_numbers(purchase: Purchase) -> None:
    run("UPDATE billing_paperseries SET last = last + 1")


@pytest.mark.shows("I3")
@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (_forgotten_purchase, "has bought incidents that nobody paid"),
        (_granted_less, "of 6 incidents has 1 grants of 5"),
        (_refund_nobody_made, "says 1 went back, its refunds say 0"),
        (_incidents_that_were_not_taken, "0 incidents were taken back for refunds of 1"),
        (_left_alone, "nobody asks what became of purchase"),
        (_refund_left_alone, "nobody asks what became of refund"),
        (_gap_in_numbers, "have numbers up to 2, but there are 1"),
    ],
)
def test_each_harm_is_found(
    shopper: Shopper, harm: Callable[[Purchase], None], sentence: str
) -> None:
    purchase = shopper.buy("ppi-5")
    assert breaches() == []
    harm(purchase)
    assert any(sentence in breach for breach in breaches()), breaches()


@pytest.mark.shows("I3", "F-08")
def test_a_provider_that_is_silent_is_no_damage_as_long_as_it_is_asked(
    shopper: Shopper, books: Books
) -> None:
    """Verify tells of damage; of silence the jobs sound the alarm."""
    bought = shopper.buy("ppi-5")
    refund = request_refund(
        purchase=bought, wanted=Wanted(1000, 0, "goodwill"), key=uuid4(), by=cast.eve(), now=NOW
    )
    books.fail("pay", AFTER)
    other = Shopper(account=shopper.account)
    assert other.pay(other.begin()).purchase.state == State.UNKNOWN
    books.fail("look", BEFORE)
    assert carry_out_refund(refund.pk, NOW).state == "unknown"
    assert breaches(at=NOW + timedelta(days=3)) == []
    Job.objects.all().delete()
    assert len(breaches(at=NOW + timedelta(days=3))) == 2


@pytest.mark.shows("F-08")
def test_an_end_that_stays_unknown_sounds_the_alarm(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    books.fail("pay", AFTER)
    purchase = shopper.pay(shopper.begin()).purchase
    books.fail("look", BEFORE)
    job = Job.objects.get(kind="payment.ask")
    with caplog.at_level(logging.ERROR):
        ask(job.payload, job, NOW + timedelta(minutes=11))
    assert f"not known what became of purchase {purchase.number}" in caplog.text
    ask(job.payload, job, NOW)
    purchase.refresh_from_db()
    assert purchase.state == State.CAPTURED


@pytest.mark.shows("F-22", "F-21")
def test_a_restored_copy_asks_nobody_until_it_is_released_and_then_compares_at_once() -> None:
    later = timezone.now() + timedelta(hours=20)
    for kind in ("payments.reconcile", "audit.seal"):
        Job.objects.update_or_create(
            kind=kind, key=PERIODIC, defaults={"created_at": NOW, "run_after": later}
        )
    assert "payments.reconcile".startswith(installation.OUTWARD)
    assert "payment.ask".startswith(installation.OUTWARD)
    Installation.objects.update_or_create(
        pk=1, defaults={"fingerprint": "x", "prepared_at": NOW, "held_at": NOW}
    )
    now = timezone.now()
    installation.release(discard_mail=True, now=now)
    due = dict(Job.objects.filter(key=PERIODIC).values_list("kind", "run_after"))
    assert due["payments.reconcile"] == now
    assert due["audit.seal"] == later
