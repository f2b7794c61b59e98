"""Test cards of Stripe's documentation, and what happens to a charge on each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TestCard:
    """`code` and `decline_code`: why a charge fails; `asks`: the bank wants 3-D Secure first;
    `refunds`: how a refund ends; `is_disputed`: the charge is charged back at once."""

    number: str
    brand: str
    name: str  # `pm_card_…`: a card of this kind without typing one
    code: str = ""
    decline_code: str = ""
    asks: bool = False
    refunds: str = "succeeded"
    is_disputed: bool = False


CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", "visa", "pm_card_visa"),
        TestCard("5555555555554444", "mastercard", "pm_card_mastercard"),
        TestCard("378282246310005", "amex", "pm_card_amex"),
        TestCard(
            *("4000000000000002", "visa", "pm_card_visa_chargeDeclined"),
            *("card_declined", "generic_decline"),
        ),
        TestCard(
            *("4000000000009995", "visa", "pm_card_visa_chargeDeclinedInsufficientFunds"),
            *("card_declined", "insufficient_funds"),
        ),
        TestCard(
            *("4000000000009987", "visa", "pm_card_visa_chargeDeclinedLostCard"),
            *("card_declined", "lost_card"),
        ),
        TestCard(
            *("4000000000000069", "visa", "pm_card_chargeDeclinedExpiredCard"),
            *("expired_card", "expired_card"),
        ),
        TestCard(
            *("4000000000000127", "visa", "pm_card_chargeDeclinedIncorrectCvc"),
            *("incorrect_cvc", "incorrect_cvc"),
        ),
        TestCard(
            *("4000000000000119", "visa", "pm_card_chargeDeclinedProcessingError"),
            *("processing_error", "processing_error"),
        ),
        TestCard("4000002500003155", "visa", "pm_card_authenticationRequiredOnSetup", asks=True),
        TestCard("4000002760003184", "visa", "pm_card_authenticationRequired", asks=True),
        TestCard("4000000000003220", "visa", "pm_card_threeDSecure2Required", asks=True),
        TestCard(
            *("4000008400001629", "visa", "pm_card_threeDSecureRequiredChargeDeclined"),
            *("card_declined", "generic_decline"),
            asks=True,
        ),
        TestCard("4000000000007726", "visa", "pm_card_pendingRefund", refunds="pending"),
        TestCard("4000000000005126", "visa", "pm_card_refundFail", refunds="failed"),
        TestCard("4000000000000259", "visa", "pm_card_createDispute", is_disputed=True),
    )
}
NAMED = {card.name: card for card in CARDS.values()}


def is_number(number: str) -> bool:
    """Whether the last digit is the one that the others demand."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 12 <= len(number) == len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def message_of(card: TestCard) -> str:
    return {
        "card_declined": "Your card was declined.",
        "expired_card": "Your card has expired.",
        "incorrect_cvc": "Your card's security code is incorrect.",
        "processing_error": "An error occurred while processing your card. Try again later.",
    }[card.code]
