"""Why a try to pay failed, in Opora's few words: providers map theirs to these.

A bank's finer reasons (lost, stolen, suspected) are not told to whoever holds the card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Decline:
    """What the customer reads: what happened, and what to do now. Nothing was ever charged."""

    code: str
    sentence: StrPromise
    remedy: StrPromise


DECLINES = {
    decline.code: decline
    for decline in (
        Decline(
            "declined",
            _("Your bank declined the card. Nothing was charged."),
            _("Use another card, or ask your bank, then pay again."),
        ),
        Decline(
            "insufficient_funds",
            _("The card has too little money, or has reached its limit. Nothing was charged."),
            _("Use another card, or raise the limit, then pay again."),
        ),
        Decline(
            "expired_card",
            _("The card has expired. Nothing was charged."),
            _("Check the day of expiry, or use another card, then pay again."),
        ),
        Decline(
            "wrong_number",
            _("The card’s number or day of expiry is not right. Nothing was charged."),
            _("Check what you typed, then pay again."),
        ),
        Decline(
            "wrong_cvc",
            _("The security code is not right. Nothing was charged."),
            _("Check the three or four digits on the card, then pay again."),
        ),
        Decline(
            "authentication_failed",
            _("Your bank did not get your confirmation. Nothing was charged."),
            _("Pay again and confirm the payment with your bank, or use another card."),
        ),
        Decline(
            "not_tried",  # given up before the bank had said anything
            _("The payment was not finished. Nothing was charged."),
            _("Pay again, or use another card."),
        ),
        Decline(
            "card_not_supported",
            _("This card cannot be used for this purchase. Nothing was charged."),
            _("Use another card, then pay again."),
        ),
        Decline(
            "processing_error",
            _("The payment could not be processed. Nothing was charged."),
            _("Pay again in a while, or use another card."),
        ),
    )
}


def decline_of(code: str) -> Decline:
    """The words for a decline code; those of `declined` for one that is not known."""
    return DECLINES.get(code, DECLINES["declined"])
