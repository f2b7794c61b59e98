"""Cards by Stripe: declines, the bank's question, silence after the charge, notices, keys.

Over HTTP, through the official library, from a stand-in that keeps its own books: at the end they
are what is compared.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opora.billing.declines import DECLINES, decline_of
from opora.billing.providers import stripe, stripe_objects
from opora.billing.providers.base import (
    BadNotice,
    Charge,
    NoticeSeen,
    Payment,
    PaymentState,
    ProviderRefused,
    ProviderUnreachable,
)
from opora.billing.providers.registry import provider_named
from opora.cli.demo.card_processor.processor import Processor
from tests.billing.processor import SECRET_KEY, notice, typed

KEY = "5c" * 16


@dataclass
class Cards:
    """Stripe, and one payment that is to be tried."""

    processor: Processor
    provider: stripe.StripeCards
    opened: Payment
    customer: str

    def pay(self, card: str, *, number: int = 1, keep_card: bool = False) -> Payment:
        return self.provider.pay(
            self.opened.reference,
            method=typed(self.processor, card),
            keep_card=keep_card,
            key=f"{KEY}:{number}",
        )

    def look(self) -> Payment:
        return self.provider.look(self.opened.reference)

    @property
    def moved(self) -> tuple[int, int, int]:
        """By the processor's own books: how often it charged, how much came, how much went."""
        (row,) = [row for row in self.processor.ledger() if row["purchase"] == KEY]
        return row["charges"], row["captured"], row["refunded"]


@pytest.fixture
def cards(processor: Processor) -> Cards:
    provider = stripe.provider()
    customer = provider.customer(account="a1" * 16, email="a@x.example", key="a1")
    charge = Charge(KEY, "2026000001", 1_210_000, "CZK", customer, "ppi-1 2026000001")
    return Cards(processor, provider, provider.open(charge), customer)


def test_the_registry_leads_to_stripe(cards: Cards) -> None:
    assert isinstance(provider_named("stripe"), stripe.StripeCards)


# --- Amounts and addresses ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("JPY", 500, 500),  # ¥500
        ("HUF", 500_000, 500_000),  # 5,000 Ft
        ("ISK", 500, 50_000),  # 500 kr. Two decimals are still written, and are always 00.
        ("UGX", 500, 50_000),
        ("KWD", 5_120, 5_120),  # three decimals
        ("MGA", 500_00, 500),  # divided into five by law, into nothing by Stripe
    ],
)
def test_stripe_is_asked_for_what_the_buyer_was_shown(
    cards: Cards, currency: str, ours: int, theirs: int
) -> None:
    opened = cards.provider.open(
        Charge("9d" * 16, "1", ours, currency, cards.customer, "", "https://a.example")
    )

    asked = cards.processor.books.things["payment_intent"][opened.reference]
    assert (asked["amount"], asked["currency"]) == (theirs, currency.lower())
    assert (opened.amount, opened.currency) == (ours, currency)
    assert opened.origin == "https://a.example"


def test_part_of_a_unit_that_stripe_does_not_know_is_refused(cards: Cards) -> None:
    with pytest.raises(ProviderRefused):
        cards.provider.open(Charge("9d" * 16, "1", 50_001, "MGA", cards.customer, ""))


def test_an_address_that_stripe_does_not_take_stops_nobody_from_paying(cards: Cards) -> None:
    made = cards.provider.customer(account="b2" * 16, email="žofie@příklad.example", key="b2")

    assert cards.provider.cards(made) == []


# --- Declined ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "declined"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "declined"),  # the bank's suspicion is not told
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "wrong_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
    ],
)
def test_a_declined_card_leaves_the_payment_open_and_another_card_pays_it(
    cards: Cards, card: str, code: str
) -> None:
    declined = cards.pay(card)

    assert (declined.state, declined.decline_code) == (PaymentState.OPEN, code)
    assert (declined.captured, declined.card) == (0, None)
    assert cards.look() == declined
    assert cards.moved == (0, 0, 0)

    paid = cards.pay("pm_card_visa", number=2)
    assert (paid.state, paid.decline_code) == (PaymentState.CAPTURED, "")
    assert cards.moved == (1, 1_210_000, 0)


@pytest.mark.shows("PA-02")
def test_a_declined_try_repeated_with_its_key_asks_the_bank_no_second_time(cards: Cards) -> None:
    method = typed(cards.processor, "pm_card_visa_chargeDeclined")
    ask = {"method": method, "keep_card": False, "key": f"{KEY}:1"}

    first = cards.provider.pay(cards.opened.reference, **ask)  # type: ignore[arg-type]
    second = cards.provider.pay(cards.opened.reference, **ask)  # type: ignore[arg-type]

    assert first == second
    assert len(cards.processor.events("charge.failed")) == 1


def test_a_key_with_another_card_is_refused(cards: Cards) -> None:
    cards.pay("pm_card_visa_chargeDeclined")

    with pytest.raises(ProviderRefused) as refused:
        cards.pay("pm_card_visa")

    assert refused.value.code == "key-reused"
    assert cards.moved == (0, 0, 0)


def test_every_decline_has_words_and_says_that_nothing_was_charged() -> None:
    assert set(stripe_objects.DECLINES.values()) <= set(DECLINES)
    for decline in DECLINES.values():
        assert str(decline.sentence).endswith("Nothing was charged.")
        assert str(decline.remedy)
    assert decline_of("never-heard-of").code == "declined"


@pytest.mark.parametrize("method", ["", "tok_visa", "pm_", "ctoken_x&amount=1", "pi_123", "pm_ž"])
def test_what_no_script_of_stripe_makes_never_leaves_the_house(cards: Cards, method: str) -> None:
    before = len(cards.processor.asked)

    with pytest.raises(ProviderRefused):
        cards.provider.pay(cards.opened.reference, method=method, keep_card=False, key="k:1")

    assert len(cards.processor.asked) == before


def test_a_token_pays_once(cards: Cards) -> None:
    token = typed(cards.processor, "pm_card_visa_chargeDeclined")
    cards.provider.pay(cards.opened.reference, method=token, keep_card=False, key=f"{KEY}:1")

    with pytest.raises(ProviderRefused):
        cards.provider.pay(cards.opened.reference, method=token, keep_card=False, key=f"{KEY}:2")

    assert cards.moved == (0, 0, 0)


# --- The bank asks (3-D Secure) ------------------------------------------------------------------
def test_the_banks_question_answered_captures_and_keeps_the_card(cards: Cards) -> None:
    asked = cards.pay("pm_card_threeDSecure2Required", keep_card=True)
    assert asked.state is PaymentState.ACTION
    assert asked.action.startswith(f"{asked.reference}_secret_")
    assert cards.look() == asked
    assert cards.moved == (0, 0, 0)

    cards.processor.answer_challenge(asked.reference, approved=True)

    paid = cards.look()
    assert (paid.state, paid.action) == (PaymentState.CAPTURED, "")
    assert [card.last4 for card in cards.provider.cards(cards.customer)] == ["3220"]
    assert cards.moved == (1, 1_210_000, 0)


@pytest.mark.shows("S7.3")
def test_a_card_is_kept_only_if_it_was_ticked_for_this_one(cards: Cards) -> None:
    """The first, declined, was to be kept; the second was not."""
    cards.pay("pm_card_visa_chargeDeclined", keep_card=True)
    assert cards.pay("pm_card_visa", number=2).state is PaymentState.CAPTURED

    assert cards.provider.cards(cards.customer) == []


def test_the_banks_question_failed_leaves_it_open(cards: Cards) -> None:
    asked = cards.pay("pm_card_threeDSecure2Required")

    cards.processor.answer_challenge(asked.reference, approved=False)

    failed = cards.look()
    assert (failed.state, failed.decline_code) == (PaymentState.OPEN, "authentication_failed")
    assert cards.moved == (0, 0, 0)


def test_an_abandoned_question_can_be_given_up(cards: Cards) -> None:
    asked = cards.pay("pm_card_threeDSecure2Required")

    assert cards.provider.cancel(asked.reference).state is PaymentState.CANCELLED
    cards.processor.answer_challenge(asked.reference, approved=True)  # too late

    assert cards.look().state is PaymentState.CANCELLED
    assert cards.moved == (0, 0, 0)


def test_while_the_bank_makes_up_its_mind_the_payment_is_pending(cards: Cards) -> None:
    cards.processor.hold(cards.opened.reference)
    assert cards.look().state is PaymentState.PENDING
    assert cards.provider.cancel(cards.opened.reference).state is PaymentState.PENDING

    cards.processor.finish(cards.opened.reference)

    assert cards.look().state is PaymentState.CAPTURED


# --- Silence -------------------------------------------------------------------------------------
@pytest.mark.shows("F-08", "PA-02")
@pytest.mark.parametrize("fault", ["act_then_drop", "act_then_error"])
def test_an_answer_lost_after_the_charge_is_found_by_looking_and_never_charged_again(
    cards: Cards, fault: str
) -> None:
    method = typed(cards.processor, "pm_card_visa")
    ask: dict[str, Any] = {"method": method, "keep_card": False, "key": f"{KEY}:1"}
    cards.processor.fail(fault, at="/confirm")

    with pytest.raises(ProviderUnreachable):
        cards.provider.pay(cards.opened.reference, **ask)

    assert cards.look().state is PaymentState.CAPTURED
    assert cards.provider.pay(cards.opened.reference, **ask).state is PaymentState.CAPTURED
    assert cards.moved == (1, 1_210_000, 0)


@pytest.mark.shows("PA-02")
def test_one_lost_answer_the_library_fetches_again_with_the_same_key(cards: Cards) -> None:
    cards.processor.fail("act_then_drop", at="/confirm", times=1)

    assert cards.pay("pm_card_visa").state is PaymentState.CAPTURED

    assert cards.moved == (1, 1_210_000, 0)


@pytest.mark.shows("F-08", "PA-07")
def test_a_refund_whose_answer_was_lost_is_found_by_its_key(cards: Cards) -> None:
    cards.pay("pm_card_visa")
    cards.processor.fail("act_then_drop", at="POST /v1/refunds")

    with pytest.raises(ProviderUnreachable):
        cards.provider.refund(cards.opened.reference, amount=10_000, key="r1")

    assert cards.provider.refund(cards.opened.reference, amount=10_000, key="r1").state == "done"
    assert cards.moved == (1, 1_210_000, 10_000)


@pytest.mark.shows("PA-07")
def test_a_refund_asked_again_after_stripe_forgot_the_key_goes_out_once(cards: Cards) -> None:
    cards.pay("pm_card_visa")
    first = cards.provider.refund(cards.opened.reference, amount=10_000, key="r1")
    cards.processor.books.answers.clear()  # a day later

    assert cards.provider.refund(cards.opened.reference, amount=10_000, key="r1") == first

    assert cards.moved == (1, 1_210_000, 10_000)


@pytest.mark.shows("F-09")
@pytest.mark.parametrize("fault", ["drop", "error", "busy"])
def test_whoever_does_not_answer_is_unreachable_whatever_is_asked(
    cards: Cards, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # the library's pause
    cards.processor.fail(fault, at="/v1/", times=1000)
    provider, reference = cards.provider, cards.opened.reference
    for ask in (
        lambda: provider.customer(account="b2" * 16, email="b@x.example", key="b2"),
        lambda: provider.open(Charge("9d" * 16, "1", 100, "CZK", cards.customer, "")),
        lambda: provider.pay(reference, method="pm_x", keep_card=False, key="k:1"),
        lambda: provider.look(reference),
        lambda: provider.cancel(reference),
        lambda: provider.refund(reference, amount=1, key="r1"),
        lambda: list(provider.since(datetime.now(UTC))),
        lambda: provider.cards(cards.customer),
        lambda: provider.set_default_card(cards.customer, "pm_x"),
        lambda: provider.forget_card(cards.customer, "pm_x"),
    ):
        with pytest.raises(ProviderUnreachable):
            ask()
    assert cards.moved == (0, 0, 0)


@pytest.mark.shows("F-09")
def test_a_provider_that_is_down_or_refuses_our_key_is_unreachable(
    cards: Cards, settings: Any
) -> None:
    settings.STRIPE = settings.STRIPE | {"secret_key": "sk_test_revoked"}
    with pytest.raises(ProviderUnreachable):
        stripe.provider().look(cards.opened.reference)

    cards.processor.stop()
    with pytest.raises(ProviderUnreachable):
        cards.look()

    cards.processor.start()
    assert cards.look() == cards.opened


def test_an_answer_that_takes_too_long_is_none(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "TIMEOUT", (0.5, 0.2))
    impatient = stripe.provider()
    cards.processor.fail("slow", at="/v1/payment_intents/", seconds=1.0)

    with pytest.raises(ProviderUnreachable):
        impatient.look(cards.opened.reference)


@pytest.mark.shows("F-09")
def test_whoever_let_somebody_wait_is_not_asked_again_for_a_while(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or every page and the one worker would wait for it, one after the other."""
    monkeypatch.setattr(stripe, "TIMEOUT", (0.5, 0.2))
    monkeypatch.setattr(stripe, "SLOW", 0.3)
    monkeypatch.setattr(stripe, "REST", 0.5)
    impatient = stripe.provider()
    cards.processor.fail("slow", at="/v1/payment_intents/", seconds=1.0)
    with pytest.raises(ProviderUnreachable):
        impatient.look(cards.opened.reference)
    asked = len(cards.processor.asked)

    for again in (cards.look, lambda: impatient.cards(cards.customer)):
        with pytest.raises(ProviderUnreachable):
            again()
    assert len(cards.processor.asked) == asked

    time.sleep(0.6)
    assert cards.look() == cards.opened


def test_one_that_says_at_once_that_it_is_down_is_asked_again(cards: Cards) -> None:
    cards.processor.fail("drop", at="/v1/payment_intents/")
    with pytest.raises(ProviderUnreachable):
        cards.look()

    assert cards.look() == cards.opened


def test_an_answer_that_leads_elsewhere_is_not_followed(cards: Cards) -> None:
    cards.processor.fail("elsewhere", at="/v1/payment_intents/")
    asked = len(cards.processor.asked)

    with pytest.raises(ProviderUnreachable):
        cards.look()

    assert not any("/elsewhere" in one for one in cards.processor.asked[asked:])


# --- Going back ----------------------------------------------------------------------------------
def test_refunds_that_take_time_are_pending_until_they_arrive(cards: Cards) -> None:
    cards.pay("pm_card_pendingRefund")

    assert cards.provider.refund(cards.opened.reference, amount=500, key="r1").state == "pending"
    cards.processor.finish_refunds()

    assert [refund.state for refund in cards.look().refunds] == ["done"]


def test_a_refund_that_comes_back_is_refused_and_no_money_of_it_is_gone(cards: Cards) -> None:
    cards.pay("pm_card_refundFail")
    cards.provider.refund(cards.opened.reference, amount=500, key="r1")

    cards.processor.finish_refunds()

    seen = cards.look()
    assert [refund.state for refund in seen.refunds] == ["refused"]
    assert seen.refunded == 0


@pytest.mark.shows("F-11")
def test_a_charge_back_is_seen_until_it_is_won_or_lost_and_refuses_refunds(cards: Cards) -> None:
    cards.pay("pm_card_visa")
    name = cards.processor.dispute(cards.opened.reference, amount=1_210_000)

    (seen,) = cards.look().disputes
    assert (seen.reference, seen.amount) == (name, 1_210_000)
    assert (seen.reason, seen.state) == ("fraudulent", "open")
    assert seen.opened_at.tzinfo is UTC
    with pytest.raises(ProviderRefused):
        cards.provider.refund(cards.opened.reference, amount=1, key="r1")

    cards.processor.close_dispute(name, won=False)
    assert [dispute.state for dispute in cards.look().disputes] == ["lost"]


@pytest.mark.shows("F-22")
def test_all_payments_are_found_however_many_pages_they_take(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "PAGE", 2)
    keys = [f"{number:032d}" for number in range(5)]
    for key in keys:
        cards.provider.open(Charge(key, key[:10], 100, "CZK", cards.customer, ""))

    seen = [payment.key for payment in cards.provider.since(datetime.now(UTC) - timedelta(hours=1))]

    assert seen == [*reversed(keys), KEY]


# --- Notices -------------------------------------------------------------------------------------
@pytest.mark.shows("WH-05", "F-10")
def test_notices_about_money_lead_to_their_payment(cards: Cards) -> None:
    cards.pay("pm_card_visa_chargeDeclined")
    cards.pay("pm_card_visa", number=2)
    cards.provider.refund(cards.opened.reference, amount=500, key="r1")
    cards.processor.close_dispute(
        cards.processor.dispute(cards.opened.reference, amount=100), won=True
    )
    read = {}
    for event in cards.processor.events():
        headers, body = cards.processor.notices.signed(event)
        seen = cards.provider.read_notice(headers=headers, body=body, now=datetime.now(UTC))
        if seen is not None:
            assert seen == NoticeSeen(event["id"], event["type"], cards.opened.reference)
        read[event["type"]] = seen is not None

    assert {kind for kind, is_read in read.items() if is_read} == {
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "charge.failed",
        "charge.succeeded",
        "charge.refunded",
        "refund.created",
        "charge.dispute.created",
        "charge.dispute.closed",
    }
    assert {kind for kind, is_read in read.items() if not is_read} == {
        "customer.created",
        "customer.updated",
    }


@pytest.mark.shows("WH-06")
def test_a_signature_counts_five_minutes_by_our_own_clock(cards: Cards) -> None:
    signed_at = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    headers, body = notice(cards.processor, "payment_intent.created", at=signed_at.timestamp())

    for age in (timedelta(0), timedelta(minutes=5), timedelta(minutes=-1)):
        assert cards.provider.read_notice(headers=headers, body=body, now=signed_at + age)
    for age in (timedelta(minutes=5, seconds=1), timedelta(days=1)):
        with pytest.raises(BadNotice):
            cards.provider.read_notice(headers=headers, body=body, now=signed_at + age)


@pytest.mark.shows("WH-06")
def test_an_old_event_signed_now_is_read(cards: Cards) -> None:
    """Stripe repeats for days what was not taken; the age is the signature's."""
    event = cards.processor.events("payment_intent.created")[0]
    old = event | {"created": event["created"] - 3 * 86400}
    headers, body = cards.processor.notices.signed(old)

    assert cards.provider.read_notice(headers=headers, body=body, now=datetime.now(UTC))


@pytest.mark.shows("WH-05")
def test_a_notice_signed_with_another_secret_or_changed_on_the_way_is_refused(
    cards: Cards, settings: Any
) -> None:
    headers, body = notice(cards.processor, "payment_intent.created")
    signature = headers["Stripe-Signature"]
    now = datetime.now(UTC)
    settings.STRIPE = settings.STRIPE | {"webhook_secret": "whsec_another"}
    for provider, given, text in (
        (stripe.provider(), signature, body),
        (cards.provider, signature, body + b" "),
        (cards.provider, signature, body.replace(b"created", b"deleted")),
        (cards.provider, signature.replace("v1=", "v0="), body),
        (cards.provider, signature.replace("t=", "t=1"), body),
    ):
        with pytest.raises(BadNotice):
            provider.read_notice(headers={"Stripe-Signature": given}, body=text, now=now)
    lower = {"stripe-signature": signature}
    assert cards.provider.read_notice(headers=lower, body=body, now=now)


# --- What must not leave ------------------------------------------------------------------------
@pytest.mark.shows("PA-03")
def test_keys_hold_nothing_but_what_they_stand_for(cards: Cards) -> None:
    cards.pay("pm_card_visa_chargeDeclined")
    cards.pay("pm_card_visa", number=2)
    cards.provider.refund(cards.opened.reference, amount=500, key="r1")

    mine = {key for key in cards.processor.books.answers if key.count("-") != 4}

    assert mine == {
        "customer-a1",
        f"open-{KEY}",
        f"pay-{KEY}:1",
        f"pay-{KEY}:2",
        "refund-r1",
    }


def test_no_secret_and_no_answer_of_stripes_is_ever_logged(
    cards: Cards, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = cards.pay("pm_card_threeDSecure2Required")
    cards.processor.fail("act_then_error", at="/confirm")
    with pytest.raises(ProviderUnreachable):
        cards.pay("pm_card_visa", number=2)
    cards.pay("pm_card_visa_chargeDeclined", number=3)

    out, err = capfd.readouterr()
    told = caplog.text + out + err
    assert "stripe.no_answer" in told
    for secret in (SECRET_KEY, asked.action, "ctoken_", "4242", "whsec_"):
        assert secret not in told


def test_the_api_version_is_ours_and_the_librarys(cards: Cards) -> None:
    """An upgrade of the library that speaks another version is a decision: see ADR 22."""
    from stripe._api_version import _ApiVersion

    assert stripe.API_VERSION == _ApiVersion.CURRENT
    event = cards.processor.events()[0]
    assert event["api_version"] == stripe.API_VERSION
    assert json.dumps(event)
