"""The stand-in for Stripe keeps to what the official library knows, and stays out of production."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from opora.cli.demo.card_processor.api import ADDRESSES
from opora.cli.demo.card_processor.cards import CARDS, is_number
from opora.cli.demo.card_processor.processor import Processor
from tests import databases
from tests.billing.processor import (
    PUBLISHABLE_KEY,
    SECRET_KEY,
    WEBHOOK_SECRET,
    running,
    typed,
)

SOURCE = databases.ROOT / "src" / "opora"
STAND_IN = SOURCE / "cli" / "demo"
STARTED = """
import sys
import django
django.setup()
from django.urls import get_resolver
import opora.cli.serve, opora.cli.server, opora.cli.worker, opora.config.wsgi, opora.jobs.kinds
from opora.billing.providers.registry import provider_named
get_resolver().url_patterns
provider_named("stripe"), provider_named("outside")
print([name for name in sys.modules if name.startswith("opora.cli.demo")])
"""


def paid(processor: Processor, card: str = "pm_card_visa") -> str:
    """A payment intent that went through, by the library alone."""
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": processor.url}).v1
    customer = client.customers.create({"metadata": {"account": "a1"}})
    intent = client.payment_intents.create(
        {"amount": 1000, "currency": "czk", "customer": customer.id, "metadata": {"purchase": "k"}}
    )
    client.payment_intents.confirm(
        intent.id,
        {"confirmation_token": typed(processor, card), "setup_future_usage": "on_session"},
    )
    return intent.id


# --- It keeps to the library ---------------------------------------------------------------------
# Which of the library's parameters an address takes; those without stand in no such list.
PARAMS = {
    "POST /v1/customers": "CustomerCreateParams",
    "POST /v1/customers/{}": "CustomerUpdateParams",
    "GET /v1/customers/{}/payment_methods": "CustomerPaymentMethodListParams",
    "POST /v1/test_helpers/confirmation_tokens": "ConfirmationTokenCreateParams",
    "POST /v1/payment_intents": "PaymentIntentCreateParams",
    "GET /v1/payment_intents": "PaymentIntentListParams",
    "POST /v1/payment_intents/{}/confirm": "PaymentIntentConfirmParams",
    "POST /v1/payment_intents/{}/cancel": "PaymentIntentCancelParams",
    "GET /v1/charges": "ChargeListParams",
    "POST /v1/refunds": "RefundCreateParams",
    "GET /v1/refunds": "RefundListParams",
    "GET /v1/disputes": "DisputeListParams",
    "GET /v1/events": "EventListParams",
}


def test_it_takes_no_parameter_that_the_library_does_not_know() -> None:
    takes = {f"{a.method} {a.pattern}": set(a.takes) for a in ADDRESSES if a.takes}
    assert set(PARAMS) == set(takes) - {"POST /v1/confirmation_tokens"}  # the script's alone
    for address, name in PARAMS.items():
        known = getattr(
            stripe.params.test_helpers if "test_helpers" in address else stripe.params, name
        )
        assert takes[address] <= set(known.__annotations__), address


def test_it_answers_no_field_that_the_library_does_not_know(processor: Processor) -> None:
    intent = paid(processor)
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": processor.url}).v1
    client.refunds.create({"payment_intent": intent, "amount": 1})
    processor.dispute(intent, amount=1)
    seen = client.payment_intents.retrieve(
        intent, {"expand": ["latest_charge", "payment_method", "customer"]}
    )
    assert isinstance(seen.latest_charge, stripe.Charge)
    assert isinstance(seen.payment_method, stripe.PaymentMethod)
    assert isinstance(seen.customer, stripe.Customer)
    things: list[Any] = [
        seen,
        seen.latest_charge,
        seen.payment_method,
        seen.customer,
        client.refunds.list().data[0],
        client.disputes.list().data[0],
        client.events.list().data[0],
        client.confirmation_tokens.retrieve(typed(processor, "pm_card_visa")),
    ]
    for thing in things:
        assert set(thing.to_dict()) <= set(type(thing).__annotations__), thing.object


def test_an_unknown_parameter_is_refused(processor: Processor) -> None:
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": processor.url}).v1

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.payment_intents.create(
            {"amount": 1, "currency": "czk", "payment_method_types": ["card"]}  # type: ignore[typeddict-unknown-key]
        )

    assert refused.value.code == "parameter_unknown"
    assert processor.ledger() == []


def test_its_cards_have_numbers_that_could_be_cards() -> None:
    assert all(is_number(number) for number in CARDS)
    assert not is_number("4242424242424243")
    assert not is_number("4242")


# --- Keys, books, control ------------------------------------------------------------------------
def test_only_the_keys_open_it_and_the_public_one_opens_tokens_alone(processor: Processor) -> None:
    for key in ("", "Bearer sk_test_other", f"Bearer {PUBLISHABLE_KEY}"):
        for path in ("/v1/payment_intents", "/control/ledger", "/v1/refunds"):
            answer = requests.post(processor.url + path, headers={"Authorization": key}, timeout=5)
            assert answer.status_code == 401
    token = requests.post(
        f"{processor.url}/v1/confirmation_tokens",
        headers={"Authorization": f"Bearer {PUBLISHABLE_KEY}"},
        data={
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": "4242424242424242",
            "payment_method_data[card][exp_month]": "12",
            "payment_method_data[card][exp_year]": "34",
        },
        timeout=5,
    )
    assert token.json()["id"].startswith("ctoken_")
    assert "4242424242424242" not in token.text


def test_another_process_controls_it_with_the_secret_key(processor: Processor) -> None:
    intent = paid(processor)

    def control(name: str, **given: Any) -> Any:
        answer = requests.post(
            f"{processor.url}/control/{name}",
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
            json=given,
            timeout=5,
        )
        assert answer.ok
        return answer.json()["answer"]

    control("dispute", intent=intent, amount=10)
    control("fail", kind="error", at="/v1/refunds", times=1)

    (row,) = control("ledger")
    assert (row["intent"], row["captured"], row["disputes"]) == (intent, 1000, 1)
    assert (
        requests.get(
            f"{processor.url}/v1/refunds",
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
            timeout=5,
        ).status_code
        == 500
    )


def test_its_books_outlive_it(tmp_path: Path) -> None:
    path = tmp_path / "books.json"
    with running(path=path) as first:
        intent = paid(first)
        rows = first.ledger()
    with running(path=path) as second:
        assert second.ledger() == rows
        assert second.intent_of(second.books.get("payment_intent", intent)["client_secret"])
    assert path.stat().st_mode & 0o077 == 0


def test_it_listens_on_this_machine_only(processor: Processor) -> None:
    assert processor._server is not None
    assert processor._server.server_address[0] == "127.0.0.1"


# --- It stays out of production ------------------------------------------------------------------
@pytest.mark.shows("WH-05")
def test_nothing_but_the_demo_imports_it() -> None:
    importers = [
        path
        for path in SOURCE.rglob("*.py")
        if not path.is_relative_to(STAND_IN) and "opora.cli.demo" in _imported(path)
    ]
    assert importers == []


def _imported(path: Path) -> str:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return " ".join(names)


@pytest.mark.shows("WH-05")
def test_a_served_installation_that_sells_has_none_of_it(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STARTED],
        env={
            "PATH": "",
            "DJANGO_SETTINGS_MODULE": "opora.config.settings",
            "OPORA_DATA_DIR": str(tmp_path),
            "OPORA_PAYMENTS": "stripe outside",
            "OPORA_STRIPE_SECRET_KEY": SECRET_KEY,
            "OPORA_STRIPE_PUBLISHABLE_KEY": PUBLISHABLE_KEY,
            "OPORA_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "OPORA_BANK_ACCOUNT": "1/0100",
            "OPORA_SERVICES_AGREEMENT": "https://vendor.example/agreement",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().splitlines()[-1] == "[]"
