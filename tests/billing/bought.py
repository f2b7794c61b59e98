"""Purchases that were paid, and refunds that are done, for tests about what follows from them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from opora.accounts.models import Account
from opora.billing.models import Purchase, Refund
from opora.contracts.actions import issue_bought_contract
from opora.contracts.models import PlanVersion
from tests import factories
from tests.factories import NOW

_numbers = count(1)


def pack(incidents: int = 1) -> PlanVersion:
    """A plan as it is sold: without Access ID, with names in both languages."""
    made = factories.plan_version(terms={"incidents": incidents, "access_id": False})
    made.plan.names = {"cs": f"Platba za incident: {incidents}", "en": f"Pay {incidents}"}
    made.plan.save()
    return made


def begun(
    account: Account, *, plan: PlanVersion | None = None, at: datetime = NOW, **facts: Any
) -> Purchase:
    """A priced purchase that no provider knows of: 12,100 Kč with 21 % of tax."""
    version = plan or pack()
    return Purchase.objects.create(
        number=f"{next(_numbers):010d}",
        account=account,
        plan_version=version,
        state_at=at,
        created_at=at,
        **{
            "country": account.country,
            "incidents": version.terms["incidents"],
            "has_round_the_clock": False,
            "amount": 1_210_000,
            "tax": 210_000,
            "tax_rate": 2100,
            "currency": "CZK",
        }
        | facts,
    )


def paid(
    account: Account, *, plan: PlanVersion | None = None, at: datetime = NOW, **facts: Any
) -> Purchase:
    """A captured purchase with its contract and no paper, by a card unless `facts` say else."""
    version = plan or pack()
    contract = issue_bought_contract(
        version=version, buyer=account, has_round_the_clock=False, now=at
    )
    return begun(
        account,
        plan=version,
        at=at,
        **{
            "provider": "stripe",
            "reference": f"pi_{next(_numbers)}",
            "state": Purchase.State.CAPTURED,
            "captured_at": at,
            "contract": contract,
            "card_brand": "visa",
            "card_last4": "4242",
        }
        | facts,
    )


def refunded(purchase: Purchase, amount: int, *, at: datetime = NOW, **facts: Any) -> Refund:
    """So much went back, and no unit was taken."""
    purchase.refunded += amount
    purchase.save(update_fields=["refunded"])
    return Refund.objects.create(
        purchase=purchase,
        amount=amount,
        **{
            "incidents": 0,
            "reason": "goodwill",
            "state": Refund.State.DONE,
            "state_at": at,
            "requested_at": at,
            "reference": f"re_{next(_numbers)}",
        }
        | facts,
    )
