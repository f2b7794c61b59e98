"""What Stripe answers, read as what every provider says: payments, refunds, charge-backs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import stripe

from opora.billing.providers.base import (
    Card,
    DisputeSeen,
    Payment,
    PaymentState,
    RefundSeen,
)
from opora.billing.providers.stripe_amounts import in_minor_units

STATES = {
    "requires_payment_method": PaymentState.OPEN,
    "requires_confirmation": PaymentState.OPEN,
    "requires_action": PaymentState.ACTION,
    "processing": PaymentState.PENDING,
    "requires_capture": PaymentState.PENDING,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.CANCELLED,
}
REFUND_STATES = {"succeeded": "done", "failed": "refused", "canceled": "refused"}
# Inquiries ("warning_…") are open while they last; one that is closed took no money.
DISPUTE_STATES = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}
DECLINES = {
    "insufficient_funds": "insufficient_funds",
    "withdrawal_count_limit_exceeded": "insufficient_funds",
    "card_velocity_exceeded": "insufficient_funds",
    "expired_card": "expired_card",
    "incorrect_number": "wrong_number",
    "invalid_number": "wrong_number",
    "invalid_account": "wrong_number",
    "invalid_expiry_month": "wrong_number",
    "invalid_expiry_year": "wrong_number",
    "incorrect_cvc": "wrong_cvc",
    "invalid_cvc": "wrong_cvc",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "card_not_supported": "card_not_supported",
    "currency_not_supported": "card_not_supported",
    "transaction_not_allowed": "card_not_supported",
    "processing_error": "processing_error",
    "issuer_not_available": "processing_error",
    "reenter_transaction": "processing_error",
    "try_again_later": "processing_error",
}


def payment_of(
    intent: stripe.PaymentIntent,
    *,
    refunds: tuple[RefundSeen, ...] = (),
    disputes: tuple[DisputeSeen, ...] = (),
) -> Payment:
    charge = charge_of(intent)
    state = STATES[intent.status]
    currency = intent.currency.upper()
    return Payment(
        reference=intent.id,
        key=_word(intent.metadata, "purchase"),
        state=state,
        amount=in_minor_units(intent.amount, currency),
        currency=currency,
        captured=in_minor_units(intent.amount_received, currency),
        refunded=in_minor_units(charge.amount_refunded, currency)
        if charge and intent.amount_received
        else 0,
        decline_code=_decline(intent) if state is PaymentState.OPEN else "",
        card=_card(intent, charge) if intent.amount_received else None,
        action=(intent.client_secret or "") if state is PaymentState.ACTION else "",
        refunds=refunds,
        disputes=disputes,
        origin=_word(intent.metadata, "installation"),
    )


def charge_of(intent: stripe.PaymentIntent) -> stripe.Charge | None:
    """The last try. Asked for in whole, it comes in whole."""
    return intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None


def _decline(intent: stripe.PaymentIntent) -> str:
    failed = intent.last_payment_error
    if failed is None:
        return ""
    codes = (getattr(failed, "decline_code", None), failed.code)  # the finer one first
    return next((DECLINES[code] for code in codes if code in DECLINES), "declined")


def _card(intent: stripe.PaymentIntent, charge: stripe.Charge | None) -> Card | None:
    details = charge.payment_method_details if charge else None
    if details is None or details.card is None:
        return None
    method = intent.payment_method
    kept = method.id if isinstance(method, stripe.PaymentMethod) and method.customer else ""
    return Card(
        reference=kept,
        brand=details.card.brand or "",
        last4=details.card.last4 or "",
        expires_month=details.card.exp_month,
        expires_year=details.card.exp_year,
    )


def refund_of(refund: stripe.Refund) -> RefundSeen:
    return RefundSeen(
        reference=refund.id,
        amount=in_minor_units(refund.amount, refund.currency.upper()),
        state=REFUND_STATES.get(refund.status or "", "pending"),
        key=_word(refund.metadata, "refund"),
    )


def dispute_of(dispute: stripe.Dispute) -> DisputeSeen:
    return DisputeSeen(
        reference=dispute.id,
        amount=in_minor_units(dispute.amount, dispute.currency.upper()),
        reason=dispute.reason,
        state=DISPUTE_STATES.get(dispute.status, "open"),
        opened_at=datetime.fromtimestamp(dispute.created, tz=UTC),
    )


def _word(metadata: Any, name: str) -> str:
    return str(metadata.to_dict().get(name, "")) if metadata is not None else ""


def about(thing: dict[str, Any]) -> str:
    """The payment that a notice's object is, or belongs to; "" for none."""
    if thing["object"] == "payment_intent":
        return str(thing["id"])
    payment = thing.get("payment_intent") or ""
    return payment if isinstance(payment, str) else str(payment["id"])


def reference_of(payment: str | stripe.PaymentIntent | None) -> str:
    """The id of a payment that is named or given in whole; "" for none."""
    return payment.id if isinstance(payment, stripe.PaymentIntent) else payment or ""
