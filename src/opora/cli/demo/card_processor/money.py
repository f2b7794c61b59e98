"""Charges, refunds and disputes: what moved, and the ledger of it."""

from __future__ import annotations

from opora.cli.demo.card_processor import methods
from opora.cli.demo.card_processor.books import Books, Thing
from opora.cli.demo.card_processor.errors import invalid


def add_charge(books: Books, intent: Thing, method: Thing, *, failed: bool) -> Thing:
    card = {name: method["card"][name] for name in ("brand", "last4", "exp_month", "exp_year")}
    return books.add(
        "charge",
        amount=intent["amount"],
        amount_captured=0 if failed else intent["amount"],
        amount_refunded=0,
        captured=not failed,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        metadata=dict(intent["metadata"]),
        paid=not failed,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": "card", "card": card},
        refunded=False,
        status="failed" if failed else "succeeded",
    )


def captured_charge(books: Books, intent: str) -> Thing | None:
    return next(iter(books.all("charge", payment_intent=intent, captured=True)), None)


def create_refund(books: Books, asked: Thing) -> Thing:
    intent = books.get(
        "payment_intent", asked.get("payment_intent", ""), param="payment_intent", status=400
    )
    charge = captured_charge(books, intent["id"])
    if charge is None:
        raise invalid("This PaymentIntent does not have a successful charge to refund.")
    left = charge["amount"] - charge["amount_refunded"]
    amount = int(asked["amount"]) if "amount" in asked else left
    if not left:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["disputed"]:
        raise invalid(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    if not 0 < amount <= left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    card = methods.test_card(books.get("payment_method", charge["payment_method"]))
    refund = books.add(
        "refund",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=asked.get("metadata") or {},
        payment_intent=intent["id"],
        reason=asked.get("reason"),
        failure_reason=None,
        status="succeeded" if card.refunds == "failed" else card.refunds,
        _ends=card.refunds,
    )
    _count(books, charge, amount)
    books.tell("refund.created", refund)
    books.tell("charge.refunded", charge)
    return refund


def _count(books: Books, charge: Thing, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def finish_refunds(books: Books) -> None:
    """Time passes: pending refunds arrive, and those that the card's bank sends back fail."""
    for refund in books.all("refund"):
        if refund["status"] == "pending":
            refund["status"] = "succeeded"
            books.tell("refund.updated", refund)
        elif refund["status"] == "succeeded" and refund["_ends"] == "failed":
            refund |= {"status": "failed", "failure_reason": "unknown"}
            _count(books, books.get("charge", refund["charge"]), -refund["amount"])
            books.tell("refund.failed", refund)


def dispute(books: Books, intent: str, *, amount: int, reason: str) -> Thing:
    """The card's holder charges back."""
    charge = captured_charge(books, intent)
    if charge is None:
        raise invalid("Nothing was charged that could be charged back.")
    charge["disputed"] = True
    made = books.add(
        "dispute",
        amount=amount,
        charge=charge["id"],
        currency=charge["currency"],
        is_charge_refundable=False,
        metadata={},
        payment_intent=intent,
        reason=reason,
        status="needs_response",
    )
    books.tell("charge.dispute.created", made)
    return made


def close_dispute(books: Books, name: str, *, won: bool) -> Thing:
    made = books.get("dispute", name)
    made["status"] = "won" if won else "lost"
    books.tell("charge.dispute.closed", made)
    return made


def ledger(books: Books) -> list[Thing]:
    """A row for each payment intent, oldest first: what was charged, how often, what went back."""
    rows = []
    for intent in books.things["payment_intent"].values():
        charges = books.all("charge", payment_intent=intent["id"], captured=True)
        refunds = books.all("refund", payment_intent=intent["id"])
        moved = [refund for refund in refunds if refund["status"] in ("pending", "succeeded")]
        rows.append(
            {
                "intent": intent["id"],
                "purchase": intent["metadata"].get("purchase", ""),
                "status": intent["status"],
                "currency": intent["currency"].upper(),
                "charges": len(charges),
                "captured": sum(charge["amount"] for charge in charges),
                "refunds": len(moved),
                "refunded": sum(refund["amount"] for refund in moved),
                "disputes": len(books.all("dispute", payment_intent=intent["id"])),
            }
        )
    return rows
