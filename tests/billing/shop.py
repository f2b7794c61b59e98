"""Somebody who buys: the shipped plans that are sold, an account, a draft, and the presses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from opora.accounts.models import Account
from opora.billing import paying
from opora.billing.models import Purchase
from opora.billing.paying import Paid, Wish
from opora.contracts.actions import load_plans
from opora.contracts.eligibility import Question
from opora.core.days import today
from opora.core.ids import new_public_id
from opora.core.invariants import Snapshot
from tests import cast
from tests.billing.books import GOOD
from tests.contracts.shipped import document
from tests.factories import NOW


def load_sold_plans() -> None:
    """The plans that ship, as they are loaded at the first start."""
    load_plans(document(), NOW)


@dataclass
class Shopper:
    """An account with a draft that buys; `at` is the instant of the next press."""

    account: Account = field(default_factory=cast.alice)
    draft: UUID = field(default_factory=new_public_id)
    at: datetime = NOW

    def begin(self, plan: str = "ppi-1", **question: Any) -> Purchase:
        return paying.begin(
            plan_code=plan,
            question=Question(on=today(self.at), **question),
            draft=self.draft,
            by=self.account,
            now=self.at,
        )

    def pay(self, purchase: Purchase, method: str = GOOD, **wish: Any) -> Paid:
        usual: dict[str, Any] = {
            "provider": "books",
            "method": method,
            "keeps_card": False,
            "amount": purchase.amount,
            "currency": purchase.currency,
            "has_round_the_clock": True,
            "has_agreed": True,
        }
        return paying.pay(
            purchase=purchase, wish=Wish(**(usual | wish)), by=self.account, clock=self.clock
        )

    def buy(self, plan: str = "ppi-1") -> Purchase:
        """From the press in step 2 to the contract."""
        return self.pay(self.begin(plan)).purchase

    def look(self, purchase: Purchase) -> Purchase:
        return paying.look_after(purchase=purchase, clock=self.clock).purchase

    def later(self, **delay: float) -> None:
        self.at += timedelta(**delay)

    def clock(self) -> datetime:
        return self.at


def breaches(*, at: datetime = NOW) -> list[str]:
    """What `opora verify` would say of contracts and purchases."""
    from opora.billing import invariants as billing
    from opora.contracts import invariants as contracts

    return [
        breach
        for check in (*contracts.CHECKS, *billing.CHECKS)
        for breach in check.run(Snapshot(now=at)).breaches
    ]
