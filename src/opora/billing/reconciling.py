"""Keeping our books and the providers' alike: notices looked into, and every night a comparison.

Like `paying`, nothing here holds a transaction, nor an open read, while it speaks over the network.
What cannot be compared is told and stops nothing else; a provider that is silent ends the night's
work, which is then tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from opora.billing import states
from opora.billing.actions.differences import report, resolve
from opora.billing.actions.notices import finish_notice, forget_notices
from opora.billing.actions.sending_back import UNSETTLED as UNSETTLED_REFUND
from opora.billing.actions.sending_back import carry_out_refund
from opora.billing.actions.settling import settle
from opora.billing.errors import PaymentsUnavailable
from opora.billing.models import Discrepancy, Dispute, ProviderNotice, Purchase, Refund
from opora.billing.paying import ask_again, give_up
from opora.billing.providers.base import (
    Moved,
    Payment,
    PaymentProvider,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from opora.billing.providers.registry import offered, provider_named
from opora.billing.queries.orders import purchase_of_payment
from opora.core.ids import parse_public_id

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
LOOKS_BACK = timedelta(days=7)  # a week of nights without an answer still loses nothing
MOVES_BACK = timedelta(days=35)  # a refund may still fail a month after it was made
DECLINED_WAITS = timedelta(hours=24)  # then nobody tries another card
CREATED_WAITS = timedelta(days=30)
NOTICE_WAITS = timedelta(days=30)  # for a payment that nobody knows; its alarm has sounded
NOTICE_KEPT = timedelta(days=90)  # far longer than a provider repeats one; they hold names


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
        if payment is None or (payment.key and _is_ours(payment)):
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
                with _apart(f"payment {listed.reference}"):
                    _compare(listed, provider, clock=clock)
        for moved in provider.moved_since(clock() - MOVES_BACK):
            with _apart(f"payment {moved.payment}"):
                _compare_moved(moved, provider, clock=clock)
        _look_for_the_rest(provider, since, seen, clock=clock)
        _look_at_differences(provider, clock=clock)
    _ask_for_open_ends(clock=clock)
    _retry_notices(clock=clock)
    forget_notices(before=clock() - NOTICE_KEPT)
    return compared


# --- Pieces ---------------------------------------------------------------------------------------
@contextmanager
def _apart(what: str) -> Iterator[None]:
    """One that cannot be looked at is told and stops no other."""
    try:
        yield
    except ProviderUnreachable:
        raise
    except Exception:
        log.exception("the books could not be compared: %s", what)


def _each(keys: Iterable[int]) -> Iterator[Purchase]:
    """Purchases one by one, each read when it is needed: no read stays open during a call."""
    for key in list(keys):
        yield Purchase.objects.select_related("plan_version__plan").get(pk=key)


def _keys(rows: QuerySet[Purchase]) -> Iterable[int]:
    return rows.values_list("pk", flat=True)


def _is_ours(payment: Payment) -> bool:
    """Whether this installation may have opened it: one account at a provider may serve several,
    and a copy of this one that is tried out has another address."""
    return payment.origin in ("", settings.PUBLIC_URL) or _purchase_of(payment.key) is not None


def _purchase_of(key: str) -> Purchase | None:
    public_id = parse_public_id(key)
    return Purchase.objects.filter(public_id=public_id).first() if public_id else None


def _take_over(payment: Payment, provider: PaymentProvider, *, clock: Clock) -> Purchase | None:
    """Settle the purchase that a payment belongs to; None if there is none, with an alarm if money
    moved."""
    purchase = _purchase_of(payment.key)
    if purchase is not None:
        purchase = settle(
            purchase_pk=purchase.pk, payment=payment, provider=provider.slug, now=clock()
        )
    elif payment.kept:
        report(
            kind=Discrepancy.Kind.MISSING_HERE,
            provider=provider.slug,
            reference=payment.reference,
            purchase=None,
            theirs=payment.kept,
            ours=0,
            currency=payment.currency,
            now=clock(),
        )
    for difference in _open_differences(provider).filter(reference=payment.reference):
        if _agrees(difference, payment):
            resolve(difference=difference, now=clock())
    return purchase


def _compare(listed: Payment, provider: PaymentProvider, *, clock: Clock) -> None:
    purchase = _purchase_of(listed.key)
    if purchase is None and not _is_ours(listed):
        return
    if purchase is None or _differs(purchase, listed):
        # Read anew, with all that belongs to it: the list may be older than what we know.
        _look_closely(listed.reference, provider, clock=clock)


def _compare_moved(moved: Moved, provider: PaymentProvider, *, clock: Clock) -> None:
    """What went back, or was charged back, of a payment however old it is."""
    purchase = purchase_of_payment(moved.payment, provider.slug)
    if purchase is not None and not _is_known(moved, purchase):
        _look_closely(moved.payment, provider, clock=clock)


def _is_known(moved: Moved, purchase: Purchase) -> bool:
    if (dispute := moved.dispute) is not None:
        return Dispute.objects.filter(reference=dispute.reference, state=dispute.state).exists()
    refund = moved.refund
    if refund is None or refund.state == "pending":
        return True
    ours = purchase.refunds.filter(reference=refund.reference)
    if (key := parse_public_id(refund.key)) is not None:
        ours = ours | purchase.refunds.filter(public_id=key)
    is_done = ours.filter(state=Refund.State.DONE).exists()
    if refund.state == "done":
        return is_done
    return not is_done and not ours.filter(state__in=UNSETTLED_REFUND).exists()


def _look_closely(reference: str, provider: PaymentProvider, *, clock: Clock) -> None:
    payment = provider.look(reference)
    purchase = _take_over(payment, provider, clock=clock)
    if purchase is not None and _is_captured_by(purchase, payment):
        _compare_refunds(purchase, payment, now=clock())


def _is_captured_by(purchase: Purchase, payment: Payment) -> bool:
    return purchase.state == Purchase.State.CAPTURED and purchase.reference == payment.reference


def _differs(purchase: Purchase, payment: Payment) -> bool:
    """Whether the payment has to be looked at closely."""
    if purchase.reference not in ("", payment.reference):
        return bool(payment.kept)  # a second one
    is_captured = purchase.state == Purchase.State.CAPTURED
    return (
        is_captured != (payment.state is PaymentState.CAPTURED)
        or (is_captured and purchase.amount != payment.captured)
        or (is_captured and purchase.currency != payment.currency)
        or purchase.refunded != payment.gone_back
    )


def _agrees(difference: Discrepancy, payment: Payment) -> bool:
    """Whether what was told is over, by the payment as it is now: our books say the same, or what
    we never had has gone back."""
    purchase = _purchase_of(payment.key)
    if purchase is None or not _is_captured_by(purchase, payment):
        return not payment.kept
    return not _differs(purchase, payment)


def _compare_refunds(purchase: Purchase, payment: Payment, *, now: datetime) -> None:
    if purchase.refunded == payment.gone_back:
        return
    if purchase.refunds.filter(state__in=UNSETTLED_REFUND).exists():
        return  # on its way
    report(
        kind=Discrepancy.Kind.REFUNDED,
        provider=purchase.provider,
        reference=purchase.reference,
        purchase=purchase,
        theirs=payment.gone_back,
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
    missed = [pk for pk, name in ours.values_list("pk", "reference") if name not in seen]
    for purchase in _each(missed):
        with _apart(f"purchase {purchase.number}"):
            _find(purchase, provider, clock=clock)


def _find(purchase: Purchase, provider: PaymentProvider, *, clock: Clock) -> None:
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


def _open_differences(provider: PaymentProvider) -> QuerySet[Discrepancy]:
    rows = Discrepancy.objects.filter(provider=provider.slug, resolved_at=None)
    return rows.select_related("purchase").order_by("id")


def _look_at_differences(provider: PaymentProvider, *, clock: Clock) -> None:
    """What differed is looked at until it agrees again, however old its payment is."""
    for difference in list(_open_differences(provider)):
        with _apart(f"payment {difference.reference}"), suppress(ProviderRefused):
            if _agrees(difference, provider.look(difference.reference)):
                resolve(difference=difference, now=clock())


def _ask_for_open_ends(*, clock: Clock) -> None:
    """What nobody goes on with: asked, then given up, so that no payment stays chargeable."""
    now = clock()
    for purchase in _each(_keys(Purchase.objects.filter(state__in=states.UNSETTLED))):
        with _apart(f"purchase {purchase.number}"):
            ask_again(purchase=purchase, clock=clock)
    over = Purchase.objects.filter(state=Purchase.State.DECLINED, state_at__lt=now - DECLINED_WAITS)
    left = Purchase.objects.filter(state=Purchase.State.CREATED, state_at__lt=now - CREATED_WAITS)
    for rows in (over, left):
        for purchase in _each(_keys(rows)):
            # One that cannot be stops no other; the next night.
            with _apart(f"purchase {purchase.number}"), suppress(PaymentsUnavailable):
                give_up(purchase=purchase, by=None, now=now)
    for key in list(Refund.objects.filter(state__in=UNSETTLED_REFUND).values_list("pk", flat=True)):
        with _apart(f"refund {key}"):
            carry_out_refund(key, clock())


def _retry_notices(*, clock: Clock) -> None:
    """Notices whose payment was not known, and those whose job was given up. Older ones have told
    what they could."""
    now = clock()
    unsettled = ProviderNotice.objects.filter(
        outcome__in=(ProviderNotice.Outcome.WAITING, ProviderNotice.Outcome.UNKNOWN_PAYMENT),
        received_at__gte=now - NOTICE_WAITS,
    )
    for key in list(unsettled.order_by("id").values_list("pk", flat=True)):
        notice = ProviderNotice.objects.get(pk=key)
        with _apart(f"notice {notice.event}"):
            look_into(notice=notice, clock=clock)
