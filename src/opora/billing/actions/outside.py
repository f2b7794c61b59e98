"""An administrator saw the money of a payment that is made outside: the incident appears."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.billing.actions.purchasing import locked_purchase
from opora.billing.actions.settling import settle
from opora.billing.errors import MayNotRefund, PaymentNotAwaited, PurchaseIsOver
from opora.billing.models import Purchase
from opora.billing.providers import outside
from opora.core import audit

State = Purchase.State


@transaction.atomic
def confirm_outside_payment(*, purchase: Purchase, by: Account, now: datetime) -> Purchase:
    """The whole amount is on the vendor's account: capture it and grant what was bought. Again
    changes nothing.

    Raises MayNotRefund unless `by` is an administrator; PaymentNotAwaited if no transfer is waited
    for, PurchaseIsOver if the customer gave it up: then the money goes back by hand.
    """
    if not by.is_administrator:
        raise MayNotRefund
    purchase = locked_purchase(purchase)
    if purchase.provider != outside.PaidOutside.slug or not purchase.reference:
        raise PaymentNotAwaited
    if purchase.state == State.CAPTURED:
        return purchase
    payment = outside.mark_received(purchase.reference)
    if not payment.captured:
        raise PurchaseIsOver
    audit.record("purchase.confirmed", target=("purchase", purchase.key), by=by.pk, at=now)
    return settle(purchase_pk=purchase.pk, payment=payment, now=now)
