"""The stand-in for Stripe, for tests: over HTTP, through the official library.

A test in this process asks for the fixture `processor`. Then OPORA_PAYMENTS is "stripe outside" and
the settings point at the stand-in:

    def test_x(processor: Processor) -> None:
        token = typed(processor, "pm_card_visa")      # what the page's script makes of a typed card
        payment = provider_named("stripe").pay(..., method=token, ...)
        processor.ledger()                            # its books, a row for each payment
        processor.fail("act_then_drop", at="/confirm")  # charged, and the answer is lost
        processor.stop()                              # down: connections are refused; start() again
        processor.answer_challenge(reference, approved=True)  # 3-D Secure without a browser
        processor.dispute(reference, amount=100)
        headers, body = notice(processor, "payment_intent.succeeded")  # signed, newest of its kind

Names of test cards are in `opora.cli.demo.card_processor.cards` (pm_card_visa, …); what may fail is
in `…faults`. The library asks again once by itself, so a fault comes twice (`times=2`) by default.

For an installation in processes of its own, run it around: `with running() as processor:`, start
the installation with `environment(processor)` in its environment, then let notices go there:
`processor.notices.to = f"{url}/payments/stripe/notices/"` (`processor.tell("never" | "twice" |
"held" | "prompt")`, `processor.notices.release(backwards=True)`, `processor.notices.wait()`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opora.cli.demo.card_processor.processor import Processor

SECRET_KEY = "sk_test_51OporaStandIn"
PUBLISHABLE_KEY = "pk_test_51OporaStandIn"
WEBHOOK_SECRET = "whsec_ofTheStandIn"
BANK_ACCOUNT = "2000145399/0800"
SERVICES_AGREEMENT = "https://contoso.example/services-agreement"


@contextmanager
def running(**more: Any) -> Iterator[Processor]:
    """A fresh one on a free port of 127.0.0.1."""
    made = Processor(
        secret_key=SECRET_KEY,
        publishable_key=PUBLISHABLE_KEY,
        webhook_secret=WEBHOOK_SECRET,
        **more,
    )
    with made:
        yield made


def stripe_settings(processor: Processor) -> dict[str, str]:
    """The setting STRIPE that leads to it."""
    return {
        "secret_key": SECRET_KEY,
        "publishable_key": PUBLISHABLE_KEY,
        "webhook_secret": WEBHOOK_SECRET,
        "api": processor.url,
        "script": processor.url,
    }


def environment(processor: Processor, payments: str = "stripe outside") -> dict[str, str]:
    """The environment of an installation that pays through it."""
    return {
        "OPORA_PAYMENTS": payments,
        "OPORA_STRIPE_SECRET_KEY": SECRET_KEY,
        "OPORA_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
        "OPORA_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "OPORA_STRIPE_API": processor.url,
        "OPORA_STRIPE_SCRIPT": processor.url,
        "OPORA_BANK_ACCOUNT": BANK_ACCOUNT,
        "OPORA_SERVICES_AGREEMENT": SERVICES_AGREEMENT,
    }


def typed(processor: Processor, card: str) -> str:
    """The confirmation token of a card that was typed in, by its name in Stripe's documentation."""
    from opora.billing.providers import stripe

    client = stripe._client(SECRET_KEY, processor.url, stripe.TIMEOUT)
    token = client.v1.test_helpers.confirmation_tokens.create({"payment_method": card})
    return token.id


def notice(processor: Processor, kind: str, **signing: Any) -> tuple[dict[str, str], bytes]:
    """Headers and body of the newest event's notice of this kind; `at`: when it was signed."""
    return processor.notices.signed(processor.events(kind)[-1], **signing)
