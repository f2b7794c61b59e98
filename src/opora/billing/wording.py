"""Words about payments that pages, documents and mails share, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from opora.billing.models import Purchase
from opora.core.formats import NBSP

# Names are the brands' own; others are shown as the provider spells them.
CARD_BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "diners": "Diners Club",
    "discover": "Discover",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}


def card_brand(code: str) -> str:
    """`Visa` for `visa`."""
    return CARD_BRANDS.get(code, code.capitalize())


def card_words(brand: str, last4: str) -> str:
    """`Visa •••• 4242`, without line breaks inside."""
    return f"{card_brand(brand)} •••• {last4}".strip().replace(" ", NBSP)


def paid_by(purchase: Purchase) -> str:
    """The card, or "Bank transfer" where none was used."""
    if purchase.card_last4:
        return card_words(purchase.card_brand, purchase.card_last4)
    return _("Bank transfer")
