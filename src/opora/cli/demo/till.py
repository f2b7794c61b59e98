"""How the demo is paid: by card at the stand-in for Stripe, or by a transfer that an administrator
confirms. Whoever sets OPORA_PAYMENTS for the demo is left alone: then nothing stands in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from opora.cli.demo.card_processor.cards import CARDS
from opora.cli.demo.card_processor.processor import Processor

BOOKS = "card-processor.json"  # in the data folder: what was paid yesterday is known today
BANK_ACCOUNT = "2000145399/0800"
# What `/demo/` and the terminal offer to type in; any day of expiry to come, any security code.
SHOWN = (
    ("4242424242424242", "paid"),
    ("4000000000000002", "declined"),
    ("4000000000009995", "insufficient_funds"),
    ("4000000000000069", "expired_card"),
    ("4000000000000127", "wrong_cvc"),
    ("4000000000003220", "asks"),
)


@dataclass(frozen=True)
class Till:
    """Where the stand-in is, and the keys to it; other ones each time the demo starts."""

    port: int
    secret_key: str = field(default_factory=lambda: f"sk_test_{secrets.token_hex(16)}")
    publishable_key: str = field(default_factory=lambda: f"pk_test_{secrets.token_hex(16)}")
    webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")

    def processor(self) -> Processor:
        """Not serving yet. Its books are those that were kept."""
        return Processor(
            secret_key=self.secret_key,
            publishable_key=self.publishable_key,
            webhook_secret=self.webhook_secret,
            port=self.port,
            path=Path(settings.DATA_DIR) / BOOKS,
        )

    def open(self) -> None:
        """From now on, this process and those that it forks sell, and are paid here."""
        url = f"http://127.0.0.1:{self.port}"
        settings.PAYMENTS = ("stripe", "outside")
        settings.STRIPE = {
            "secret_key": self.secret_key,
            "publishable_key": self.publishable_key,
            "webhook_secret": self.webhook_secret,
            "api": url,
            "script": url,
        }
        settings.BANK_ACCOUNT = settings.BANK_ACCOUNT or BANK_ACCOUNT
        settings.SERVICES_AGREEMENT = (
            settings.SERVICES_AGREEMENT or f"{settings.PUBLIC_URL}/demo/#agreement"
        )

    def serve(self) -> int:
        """The stand-in, until it is ended; it tells the portal what happens."""
        processor = self.processor()
        processor.notices.to = f"{settings.PUBLIC_URL}/payments/stripe/notices/"
        processor.serve()
        return 0


def shown_cards() -> list[dict[str, str]]:
    """The cards to try, as people write them, each with a word for how it ends."""
    return [{"number": _spaced(number), "ends": ends} for number, ends in SHOWN if number in CARDS]


def _spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))
