"""Paid outside: an administrator confirms by hand, and the incident appears."""

from __future__ import annotations

from typing import Any

import pytest

from opora.billing import paying
from opora.billing.actions.outside import confirm_outside_payment
from opora.billing.errors import MayNotRefund, PaymentNotAwaited, PurchaseIsOver
from opora.billing.models import OutsidePayment, Paper, Purchase
from opora.core.models import AuditLine, Job
from tests import cast
from tests.billing.shop import Shopper, breaches, load_sold_plans
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.PAYMENTS = ("outside",)
    settings.BANK_ACCOUNT = "2000145399/0800"
    load_sold_plans()


def awaited(shopper: Shopper) -> Purchase:
    return shopper.pay(shopper.begin(), method="", provider="outside").purchase


@pytest.mark.shows("S7.5", "I3")
def test_a_confirmed_transfer_is_captured_and_the_incident_is_there() -> None:
    purchase = awaited(Shopper())
    assert (purchase.state, purchase.contract) == ("awaiting", None)
    eve = cast.eve()

    confirmed = confirm_outside_payment(purchase=purchase, by=eve, now=NOW)

    assert confirmed.state == "captured"
    assert confirmed.contract is not None
    assert confirmed.contract.incidents_left == purchase.incidents == 1
    assert OutsidePayment.objects.get().state == "captured"
    assert Paper.objects.filter(purchase=purchase, kind="receipt").count() == 1
    assert Job.objects.filter(kind="mail.purchase_receipt").count() == 1
    assert AuditLine.objects.get(code="purchase.confirmed").actor_id == eve.pk
    assert breaches() == []


def test_confirming_again_changes_nothing() -> None:
    purchase, eve = awaited(Shopper()), cast.eve()
    first = confirm_outside_payment(purchase=purchase, by=eve, now=NOW)
    lines = AuditLine.objects.count()

    second = confirm_outside_payment(purchase=purchase, by=eve, now=NOW)

    assert (second.state, second.contract_id) == ("captured", first.contract_id)
    assert AuditLine.objects.count() == lines
    assert Paper.objects.count() == 1


@pytest.mark.shows("AC-19")
def test_only_an_administrator_confirms() -> None:
    shopper = Shopper()
    purchase = awaited(shopper)

    for somebody in (shopper.account, cast.dana()):
        with pytest.raises(MayNotRefund):
            confirm_outside_payment(purchase=purchase, by=somebody, now=NOW)

    purchase.refresh_from_db()
    assert (purchase.state, purchase.contract) == ("awaiting", None)
    assert OutsidePayment.objects.get().state == "pending"
    assert not AuditLine.objects.filter(code="purchase.confirmed").exists()


def test_money_for_a_purchase_that_was_given_up_grants_nothing() -> None:
    shopper = Shopper()
    purchase = awaited(shopper)
    paying.give_up(purchase=purchase, by=shopper.account, now=NOW)

    with pytest.raises(PurchaseIsOver):
        confirm_outside_payment(purchase=purchase, by=cast.eve(), now=NOW)

    purchase.refresh_from_db()
    assert (purchase.state, purchase.contract) == ("cancelled", None)
    assert OutsidePayment.objects.get().state == "cancelled"
    assert breaches() == []


def test_what_waits_for_no_transfer_cannot_be_confirmed() -> None:
    purchase = Shopper().begin()

    with pytest.raises(PaymentNotAwaited):
        confirm_outside_payment(purchase=purchase, by=cast.eve(), now=NOW)

    purchase.refresh_from_db()
    assert (purchase.state, purchase.contract) == ("created", None)
