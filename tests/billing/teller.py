"""A payment provider that keeps its books in this process, for tests of what Opora does with its
answers. It can go silent before or after it acted, say no, or say "later"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from opora.billing.models import Purchase
from opora.billing.providers.base import (
    Payment,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
    RefundSeen,
)
from opora.billing.providers.registry import PROVIDERS

SLUG = "teller"


@dataclass
class Teller:
    """Payments by reference, with their refunds. `mood`: how the next refund is answered: "done",
    "pending", "refused", "down" (nothing was done), "silent" (done, and no answer)."""

    slug: str = SLUG
    has_cards: bool = False
    mood: str = "done"
    asked: int = 0
    payments: dict[str, Payment] = field(default_factory=dict)

    def knows(self, purchase: Purchase) -> Purchase:
        """The payment of a captured purchase is in its books."""
        Purchase.objects.filter(pk=purchase.pk).update(provider=SLUG)
        purchase.refresh_from_db()
        self.payments[purchase.reference] = Payment(
            reference=purchase.reference,
            key=purchase.key,
            state=PaymentState.CAPTURED,
            amount=purchase.amount,
            currency=purchase.currency,
            captured=purchase.amount,
        )
        return purchase

    def look(self, reference: str) -> Payment:
        if self.mood == "down":
            raise ProviderUnreachable
        if reference not in self.payments:
            raise ProviderRefused("missing")
        return self.payments[reference]

    def refund(self, reference: str, *, amount: int, key: str) -> RefundSeen:
        self.asked += 1
        payment = self.look(reference)
        known = next((seen for seen in payment.refunds if seen.key == key), None)
        if known is not None:
            return known
        if self.mood == "refused" or payment.refunded + amount > payment.captured:
            raise ProviderRefused("not_now")
        state = "pending" if self.mood == "pending" else "done"
        seen = self.enter(reference, amount=amount, key=key, state=state)
        if self.mood == "silent":
            raise ProviderUnreachable
        return seen

    def enter(self, reference: str, *, amount: int, key: str = "", state: str) -> RefundSeen:
        """A line in the books, also for what nobody of ours asked for."""
        payment = self.payments[reference]
        seen = RefundSeen(f"re_{reference}_{len(payment.refunds) + 1}", amount, state, key)
        self.payments[reference] = replace(
            payment, refunded=payment.refunded + amount, refunds=(*payment.refunds, seen)
        )
        return seen

    def decide(self, reference: str, state: str) -> RefundSeen:
        """What was pending is decided."""
        payment = self.payments[reference]
        last = replace(payment.refunds[-1], state=state)
        self.payments[reference] = replace(payment, refunds=(*payment.refunds[:-1], last))
        return last

    def since(self, moment: datetime) -> Iterator[Payment]:
        return iter(self.payments.values())


current: list[Teller] = []


def provider() -> Teller:
    return current[-1]


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setitem(PROVIDERS, SLUG, "tests.billing.teller.provider")
    current.append(Teller())
    yield current[-1]
    current.clear()
