"""What every payment provider promises (`billing.providers.base`), shown of each that ships.

Stripe is asked through its official library over HTTP, from a stand-in; outside keeps rows. A third
one joins by a line in TILLS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opora.billing.providers import outside
from opora.billing.providers.base import (
    BadNotice,
    Charge,
    Payment,
    PaymentProvider,
    PaymentState,
    ProviderRefused,
)
from opora.billing.providers.registry import PROVIDERS, provider_named
from opora.cli.demo.card_processor.processor import Processor
from tests.billing.processor import typed

pytestmark = pytest.mark.django_db


@dataclass
class Till:
    """A provider, and what the world does for it: `method` is a way to pay that works, `receive`
    is what has to happen after `pay` until the money is there."""

    provider: PaymentProvider
    method: Callable[[], str]
    receive: Callable[[str], None]

    def charge(self, key: str = "7f" * 16, **facts: Any) -> Charge:
        usual: dict[str, Any] = {
            "number": "2026000001",
            "amount": 1_210_000,
            "currency": "CZK",
            "customer": self.provider.customer(account="a1" * 16, email="a@x.example", key="a1"),
            "description": "ppi-1 2026000001",
        }
        return Charge(key=key, **(usual | facts))

    def captured(self, key: str = "7f" * 16, **facts: Any) -> Payment:
        """A payment that went through."""
        opened = self.provider.open(self.charge(key, **facts))
        self.provider.pay(opened.reference, method=self.method(), keep_card=False, key=f"{key}:1")
        self.receive(opened.reference)
        payment = self.provider.look(opened.reference)
        assert payment.state is PaymentState.CAPTURED
        return payment


def _stripe(processor: Processor) -> Till:
    return Till(
        provider_named("stripe"), lambda: typed(processor, "pm_card_visa"), lambda reference: None
    )


def _outside(processor: Processor) -> Till:
    return Till(provider_named("outside"), lambda: "", lambda reference: _seen(reference))


def _seen(reference: str) -> None:
    outside.mark_received(reference)


TILLS = {"stripe": _stripe, "outside": _outside}


def test_every_provider_that_ships_is_shown_here() -> None:
    assert set(TILLS) == set(PROVIDERS)


@pytest.fixture(params=sorted(TILLS))
def till(request: pytest.FixtureRequest, processor: Processor) -> Till:
    return TILLS[request.param](processor)


# --- Opening -------------------------------------------------------------------------------------
@pytest.mark.shows("PA-02", "PA-03")
def test_a_charge_opened_again_by_its_key_is_the_same_payment_and_charges_nothing(
    till: Till,
) -> None:
    charge = till.charge()

    first, second = till.provider.open(charge), till.provider.open(charge)

    assert first == second
    assert first.key == charge.key
    assert (first.state, first.captured, first.refunded) == (PaymentState.OPEN, 0, 0)
    assert (first.amount, first.currency) == (1_210_000, "CZK")
    assert first.decline_code == ""
    assert first.action == ""


@pytest.mark.parametrize("other", [{"amount": 1}, {"currency": "EUR"}])
def test_the_same_key_with_another_amount_or_currency_is_refused(
    till: Till, other: dict[str, Any]
) -> None:
    opened = till.provider.open(till.charge())

    with pytest.raises(ProviderRefused):
        till.provider.open(replace(till.charge(), **other))

    assert till.provider.look(opened.reference) == opened


def test_another_key_is_another_payment(till: Till) -> None:
    first, second = till.provider.open(till.charge()), till.provider.open(till.charge("8e" * 16))

    assert first.reference != second.reference
    assert second.key == "8e" * 16


def test_a_payment_that_nobody_opened_is_missing(till: Till) -> None:
    for reference in ("pi_unknown", "00" * 16):
        for ask in (till.provider.look, till.provider.cancel):
            with pytest.raises(ProviderRefused) as refused:
                ask(reference)
            assert refused.value.code == "missing"
        with pytest.raises(ProviderRefused) as refused:
            till.provider.pay(reference, method=till.method(), keep_card=False, key="k:1")
        assert refused.value.code == "missing"


# --- Paying --------------------------------------------------------------------------------------
def test_what_was_paid_is_captured_once_however_often_it_is_tried(till: Till) -> None:
    opened = till.provider.open(till.charge())
    method = till.method()

    for key in ("k:1", "k:1", "k:2"):
        tried = till.provider.pay(
            opened.reference,
            method=method if key == "k:1" else till.method(),
            keep_card=False,
            key=key,
        )
        assert tried.reference == opened.reference
        assert tried.state in (PaymentState.CAPTURED, PaymentState.PENDING)
        till.receive(opened.reference)

    payment = till.provider.look(opened.reference)
    assert (payment.state, payment.captured) == (PaymentState.CAPTURED, 1_210_000)
    assert payment.decline_code == ""
    assert (
        till.provider.pay(
            opened.reference, method=till.method(), keep_card=False, key="k:3"
        ).captured
        == 1_210_000
    )


def test_a_payment_given_up_cannot_be_charged_any_more(till: Till) -> None:
    opened = till.provider.open(till.charge())

    for _again in range(2):
        assert till.provider.cancel(opened.reference).state is PaymentState.CANCELLED

    tried = till.provider.pay(opened.reference, method=till.method(), keep_card=False, key="k:1")
    till.receive(opened.reference)
    assert tried.state is PaymentState.CANCELLED
    assert till.provider.look(opened.reference).captured == 0


def test_one_that_was_captured_stays_captured_when_it_is_given_up(till: Till) -> None:
    payment = till.captured()

    assert till.provider.cancel(payment.reference) == payment


# --- Going back ----------------------------------------------------------------------------------
@pytest.mark.shows("PA-07")
def test_a_refund_asked_again_by_its_key_does_nothing_more(till: Till) -> None:
    payment = till.captured()

    first = till.provider.refund(payment.reference, amount=10_000, key="r1")
    second = till.provider.refund(payment.reference, amount=10_000, key="r1")

    assert first == second
    assert (first.amount, first.state, first.key) == (10_000, "done", "r1")
    seen = till.provider.look(payment.reference)
    assert (seen.refunded, seen.refunds) == (10_000, (first,))
    assert seen.state is PaymentState.CAPTURED
    assert seen.captured == 1_210_000


def test_refunds_add_up_to_the_payment_and_not_beyond(till: Till) -> None:
    payment = till.captured()
    till.provider.refund(payment.reference, amount=1_000_000, key="r1")

    with pytest.raises(ProviderRefused):
        till.provider.refund(payment.reference, amount=210_001, key="r2")
    assert till.provider.look(payment.reference).refunded == 1_000_000

    till.provider.refund(payment.reference, amount=210_000, key="r3")
    with pytest.raises(ProviderRefused):
        till.provider.refund(payment.reference, amount=1, key="r4")
    seen = till.provider.look(payment.reference)
    assert seen.refunded == 1_210_000
    assert sorted((refund.key, refund.amount) for refund in seen.refunds) == [
        ("r1", 1_000_000),
        ("r3", 210_000),
    ]


def test_what_was_never_captured_cannot_be_refunded(till: Till) -> None:
    opened = till.provider.open(till.charge())

    with pytest.raises(ProviderRefused):
        till.provider.refund(opened.reference, amount=1, key="r1")

    assert till.provider.look(opened.reference) == opened


# --- Looking back --------------------------------------------------------------------------------
@pytest.mark.shows("F-22")
def test_payments_since_a_moment_are_all_of_them_with_what_moved(till: Till) -> None:
    paid, open_one = till.captured("01" * 16), till.provider.open(till.charge("02" * 16))
    till.provider.refund(paid.reference, amount=500, key="r1")
    now = datetime.now(UTC)

    seen = {payment.key: payment for payment in till.provider.since(now - timedelta(hours=1))}

    assert set(seen) == {"01" * 16, "02" * 16}
    assert seen["01" * 16].reference == paid.reference
    assert (seen["01" * 16].captured, seen["01" * 16].refunded) == (1_210_000, 500)
    assert (seen["02" * 16].reference, seen["02" * 16].captured) == (open_one.reference, 0)
    assert list(till.provider.since(now + timedelta(hours=1))) == []


@pytest.mark.shows("F-10")
def test_what_moved_since_a_moment_is_found_with_its_payment(till: Till) -> None:
    paid = till.captured()
    made = till.provider.refund(paid.reference, amount=500, key="r1")
    now = datetime.now(UTC)

    (moved,) = till.provider.moved_since(now - timedelta(hours=1))

    assert (moved.payment, moved.refund, moved.dispute) == (paid.reference, made, None)
    assert list(till.provider.moved_since(now + timedelta(hours=1))) == []


@pytest.mark.parametrize("currency", ["JPY", "HUF", "KWD", "ISK", "UGX", "RSD", "TWD"])
def test_an_amount_is_the_same_whatever_the_currency_counts_by(till: Till, currency: str) -> None:
    paid = till.captured(amount=12_340, currency=currency)
    made = till.provider.refund(paid.reference, amount=2_340, key="r1")

    seen = till.provider.look(paid.reference)

    assert (seen.amount, seen.captured, seen.currency) == (12_340, 12_340, currency)
    assert (made.amount, seen.refunded, seen.gone_back) == (2_340, 2_340, 2_340)


# --- Cards ---------------------------------------------------------------------------------------
def test_a_customer_is_known_by_one_name(till: Till) -> None:
    first = till.provider.customer(account="b2" * 16, email="b@x.example", key="b2")

    assert till.provider.customer(account="b2" * 16, email="new@x.example", key="b2") == first
    assert till.provider.customer(account="c3" * 16, email="c@x.example", key="c3") != first
    assert till.provider.cards(first) == []


@pytest.mark.shows("S7.3")
def test_cards_are_kept_named_default_and_forgotten_where_there_are_any(till: Till) -> None:
    provider = till.provider
    charge = till.charge()
    opened = provider.open(charge)
    provider.pay(opened.reference, method=till.method(), keep_card=True, key="k:1")
    if not provider.has_cards:
        assert provider.cards(charge.customer) == []
        return

    (card,) = provider.cards(charge.customer)
    assert (card.brand, card.last4, card.is_default) == ("visa", "4242", False)
    assert card.expires_year > 2026
    assert 1 <= card.expires_month <= 12
    paid = provider.look(opened.reference)
    assert paid.card is not None
    assert paid.card.reference == card.reference

    provider.set_default_card(charge.customer, card.reference)
    assert [kept.is_default for kept in provider.cards(charge.customer)] == [True]

    again = provider.open(till.charge("8e" * 16))
    assert (
        provider.pay(again.reference, method=card.reference, keep_card=False, key="8e:1").captured
        == 1_210_000
    )

    for _again in range(2):
        provider.forget_card(charge.customer, card.reference)
    assert provider.cards(charge.customer) == []


@pytest.mark.shows("AC-05")
def test_somebody_elses_card_is_missing(till: Till) -> None:
    provider = till.provider
    charge = till.charge()
    provider.pay(provider.open(charge).reference, method=till.method(), keep_card=True, key="k:1")
    other = provider.customer(account="d4" * 16, email="d@x.example", key="d4")
    theirs = [card.reference for card in provider.cards(charge.customer)]

    for card in [*theirs, "pm_unknown", "../customers", ""]:
        for touch in (provider.set_default_card, provider.forget_card):
            with pytest.raises(ProviderRefused) as refused:
                touch(other, card)
            assert refused.value.code == "missing"
    foreign = provider.open(till.charge("8e" * 16, customer=other))
    for card in theirs:
        with pytest.raises(ProviderRefused) as refused:
            provider.pay(foreign.reference, method=card, keep_card=False, key="8e:1")
        assert refused.value.code == "missing"
    assert [card.reference for card in provider.cards(charge.customer)] == theirs
    assert provider.look(foreign.reference).captured == 0


# --- Notices -------------------------------------------------------------------------------------
@pytest.mark.shows("WH-05")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Stripe-Signature": ""},
        {"Stripe-Signature": "t=1,v1=00"},
        {"Stripe-Signature": "nonsense"},
        {"Stripe-Signature": "t=99999999999,v1="},
    ],
)
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"id":"evt_1","type":"charge.succeeded"}'])
def test_a_notice_without_a_signature_that_holds_is_refused(
    till: Till, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(BadNotice):
        till.provider.read_notice(headers=headers, body=body, now=datetime.now(UTC))
