"""The API's addresses: which parameters each takes, and what it answers.

A parameter that is not listed is refused, as Stripe does, so that Opora cannot send one that was
never thought about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from opora.cli.demo.card_processor import intents, methods, money
from opora.cli.demo.card_processor.books import Books, Thing, shown
from opora.cli.demo.card_processor.errors import invalid

PAGING = ("limit", "starting_after")
LISTING = (*PAGING, "created")
KINDS = {"latest_charge": "charge", "payment_method": "payment_method", "customer": "customer"}


@dataclass(frozen=True)
class Address:
    """`is_public`: the page's script may ask it, with the publishable key."""

    method: str
    pattern: str  # {} stands for an id
    takes: tuple[str, ...]
    answer: Callable[[Books, list[str], Thing], Any]
    is_public: bool = False

    def matches(self, method: str, path: str) -> list[str] | None:
        regex = self.pattern.replace("{}", "([A-Za-z0-9_]+)")
        found = re.fullmatch(regex, path) if method == self.method else None
        return list(found.groups()) if found else None


def _list(kind: str, *filters: str) -> Callable[[Books, list[str], Thing], Thing]:
    def answer(books: Books, ids: list[str], asked: Thing) -> Thing:
        return page(books.all(kind, **{f: asked[f] for f in filters if f in asked}), asked)

    return answer


ADDRESSES = (
    Address(
        *("POST", "/v1/customers", ("email", "name", "description", "metadata")),
        lambda books, ids, asked: methods.create_customer(books, asked),
    ),
    Address("GET", "/v1/customers/{}", (), lambda books, ids, asked: books.get("customer", *ids)),
    Address(
        *("POST", "/v1/customers/{}"),
        ("email", "name", "description", "metadata", "invoice_settings"),
        lambda books, ids, asked: methods.update_customer(books, ids[0], asked),
    ),
    Address(
        *("GET", "/v1/customers/{}/payment_methods", ("type", *PAGING)),
        lambda books, ids, asked: page(methods.cards_of(books, ids[0], asked), asked),
    ),
    Address(
        *("GET", "/v1/payment_methods/{}", ()),
        lambda books, ids, asked: books.get("payment_method", *ids),
    ),
    Address(
        *("POST", "/v1/payment_methods/{}/detach", ()),
        lambda books, ids, asked: methods.detach(books, ids[0], asked),
    ),
    Address(
        *("POST", "/v1/confirmation_tokens", ("payment_method_data", "setup_future_usage")),
        lambda books, ids, asked: methods.create_token(books, asked),
        is_public=True,
    ),
    Address(
        *("POST", "/v1/test_helpers/confirmation_tokens"),
        ("payment_method", "payment_method_data", "setup_future_usage"),
        lambda books, ids, asked: methods.create_token(books, asked),
    ),
    Address(
        *("GET", "/v1/confirmation_tokens/{}", ()),
        lambda books, ids, asked: books.get("confirmation_token", *ids),
    ),
    Address(
        *("POST", "/v1/payment_intents"),
        (
            *("amount", "currency", "customer", "description", "metadata"),
            *("allowed_payment_method_types", "setup_future_usage"),
        ),
        lambda books, ids, asked: intents.create(books, asked),
    ),
    Address(
        *("GET", "/v1/payment_intents", ("customer", *LISTING)),
        _list("payment_intent", "customer"),
    ),
    Address(
        *("GET", "/v1/payment_intents/{}", ()),
        lambda books, ids, asked: books.get("payment_intent", *ids),
    ),
    Address(
        *("POST", "/v1/payment_intents/{}/confirm"),
        ("payment_method", "confirmation_token", "setup_future_usage", "use_stripe_sdk"),
        lambda books, ids, asked: intents.confirm(books, ids[0], asked),
    ),
    Address(
        *("POST", "/v1/payment_intents/{}/cancel", ("cancellation_reason",)),
        lambda books, ids, asked: intents.cancel(books, ids[0], asked),
    ),
    Address(
        *("GET", "/v1/charges", ("customer", "payment_intent", *LISTING)),
        _list("charge", "customer", "payment_intent"),
    ),
    Address("GET", "/v1/charges/{}", (), lambda books, ids, asked: books.get("charge", *ids)),
    Address(
        *("POST", "/v1/refunds", ("amount", "metadata", "payment_intent", "reason")),
        lambda books, ids, asked: money.create_refund(books, asked),
    ),
    Address(
        *("GET", "/v1/refunds", ("payment_intent", "charge", *LISTING)),
        _list("refund", "payment_intent", "charge"),
    ),
    Address("GET", "/v1/refunds/{}", (), lambda books, ids, asked: books.get("refund", *ids)),
    Address(
        *("GET", "/v1/disputes", ("payment_intent", "charge", *LISTING)),
        _list("dispute", "payment_intent", "charge"),
    ),
    Address("GET", "/v1/disputes/{}", (), lambda books, ids, asked: books.get("dispute", *ids)),
    Address("GET", "/v1/events", ("type", *LISTING), _list("event", "type")),
    Address("GET", "/v1/events/{}", (), lambda books, ids, asked: books.get("event", *ids)),
)


def find(method: str, path: str) -> tuple[Address, list[str]] | None:
    for address in ADDRESSES:
        if (ids := address.matches(method, path)) is not None:
            return address, ids
    return None


def answer(books: Books, address: Address, ids: list[str], asked: Thing) -> Thing:
    """What the API answers. Raises ApiError."""
    expand = asked.pop("expand", [])
    if unknown := sorted(set(asked) - set(address.takes)):
        raise invalid(
            f"Received unknown parameter: {unknown[0]}", code="parameter_unknown", param=unknown[0]
        )
    found = address.answer(books, ids, asked)
    if found["object"] == "list":
        inner = [path.removeprefix("data.") for path in expand]
        found["data"] = [expanded(books, shown(thing), inner) for thing in found["data"]]
        return {**found, "url": address.pattern.format(*ids)}
    return expanded(books, shown(found), expand)


def expanded(books: Books, thing: Thing, paths: Iterable[str]) -> Thing:
    """The thing with what `paths` name in whole, in place of its id."""
    for path in paths:
        if path not in KINDS or path not in thing:
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        if name := thing[path]:
            thing[path] = shown(books.get(KINDS[path], name))
    return thing


def page(things: list[Thing], asked: Thing) -> Thing:
    """Newest first, from behind `starting_after`."""
    since = int((asked.get("created") or {}).get("gte", 0))
    things = [thing for thing in things if thing["created"] >= since]
    if after := asked.get("starting_after"):
        names = [thing["id"] for thing in things]
        if after not in names:
            raise invalid(f"No such object: '{after}'", param="starting_after")
        things = things[names.index(after) + 1 :]
    limit = int(asked.get("limit", 10))
    if not 1 <= limit <= 100:
        raise invalid("A page has 1 to 100 objects.", param="limit")
    return {"object": "list", "has_more": len(things) > limit, "data": things[:limit]}


def read_form(text: str) -> Thing:
    """`a[b]=1&c[0]=2` as {"a": {"b": "1"}, "c": ["2"]}."""
    form: Thing = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        keys = re.findall(r"[^\[\]]+", name)
        place = form
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return {name: _tidied(value) for name, value in form.items()}


def _tidied(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_tidied(value[key]) for key in sorted(value, key=int)]
    return {key: _tidied(inner) for key, inner in value.items()}
