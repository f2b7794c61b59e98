"""A payment provider that keeps its books in memory, for tests of what Opora makes of them.

It keeps the same promises as a real one: one payment a key, one charge a payment, a repeated key
does nothing more. `fail` makes the next calls of a kind fail: before anything happened, or after
it. `refunds` says how it answers the next refunds: "done", "pending", "refused".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from opora.billing.models import Purchase
from opora.billing.providers import registry
from opora.billing.providers.base import (
    BadNotice,
    Card,
    Charge,
    DisputeSeen,
    Moved,
    NoticeSeen,
    Payment,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
    RefundSeen,
)

GOOD, BROKE, ASKS = "card_good", "card_insufficient_funds", "card_asks"
CARD = Card("", "visa", "4242", 12, 2030)
BEFORE, AFTER = "before", "after"


@dataclass
class Books:
    """The provider and its books. `charged`: how often each payment was charged, by reference;
    `asked`: how often each call came."""

    slug: str = "books"
    has_cards: bool = True
    payments: dict[str, Payment] = field(default_factory=dict)
    opened_at: dict[str, datetime] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)  # by idempotency key
    charged: Counter[str] = field(default_factory=Counter)
    trouble: dict[str, list[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    kept: dict[str, list[Card]] = field(default_factory=dict)
    refunds: str = "done"
    now: datetime | None = None

    def fail(self, call: str, *when: str) -> None:
        """The next calls of `call` fail, each BEFORE it did anything or AFTER it did."""
        self.trouble.setdefault(call, []).extend(when)

    def _may_fail(self, call: str, when: str) -> None:
        self.asked[call] += when == BEFORE
        if self.trouble.get(call) and self.trouble[call][0] == when:
            self.trouble[call].pop(0)
            raise ProviderUnreachable(call)

    # --- The protocol ---
    def customer(self, *, account: str, email: str, key: str) -> str:
        self._may_fail("customer", BEFORE)
        self.kept.setdefault(f"cus_{account}", [])
        return f"cus_{account}"

    def open(self, charge: Charge) -> Payment:
        self._may_fail("open", BEFORE)
        reference = f"pay_{charge.key}"
        made = self.payments.get(reference)
        if made is None:
            made = Payment(
                reference,
                charge.key,
                PaymentState.OPEN,
                charge.amount,
                charge.currency,
                origin=charge.origin,
            )
            self.payments[reference] = made
            if self.now:
                self.opened_at[reference] = self.now
        elif (made.amount, made.currency) != (charge.amount, charge.currency):
            raise ProviderRefused("idempotency")
        self._may_fail("open", AFTER)
        return made

    def pay(self, reference: str, *, method: str, keep_card: bool, key: str) -> Payment:
        self._may_fail("pay", BEFORE)
        if key not in self.answers:
            self.answers[key] = self._tried(self._known(reference), method)
        self._may_fail("pay", AFTER)
        answer = self.answers[key]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Payment)
        return answer

    def _tried(self, payment: Payment, method: str) -> Payment | Exception:
        if payment.state not in (PaymentState.OPEN, PaymentState.ACTION):
            return ProviderRefused("state")
        if method == ASKS:
            return self._put(replace(payment, state=PaymentState.ACTION, action="secret"))
        if method != GOOD:
            return self._put(
                replace(payment, state=PaymentState.OPEN, decline_code=method.removeprefix("card_"))
            )
        return self.capture(payment.reference)

    def look(self, reference: str) -> Payment:
        self._may_fail("look", BEFORE)
        return self._known(reference)

    def cancel(self, reference: str) -> Payment:
        self._may_fail("cancel", BEFORE)
        payment = self._known(reference)
        if payment.state is not PaymentState.CAPTURED:
            payment = self._put(replace(payment, state=PaymentState.CANCELLED, action=""))
        self._may_fail("cancel", AFTER)
        return payment

    def refund(self, reference: str, *, amount: int, key: str) -> RefundSeen:
        self._may_fail("refund", BEFORE)
        if self.refunds == "refused":
            raise ProviderRefused("not_now")
        if key not in self.answers:
            self.answers[key] = self.refund_elsewhere(
                reference, amount=amount, key=key, state=self.refunds
            )
        self._may_fail("refund", AFTER)
        answer = self.answers[key]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, RefundSeen)
        return answer

    def since(self, moment: datetime) -> Iterator[Payment]:
        self._may_fail("since", BEFORE)
        listed = [
            replace(one, refunds=(), disputes=())
            for one in self.payments.values()
            if self.opened_at.get(one.reference, moment) >= moment
        ]
        return iter(listed)

    def moved_since(self, moment: datetime) -> Iterator[Moved]:
        self._may_fail("moved_since", BEFORE)
        for one in list(self.payments.values()):
            yield from (Moved(one.reference, refund=refund) for refund in one.refunds)
            yield from (Moved(one.reference, dispute=dispute) for dispute in one.disputes)

    def cards(self, customer: str) -> list[Card]:
        self._may_fail("cards", BEFORE)
        return list(self.kept.get(customer, []))

    def set_default_card(self, customer: str, card: str) -> None:
        self._own(customer, card)
        self.kept[customer] = [
            replace(one, is_default=one.reference == card) for one in self.kept[customer]
        ]

    def forget_card(self, customer: str, card: str) -> None:
        self._own(customer, card)
        self.kept[customer] = [one for one in self.kept[customer] if one.reference != card]

    def read_notice(
        self, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> NoticeSeen | None:
        if headers.get("X-Signed") != "yes":
            raise BadNotice
        event, kind, reference = body.decode().split()
        return NoticeSeen(event, kind, reference)

    # --- What happens elsewhere ---
    def knows(self, purchase: Purchase) -> Purchase:
        """A purchase that was captured without it is its own from now on."""
        Purchase.objects.filter(pk=purchase.pk).update(provider=self.slug)
        purchase.refresh_from_db()
        self._put(
            Payment(
                purchase.reference,
                purchase.key,
                PaymentState.CAPTURED,
                purchase.amount,
                purchase.currency,
                captured=purchase.amount,
            )
        )
        return purchase

    def capture(self, reference: str) -> Payment:
        """The money moves: the customer's bank said yes."""
        payment = self._known(reference)
        assert payment.state is not PaymentState.CANCELLED
        if payment.state is not PaymentState.CAPTURED:
            self.charged[reference] += 1
        return self._put(
            replace(
                payment,
                state=PaymentState.CAPTURED,
                captured=payment.amount,
                card=CARD,
                action="",
                decline_code="",
            )
        )

    def refuse(self, reference: str, code: str) -> Payment:
        """The customer's bank said no."""
        return self._put(
            replace(self._known(reference), state=PaymentState.OPEN, action="", decline_code=code)
        )

    def refund_elsewhere(
        self, reference: str, *, amount: int, key: str = "", state: str = "done"
    ) -> RefundSeen:
        """A refund, also one that was made at the provider's own desk."""
        payment = self._known(reference)
        if payment.refunded + amount > payment.captured:
            raise ProviderRefused("too_much")
        made = RefundSeen(f"re_{len(payment.refunds) + 1}_{reference}", amount, state, key)
        self._put(
            replace(
                payment,
                refunded=payment.refunded + amount,
                refunds=(*payment.refunds, made),
            )
        )
        return made

    def decide(self, reference: str, state: str) -> RefundSeen:
        """What became of the payment's last refund; the money of one that failed is back."""
        payment = self._known(reference)
        last = replace(payment.refunds[-1], state=state)
        came_back = last.amount if state == "refused" else 0
        self._put(
            replace(
                payment,
                refunded=payment.refunded - came_back,
                refunds=(*payment.refunds[:-1], last),
            )
        )
        return last

    def dispute(self, reference: str, *, state: str, at: datetime) -> None:
        """The customer's bank takes the money back, or the dispute ends."""
        payment = self._known(reference)
        seen = DisputeSeen(f"dp_{reference}", payment.amount, "fraudulent", state, at)
        self._put(replace(payment, disputes=(seen,)))

    def _known(self, reference: str) -> Payment:
        if reference not in self.payments:
            raise ProviderRefused("missing")
        return self.payments[reference]

    def _own(self, customer: str, card: str) -> None:
        if all(one.reference != card for one in self.kept.get(customer, [])):
            raise ProviderRefused("missing")

    def _put(self, payment: Payment) -> Payment:
        self.payments[payment.reference] = payment
        return payment


CURRENT: list[Books] = []


def provider() -> Books:
    """What the registry calls: the books of the test that runs."""
    return CURRENT[-1]


def open_books(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Books:
    """Fresh books as this installation's one provider, for the length of a test."""
    books = Books()
    monkeypatch.setitem(registry.PROVIDERS, "books", "tests.billing.books.provider")
    monkeypatch.setattr("tests.billing.books.CURRENT", [books])
    settings.PAYMENTS = ("books",)
    settings.SERVICES_AGREEMENT = "https://vendor.example.com/agreement"
    return books
