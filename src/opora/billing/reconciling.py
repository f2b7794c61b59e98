"""Keeping our books and the providers' alike: notices looked into, and every night a comparison.

Like `paying`, nothing here holds a transaction while it speaks over the network.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from opora.billing import states
from opora.billing.actions.notices import finish_notice
from opora.billing.actions.settling import report, resolve, settle
from opora.billing.errors import PaymentsUnavailable
from opora.billing.models import Discrepancy, ProviderNotice, Purchase
from opora.billing.paying import ask_again, give_up
from opora.billing.providers.base import (
    Payment,
    PaymentProvider,
    PaymentState,
    ProviderRefused,
)
from opora.billing.providers.registry import offered, provider_named
from opora.core.ids import parse_public_id

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
LOOKS_BACK = timedelta(days=7)  # a week of nights without an answer still loses nothing
DECLINED_WAITS = timedelta(hours=24)  # then nobody tries another card
CREATED_WAITS = timedelta(days=30)
BATCH = 500


def look_into(*, notice: ProviderNotice, clock: Clock) -> None:
    """Read the payment that a notice is about and take it over. Raises ProviderUnreachable: then it
    is tried again."""
    provider = provider_named(notice.provider)
    outcome = ProviderNotice.Outcome.IGNORED
    if notice.reference:
        try:
            payment = provider.look(notice.reference)
        except ProviderRefused:
            payment = None
        if payment is None or payment.key:
            known = payment and _take_over(payment, provider, clock=clock)
            outcome = (
                ProviderNotice.Outcome.SETTLED if known else ProviderNotice.Outcome.UNKNOWN_PAYMENT
            )
    finish_notice(notice_pk=notice.pk, outcome=outcome, now=clock())


def reconcile(*, clock: Clock) -> int:
    """Compare the books of every provider with ours, and settle what is open; how many payments
    were compared. Raises ProviderUnreachable: then it is tried again.

    What differs is a Discrepancy with an alarm; what agrees again is resolved.
    """
    compared = 0
    for slug in offered():
        provider = provider_named(slug)
        since = clock() - LOOKS_BACK
        seen = set()
        for listed in provider.since(since):
            if listed.key:
                seen.add(listed.reference)
                compared += 1
                _compare(listed, provider, clock=clock)
        _look_for_the_rest(provider, since, seen, clock=clock)
    _ask_for_open_ends(clock=clock)
    _retry_notices(clock=clock)
    return compared


# --- Pieces ---------------------------------------------------------------------------------------
def _take_over(payment: Payment, provider: PaymentProvider, *, clock: Clock) -> bool:
    """Settle the purchase that a payment belongs to; False if there is none, with an alarm if money
    moved."""
    key = parse_public_id(payment.key)
    purchase = Purchase.objects.filter(public_id=key).first() if key else None
    if purchase is not None:
        settle(purchase_pk=purchase.pk, payment=payment, now=clock())
        return True
    if payment.captured:
        report(
            kind=Discrepancy.Kind.MISSING_HERE,
            provider=provider.slug,
            reference=payment.reference,
            purchase=None,
            theirs=payment.captured,
            ours=0,
            currency=payment.currency,
            now=clock(),
        )
    return False


def _compare(listed: Payment, provider: PaymentProvider, *, clock: Clock) -> None:
    key = parse_public_id(listed.key)
    purchase = Purchase.objects.filter(public_id=key).first() if key else None
    if purchase is None or _differs(purchase, listed):
        # Read anew, with all that belongs to it: the list may be older than what we know.
        payment = provider.look(listed.reference)
        _take_over(payment, provider, clock=clock)
        purchase = Purchase.objects.filter(public_id=key).first() if key else None
        if purchase is not None and purchase.state == Purchase.State.CAPTURED:
            _compare_refunds(purchase, payment, now=clock())
    if purchase is not None and not _differs(purchase, listed):
        resolve(provider=provider.slug, reference=listed.reference, now=clock())


def _differs(purchase: Purchase, payment: Payment) -> bool:
    is_captured = purchase.state == Purchase.State.CAPTURED
    return (
        is_captured != (payment.state is PaymentState.CAPTURED)
        or (is_captured and purchase.amount != payment.captured)
        or (is_captured and purchase.currency != payment.currency)
        or purchase.refunded != payment.refunded
    )


def _compare_refunds(purchase: Purchase, payment: Payment, *, now: datetime) -> None:
    if purchase.refunded == payment.refunded:
        return
    if purchase.refunds.filter(state__in=("calling", "unknown")).exists():
        return  # on its way
    report(
        kind=Discrepancy.Kind.REFUNDED,
        provider=purchase.provider,
        reference=purchase.reference,
        purchase=purchase,
        theirs=payment.refunded,
        ours=purchase.refunded,
        currency=purchase.currency,
        now=now,
    )


def _look_for_the_rest(
    provider: PaymentProvider, since: datetime, seen: set[str], *, clock: Clock
) -> None:
    """What we captured lately and the provider's list did not have."""
    ours = Purchase.objects.filter(
        provider=provider.slug, state=Purchase.State.CAPTURED, created_at__gte=since
    )
    for purchase in ours.iterator(BATCH):
        if purchase.reference in seen:
            continue
        try:
            payment = provider.look(purchase.reference)
        except ProviderRefused:
            payment = None
        if payment is None or payment.state is not PaymentState.CAPTURED:
            report(
                kind=Discrepancy.Kind.MISSING_THERE,
                provider=provider.slug,
                reference=purchase.reference,
                purchase=purchase,
                theirs=payment.captured if payment else 0,
                ours=purchase.amount,
                currency=purchase.currency,
                now=clock(),
            )


def _ask_for_open_ends(*, clock: Clock) -> None:
    """Purchases nobody goes on with: asked, then given up, so that no payment stays chargeable."""
    now = clock()
    for purchase in Purchase.objects.filter(state__in=states.UNSETTLED).iterator(BATCH):
        ask_again(purchase=purchase, clock=clock)
    over = Purchase.objects.filter(state=Purchase.State.DECLINED, state_at__lt=now - DECLINED_WAITS)
    left = Purchase.objects.filter(state=Purchase.State.CREATED, state_at__lt=now - CREATED_WAITS)
    for purchase in [*over.iterator(BATCH), *left.iterator(BATCH)]:
        with suppress(PaymentsUnavailable):  # one that cannot be stops no other; the next night
            give_up(purchase=purchase, by=None, now=now)


def _retry_notices(*, clock: Clock) -> None:
    unsettled = ProviderNotice.objects.filter(outcome=ProviderNotice.Outcome.UNKNOWN_PAYMENT)
    for notice in unsettled.order_by("id").iterator(BATCH):
        look_into(notice=notice, clock=clock)
