"""Payment intents: opened, tried, proved to the bank, charged, cancelled."""

from __future__ import annotations

import secrets
from typing import Any

from opora.cli.demo.card_processor import methods, money
from opora.cli.demo.card_processor.books import Books, Thing, shown
from opora.cli.demo.card_processor.cards import message_of
from opora.cli.demo.card_processor.errors import ApiError, invalid, unexpected_state

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLABLE = (*CONFIRMABLE, "requires_capture")


def create(books: Books, asked: Thing) -> Thing:
    amount = _whole(asked, "amount")
    currency = asked.get("currency", "")
    if len(currency) != 3 or currency != currency.lower():
        raise invalid("Invalid currency.", param="currency")
    if asked.get("allowed_payment_method_types", ["card"]) != ["card"]:
        raise invalid("Only cards are understood.", param="allowed_payment_method_types")
    if customer := asked.get("customer"):
        books.get("customer", customer, param="customer", status=400)
    intent = books.add(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic",
        client_secret=None,
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        description=asked.get("description"),
        last_payment_error=None,
        latest_charge=None,
        metadata=asked.get("metadata") or {},
        next_action=None,
        payment_method=None,
        payment_method_types=["card"],
        receipt_email=None,
        setup_future_usage=asked.get("setup_future_usage"),
        status="requires_payment_method",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(12)}"
    books.tell("payment_intent.created", intent)
    return intent


def confirm(books: Books, name: str, asked: Thing) -> Thing:
    """Try to charge. Raises a card error if the bank says no: the intent may be tried again."""
    intent = books.get("payment_intent", name)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(
            f"This PaymentIntent could not be confirmed because its status is {intent['status']}.",
            shown(intent),
        )
    method = _method(books, intent, asked)
    methods.owned(books, method, intent["customer"])
    usage = asked.get("setup_future_usage", intent["setup_future_usage"]) or None
    if usage and not intent["customer"]:
        raise invalid("To keep a card, a customer is needed.", param="setup_future_usage")
    intent |= {
        "setup_future_usage": usage,
        "payment_method": method["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    if methods.test_card(method).asks:
        intent["status"] = "requires_action"
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        books.tell("payment_intent.requires_action", intent)
        return intent
    return charge(books, intent)


def _method(books: Books, intent: Thing, asked: Thing) -> Thing:
    """The card to charge; a token gives its card once."""
    if "payment_method" in asked and "confirmation_token" in asked:
        raise invalid("Give either a payment method or a confirmation token.")
    if name := asked.get("payment_method"):
        return methods.card_named(books, name, param="payment_method")
    if name := asked.get("confirmation_token"):
        token = books.get("confirmation_token", name, param="confirmation_token", status=400)
        if token["payment_intent"] or books.now() >= token["expires_at"]:
            raise invalid(
                "This confirmation token was used, or has expired.", param="confirmation_token"
            )
        token["payment_intent"], token["expires_at"] = intent["id"], None
        return books.get("payment_method", token["_payment_method"])
    raise invalid("A payment method is needed.", code="parameter_missing", param="payment_method")


def charge(books: Books, intent: Thing) -> Thing:
    """Charge the intent's card, after the bank has heard what it wanted to hear."""
    method = books.get("payment_method", intent["payment_method"])
    card = methods.test_card(method)
    made = money.add_charge(books, intent, method, failed=bool(card.code))
    intent |= {"latest_charge": made["id"], "next_action": None}
    method["_is_spent"] = True
    if card.code:
        return _fail(
            books,
            intent,
            method,
            message_of(card),
            code=card.code,
            decline_code=card.decline_code,
            charge=made["id"],
        )
    if intent["setup_future_usage"]:
        methods.attach(books, method, intent["customer"])
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    books.tell("charge.succeeded", made)
    books.tell("payment_intent.succeeded", intent)
    if card.is_disputed:
        money.dispute(books, intent["id"], amount=intent["amount"], reason="fraudulent")
    return intent


def _fail(books: Books, intent: Thing, method: Thing, message: str, **more: Any) -> Thing:
    refused = {"type": "card_error", "message": message, **more}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": {**refused, "payment_method": shown(method)},
    }
    if intent["latest_charge"]:
        books.tell("charge.failed", books.get("charge", intent["latest_charge"]))
    books.tell("payment_intent.payment_failed", intent)
    raise ApiError(402, "card_error", message, **more, payment_intent=shown(intent))


def answer_challenge(books: Books, client_secret: str, *, approved: bool) -> Thing:
    """What the customer told the bank (3-D Secure). The intent, whatever came of it."""
    intent = by_secret(books, client_secret)
    if intent["status"] != "requires_action":
        return intent
    try:
        if approved:
            return charge(books, intent)
        method = books.get("payment_method", intent["payment_method"])
        return _fail(
            books,
            intent,
            method,
            "We are unable to authenticate your payment method. Please choose a different "
            "payment method and try again.",
            code="payment_intent_authentication_failure",
        )
    except ApiError:
        return intent


def by_secret(books: Books, client_secret: str) -> Thing:
    """The intent that a client secret opens."""
    intent = books.get("payment_intent", client_secret.partition("_secret_")[0])
    if not secrets.compare_digest(intent["client_secret"].encode(), client_secret.encode()):
        raise invalid("The client secret does not match.", param="client_secret")
    return intent


def cancel(books: Books, name: str, asked: Thing) -> Thing:
    intent = books.get("payment_intent", name)
    if intent["status"] not in CANCELLABLE:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because its status is {intent['status']}.",
            shown(intent),
        )
    intent |= {
        "status": "canceled",
        "canceled_at": books.now(),
        "cancellation_reason": asked.get("cancellation_reason"),
        "next_action": None,
    }
    books.tell("payment_intent.canceled", intent)
    return intent


def hold(books: Books, name: str) -> Thing:
    """The bank takes its time: what was to be charged is under way (`processing`)."""
    intent = books.get("payment_intent", name)
    intent |= {"status": "processing", "next_action": None}
    books.tell("payment_intent.processing", intent)
    return intent


def _whole(asked: Thing, field: str) -> int:
    try:
        number = int(asked.get(field, ""))
    except ValueError:
        number = 0
    if number < 1:
        raise invalid("Must be at least 1.", code="parameter_invalid_integer", param=field)
    return number
