"""Purchases that are there before a journey begins: paid by test cards at the stand-in for Stripe.

Run as `python sold.py` in an installation's environment, with a JSON list of [e-mail of the buyer,
plan, card by its name in Stripe's documentation] on standard input. Prints the numbers as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta
from typing import Any


def buy(email: str, plan: str, card: str, at: datetime) -> Any:
    from opora.accounts.models import Account
    from opora.billing import paying
    from opora.contracts.eligibility import Question
    from opora.core.days import today
    from opora.core.ids import new_public_id

    buyer = Account.objects.get(login_email=email)
    purchase = paying.begin(
        plan_code=plan, question=Question(on=today(at)), draft=new_public_id(), by=buyer, now=at
    )
    wish = paying.Wish(
        provider="stripe",
        method=typed(card),
        keeps_card=True,
        amount=purchase.amount,
        currency=purchase.currency,
        has_round_the_clock=True,
        has_agreed=True,
    )
    return paying.pay(purchase=purchase, wish=wish, by=buyer, clock=lambda: at).purchase


def typed(card: str) -> str:
    """What the page's script makes of a typed card."""
    from django.conf import settings

    from opora.billing.providers import stripe

    client = stripe._client(settings.STRIPE["secret_key"], settings.STRIPE["api"], stripe.TIMEOUT)
    return client.v1.test_helpers.confirmation_tokens.create({"payment_method": card}).id


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opora.config.settings")
    import django

    django.setup()
    from django.utils import timezone

    wanted = json.load(sys.stdin)
    begin = timezone.now() - timedelta(hours=len(wanted))
    bought = [
        buy(email, plan, card, begin + timedelta(hours=at))
        for at, (email, plan, card) in enumerate(wanted)
    ]
    json.dump([purchase.number for purchase in bought], sys.stdout)


if __name__ == "__main__":
    main()
