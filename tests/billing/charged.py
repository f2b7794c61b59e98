"""Purchases whose money the stand-in for Stripe has taken from a test card."""

from __future__ import annotations

from opora.accounts.models import Account
from opora.billing.actions.settling import settle
from opora.billing.models import Purchase
from opora.billing.providers.base import Charge
from opora.billing.providers.registry import provider_named
from opora.cli.demo.card_processor.processor import Processor
from tests.billing import bought
from tests.billing.processor import typed
from tests.factories import NOW


def charged(
    processor: Processor,
    buyer: Account,
    *,
    amount: int,
    incidents: int = 1,
    card: str = "pm_card_visa",
) -> Purchase:
    """Paid, granted, with its receipt; the processor has it in its books."""
    purchase = bought.begun(
        buyer, plan=bought.pack(incidents), amount=amount, provider="stripe", state="calling"
    )
    provider = provider_named("stripe")
    opened = provider.open(Charge(purchase.key, purchase.number, amount, "CZK", "", "Support"))
    payment = provider.pay(
        opened.reference, method=typed(processor, card), keep_card=False, key=f"{purchase.key}-1"
    )
    return settle(purchase_pk=purchase.pk, payment=payment, now=NOW)
