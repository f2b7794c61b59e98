"""Customers, the cards they keep, and the tokens that the page's script trades typed cards for."""

from __future__ import annotations

from typing import Any

from opora.cli.demo.card_processor.books import Books, Thing
from opora.cli.demo.card_processor.cards import CARDS, NAMED, TestCard, is_number
from opora.cli.demo.card_processor.errors import ApiError, invalid, missing

TOKEN_LIVES = 12 * 3600  # seconds


def create_customer(books: Books, asked: Thing) -> Thing:
    customer = books.add(
        "customer",
        email=asked.get("email"),
        name=asked.get("name"),
        description=asked.get("description"),
        metadata=asked.get("metadata") or {},
        invoice_settings={"default_payment_method": None},
    )
    books.tell("customer.created", customer)
    return customer


def update_customer(books: Books, name: str, asked: Thing) -> Thing:
    customer = books.get("customer", name)
    if not (asked.get("email") or "").isascii():
        raise invalid("Invalid email address.", code="email_invalid", param="email")
    settings = asked.get("invoice_settings") or {}
    if card := settings.get("default_payment_method"):
        method = books.get("payment_method", card, param="invoice_settings", status=400)
        if method["customer"] != name:
            raise missing("payment_method", card, param="invoice_settings", status=400)
        customer["invoice_settings"] = {"default_payment_method": card}
    for field in ("email", "name", "description"):
        if field in asked:
            customer[field] = asked[field] or None
    customer["metadata"] |= asked.get("metadata") or {}
    books.tell("customer.updated", customer)
    return customer


def card_named(books: Books, name: str, *, param: str) -> Thing:
    """The card of that id; for one of the documentation's names a new card of that kind."""
    if known := NAMED.get(name):
        return new_card(books, known, 12, 34)
    return books.get("payment_method", name, param=param, status=400)


def new_card(books: Books, card: TestCard, month: int, year: int) -> Thing:
    return books.add(
        "payment_method",
        type="card",
        customer=None,
        metadata={},
        allow_redisplay="unspecified",
        billing_details={"address": None, "email": None, "name": None, "phone": None},
        card={
            "brand": card.brand,
            "last4": card.number[-4:],
            "exp_month": month,
            "exp_year": year if year > 99 else 2000 + year,
            "country": "US",
            "funding": "credit",
        },
        _number=card.number,
        _is_spent=False,
    )


def test_card(method: Thing) -> TestCard:
    """What a charge on this card comes to."""
    return CARDS[method["_number"]]


def typed_card(books: Books, asked: Thing) -> Thing:
    """A card as somebody typed it; only test cards are ever accepted."""
    typed = asked.get("card")
    if asked.get("type") != "card" or not isinstance(typed, dict):
        raise invalid("Only cards are understood.", param="payment_method_data")
    number = str(typed.get("number", "")).replace(" ", "")
    if not is_number(number):
        raise _card_error("Your card number is invalid.", "invalid_number", "number")
    if number not in CARDS:
        raise _card_error(
            "Your card was declined. Only test cards are accepted here.", "card_declined", "number"
        )
    try:
        month, year = int(typed.get("exp_month", "")), int(typed.get("exp_year", ""))
    except ValueError:
        month, year = 0, 0
    if not 1 <= month <= 12:
        raise _card_error(
            "Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month"
        )
    return new_card(books, CARDS[number], month, year)


def _card_error(message: str, code: str, param: str) -> ApiError:
    return ApiError(402, "card_error", message, code=code, param=param)


def create_token(books: Books, asked: Thing) -> Thing:
    """A confirmation token: from a typed card (by the page's script), or from a known one."""
    if data := asked.get("payment_method_data"):
        method = typed_card(books, data)
    elif name := asked.get("payment_method"):
        method = card_named(books, name, param="payment_method")
    else:
        raise invalid("A payment method is needed.", code="parameter_missing")
    preview = {name: method[name] for name in ("type", "billing_details", "card", "customer")}
    return books.add(
        "confirmation_token",
        expires_at=books.now() + TOKEN_LIVES,
        payment_intent=None,
        payment_method_preview=preview,
        return_url=None,
        setup_future_usage=asked.get("setup_future_usage"),
        setup_intent=None,
        shipping=None,
        use_stripe_sdk=True,
        _payment_method=method["id"],
    )


def attach(books: Books, method: Thing, customer: str) -> None:
    if method["customer"] is None:
        method["customer"] = customer
        books.tell("payment_method.attached", method)


def detach(books: Books, name: str, asked: Thing) -> Thing:
    method = books.get("payment_method", name)
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.")
    customer = books.get("customer", method["customer"])
    if customer["invoice_settings"]["default_payment_method"] == name:
        customer["invoice_settings"] = {"default_payment_method": None}
    method["customer"], method["_is_spent"] = None, True
    books.tell("payment_method.detached", method)
    return method


def cards_of(books: Books, customer: str, asked: Thing) -> list[Thing]:
    books.get("customer", customer)
    return books.all("payment_method", customer=customer)


def owned(books: Books, method: Thing, customer: Any) -> None:
    """Refuse a card that is somebody else's, or that was used up without being kept."""
    if method["customer"] not in (None, customer):
        raise ApiError(
            400,
            "invalid_request_error",
            f"The customer does not have a payment method with the ID {method['id']}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param="payment_method",
        )
    if method["customer"] is None and method["_is_spent"]:
        raise invalid(
            "The provided PaymentMethod was previously used without Customer attachment, or was "
            "detached from a Customer, and may not be used again.",
            code="payment_method_unexpected_state",
        )
