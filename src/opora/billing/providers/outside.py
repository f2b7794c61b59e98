"""Paid outside: a bank transfer that the vendor confirms by hand. The books are rows of its own.

Nothing here goes over a network: the customer is told an account number, an administrator sees the
money on a statement and says so (`billing.actions.outside`). What goes back is sent by hand too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import models, transaction

from opora.billing.models import OutsidePayment, OutsideRefund
from opora.billing.providers.base import (
    BadNotice,
    Card,
    Charge,
    Moved,
    NoticeSeen,
    Payment,
    PaymentState,
    ProviderRefused,
    RefundSeen,
)
from opora.core.ids import parse_public_id

State = OutsidePayment.State
LIVE = (State.OPEN, State.PENDING)  # may still be paid


def provider() -> PaidOutside:
    return PaidOutside()


class PaidOutside:
    slug = "outside"
    has_cards = False

    def customer(self, *, account: str, email: str, key: str) -> str:
        return f"outside_{account}"

    @transaction.atomic
    def open(self, charge: Charge) -> Payment:
        known, _is_new = OutsidePayment.objects.get_or_create(
            key=charge.key,
            defaults={
                "number": charge.number,
                "amount": charge.amount,
                "currency": charge.currency,
            },
        )
        if (known.amount, known.currency) != (charge.amount, charge.currency):
            raise ProviderRefused("key-reused")
        return _payment(known)

    def pay(self, reference: str, *, method: str, keep_card: bool, key: str) -> Payment:
        """The customer says that the money will come. `method` means nothing here."""
        known = _known(reference)
        _rows(known).filter(state=State.OPEN).update(state=State.PENDING)
        return self.look(reference)

    def look(self, reference: str) -> Payment:
        known = _known(reference)
        return _payment(known, refunds=tuple(map(_refund, known.refunds.order_by("id"))))

    def cancel(self, reference: str) -> Payment:
        known = _known(reference)
        _rows(known).filter(state__in=LIVE).update(state=State.CANCELLED)
        return self.look(reference)

    @transaction.atomic
    def refund(self, reference: str, *, amount: int, key: str) -> RefundSeen:
        known = OutsidePayment.objects.locked().get(pk=_known(reference).pk)
        if made := known.refunds.filter(key=key).first():
            return _refund(made)
        if known.state != State.CAPTURED:
            raise ProviderRefused("not-captured")
        if not 0 < amount <= known.amount - known.refunded:
            raise ProviderRefused("too-much")
        known.refunded += amount
        known.save(update_fields=["refunded"])
        return _refund(OutsideRefund.objects.create(payment=known, key=key, amount=amount))

    def since(self, moment: datetime) -> Iterator[Payment]:
        return map(
            _payment,
            OutsidePayment.objects.filter(opened_at__gte=moment).order_by("opened_at", "id"),
        )

    def moved_since(self, moment: datetime) -> Iterator[Moved]:
        made = OutsideRefund.objects.filter(made_at__gte=moment).select_related("payment")
        return (Moved(one.payment.public_id.hex, refund=_refund(one)) for one in made)

    def cards(self, customer: str) -> list[Card]:
        return []

    def set_default_card(self, customer: str, card: str) -> None:
        raise ProviderRefused("missing")

    def forget_card(self, customer: str, card: str) -> None:
        raise ProviderRefused("missing")

    def read_notice(
        self, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> NoticeSeen | None:
        """Nobody sends any, so whoever does is not believed."""
        raise BadNotice


def mark_received(reference: str) -> Payment:
    """The money came; part of a deed's transaction. Again changes nothing, nor does it once the
    payment was given up: see the state. ProviderRefused("missing") if there is none."""
    known = _known(reference)
    _rows(known).filter(state__in=LIVE).update(state=State.CAPTURED)
    return PaidOutside().look(reference)


def _known(reference: str) -> OutsidePayment:
    public_id = parse_public_id(reference)
    known = OutsidePayment.objects.filter(public_id=public_id).first() if public_id else None
    if known is None:
        raise ProviderRefused("missing")
    return known


def _rows(known: OutsidePayment) -> models.QuerySet[OutsidePayment]:
    """For one statement that decides and changes."""
    return OutsidePayment.objects.filter(pk=known.pk)


def _payment(known: OutsidePayment, *, refunds: tuple[RefundSeen, ...] = ()) -> Payment:
    return Payment(
        reference=known.public_id.hex,
        key=known.key,
        state=PaymentState(known.state),
        amount=known.amount,
        currency=known.currency,
        captured=known.amount if known.state == State.CAPTURED else 0,
        refunded=known.refunded,
        refunds=refunds,
    )


def _refund(made: OutsideRefund) -> RefundSeen:
    return RefundSeen(reference=made.public_id.hex, amount=made.amount, state="done", key=made.key)
