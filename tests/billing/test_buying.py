"""Buying one pack: what it costs, who may, what came of each press, and that nobody pays twice."""

from __future__ import annotations

from typing import Any

import pytest

from opora.accounts.models import Account
from opora.billing import paying
from opora.billing.actions.purchasing import begin_attempt
from opora.billing.errors import (
    AlreadyBought,
    NoSuchWayToPay,
    NotBuyable,
    NothingSold,
    PaymentsUnavailable,
    PaymentUnderWay,
    PriceChanged,
)
from opora.billing.models import Paper, Purchase
from opora.billing.providers.base import Payment, PaymentState
from opora.billing.queries import offer_of, offers_for, purchase_for
from opora.catalog.lifecycle import Phase
from opora.contracts.actions import consume_incident, load_plans
from opora.contracts.eligibility import Question
from opora.contracts.models import IncidentEntry, Registration
from opora.contracts.queries import terms_of
from opora.core.errors import InvalidInput, NotFound, TriedTooOften
from opora.core.models import Job
from tests import cast, factories
from tests.billing.books import AFTER, ASKS, BEFORE, BROKE, Books
from tests.billing.shop import Shopper, breaches
from tests.contracts.shipped import TODAY, document, subject
from tests.factories import NOW

pytestmark = pytest.mark.django_db
State = Purchase.State


@pytest.mark.shows("S7.5", "S7.4", "I3", "S13.1")
def test_what_is_paid_is_there_at_once_and_on_the_buyer_alone(
    shopper: Shopper, books: Books
) -> None:
    bought = shopper.buy("ppi-5")
    contract = bought.contract
    assert bought.state == State.CAPTURED
    assert contract is not None
    assert contract.incidents_left == contract.incidents_granted == 5
    assert contract.contract_id
    assert contract.access_id_hash == ""
    [entry] = IncidentEntry.objects.filter(contract=contract)
    assert (entry.kind, entry.quantity, entry.reason) == ("granted", 5, "bought")
    [registered] = Registration.objects.filter(contract=contract)
    assert registered.account == shopper.account
    assert (bought.amount, bought.currency, bought.tax) == (4_960_000, "CZK", 860_826)
    assert (bought.card_brand, bought.card_last4) == ("visa", "4242")
    assert Paper.objects.get(purchase=bought).kind == Paper.Kind.RECEIPT
    kinds = set(Job.objects.values_list("kind", flat=True))
    assert {"mail.purchase_receipt", "purchase.captured"} <= kinds
    assert sum(books.charged.values()) == 1
    assert breaches() == []


@pytest.mark.shows("S7.5")
def test_it_is_issued_under_the_terms_it_was_sold_by(shopper: Shopper) -> None:
    purchase = shopper.begin()
    asked = shopper.pay(purchase, ASKS)
    assert asked.action == "secret"
    changed = document() | {
        "plans": [
            plan | {"severities": ["C"]} if plan["code"] == "ppi-1" else plan
            for plan in document()["plans"]
        ]
    }
    load_plans(changed, NOW)
    books_of(shopper).capture(asked.purchase.reference)
    bought = shopper.look(asked.purchase)
    assert bought.contract is not None
    assert terms_of(bought.contract).severities == {"A", "B", "C"}


def books_of(shopper: Shopper) -> Books:
    from tests.billing.books import provider

    return provider()


@pytest.mark.shows("S7.1", "S5.3", "PA-06")
def test_a_work_account_is_told_why_it_cannot_buy(shopper: Shopper) -> None:
    walter = cast.walter()
    with pytest.raises(NotBuyable) as refused:
        Shopper(account=walter).begin()
    assert refused.value.code == "account-kind-not-allowed"
    assert "personal account" in refused.value.detail
    assert not Purchase.objects.exists()


@pytest.mark.shows("S7.2", "S11.2")
@pytest.mark.parametrize(("country", "codes"), [("CZ", ["ppi-1", "ppi-5"]), ("BR", ["ppi-1"])])
def test_a_pack_is_offered_where_the_region_sells_it(
    shopper: Shopper, country: str, codes: list[str]
) -> None:
    buyer = factories.account(country=country)
    offers = offers_for(buyer, Question(on=TODAY))
    assert [offer.plan.code for offer in offers.buyable] == codes
    if "ppi-5" not in codes:
        with pytest.raises(NotBuyable) as refused:
            Shopper(account=buyer).begin("ppi-5")
        assert refused.value.code == "region-not-sold"


@pytest.mark.shows("S11.1", "S11.2")
def test_prices_and_tax_follow_the_buyers_country(shopper: Shopper) -> None:
    german = Shopper(account=factories.account(country="DE")).begin()
    assert (german.amount, german.currency, german.tax_rate) == (49_900, "EUR", 1900)
    assert german.tax == 7967  # 49 900 × 19 / 119, rounded


@pytest.mark.shows("S7.1", "S12.3")
def test_why_nothing_can_be_bought_is_told_of_the_smallest_offer(shopper: Shopper) -> None:
    offers = offers_for(cast.walter(), Question(on=TODAY))
    smallest, pack = offers.every
    assert smallest.incidents < pack.incidents
    assert smallest.decision.reasons[0].facts != pack.decision.reasons[0].facts
    assert offers.reasons[0] == smallest.decision.reasons[0]


@pytest.mark.shows("PA-06", "S12")
def test_nothing_is_sold_that_would_not_cover_the_request(shopper: Shopper) -> None:
    with pytest.raises(NotBuyable) as refused:
        shopper.begin(subject=subject("cloud"))
    assert refused.value.code == "on-premises-products-only"
    with pytest.raises(NotBuyable) as refused:
        shopper.begin(subject=subject(phase=Phase.ENDED))
    assert refused.value.code == "support-ended"
    assert shopper.begin(subject=subject(phase=Phase.EXTENDED)).state == State.CREATED


def test_plans_that_are_not_sold_cannot_be_bought(shopper: Shopper) -> None:
    with pytest.raises(NothingSold):
        shopper.begin("partner-on-premises-20")


def test_without_a_way_to_pay_nothing_is_sold(shopper: Shopper, settings: Any) -> None:
    settings.PAYMENTS = ()
    with pytest.raises(NothingSold):
        shopper.begin()
    assert offers_for(shopper.account, Question(on=TODAY)).every == []


@pytest.mark.shows("PA-05")
def test_the_price_is_the_servers_whatever_the_form_says(shopper: Shopper, books: Books) -> None:
    purchase = shopper.begin()
    with pytest.raises(PriceChanged) as refused:
        shopper.pay(purchase, amount=1)
    assert refused.value.amount == 1_240_000
    with pytest.raises(PriceChanged):
        shopper.pay(purchase, currency="EUR")
    assert not books.payments
    purchase.refresh_from_db()
    assert (purchase.state, purchase.amount) == (State.CREATED, 1_240_000)


@pytest.mark.shows("PA-05", "S7.5")
def test_a_price_or_region_that_changed_is_shown_before_anything_is_charged(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.begin()
    Account.objects.filter(pk=shopper.account.pk).update(country="DE")
    shopper.account.refresh_from_db()
    with pytest.raises(PriceChanged) as refused:
        shopper.pay(purchase)
    assert (refused.value.amount, refused.value.currency) == (49_900, "EUR")
    assert "€499" in refused.value.detail
    assert not books.payments
    purchase.refresh_from_db()
    assert (purchase.country, purchase.amount) == ("DE", 49_900)
    assert shopper.pay(purchase).purchase.state == State.CAPTURED


@pytest.mark.shows("PA-05")
def test_a_price_that_changed_after_a_declined_try_takes_a_payment_of_its_own(
    shopper: Shopper, books: Books
) -> None:
    declined = shopper.pay(shopper.begin(), BROKE).purchase
    Account.objects.filter(pk=shopper.account.pk).update(country="DE")
    shopper.account.refresh_from_db()
    with pytest.raises(PriceChanged):
        shopper.pay(declined)
    declined.refresh_from_db()
    assert declined.state == State.CANCELLED
    fresh = Purchase.objects.exclude(pk=declined.pk).get()
    assert (fresh.draft, fresh.amount) == (shopper.draft, 49_900)
    assert shopper.pay(fresh).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("S7.4")
def test_nothing_is_charged_without_agreeing(shopper: Shopper, books: Books) -> None:
    with pytest.raises(InvalidInput) as refused:
        shopper.pay(shopper.begin(), has_agreed=False)
    assert [error["field"] for error in refused.value.errors] == ["agreed"]
    assert not books.payments


@pytest.mark.shows("PA-02", "I3")
def test_a_tab_that_chooses_another_pack_while_the_first_pays_changes_nothing(
    shopper: Shopper, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read the purchase before the other one began to pay; what it would have written over is
    what is being charged."""
    purchase = shopper.begin("ppi-1")
    offered_here = "opora.billing.actions.purchasing.offer_of"

    def pay_meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(offered_here, offer_of)
        begin_attempt(
            purchase=purchase,
            provider="books",
            amount=purchase.amount,
            currency=purchase.currency,
            has_agreed=True,
            by=shopper.account,
            now=NOW,
        )
        return offer_of(*given)

    monkeypatch.setattr(offered_here, pay_meanwhile)
    found = shopper.begin("ppi-5")
    purchase.refresh_from_db()
    assert (found.pk, found.state, found.incidents) == (purchase.pk, State.CALLING, 1)
    assert (purchase.state, purchase.attempts, purchase.amount) == (State.CALLING, 1, 1_240_000)


@pytest.mark.shows("PA-02", "PA-03")
def test_two_tabs_and_two_clicks_are_one_purchase_and_one_charge(
    shopper: Shopper, books: Books
) -> None:
    first, second = shopper.begin(), shopper.begin()
    assert first.pk == second.pk
    assert shopper.pay(first).purchase.state == State.CAPTURED
    with pytest.raises(AlreadyBought):
        shopper.pay(second)
    with pytest.raises(AlreadyBought):
        shopper.begin()
    assert sum(books.charged.values()) == 1
    assert IncidentEntry.objects.count() == 1


def test_what_was_used_up_can_be_bought_again_for_the_same_draft(shopper: Shopper) -> None:
    bought = shopper.buy()
    assert bought.contract is not None
    consume_incident(
        contract_pk=bought.contract.pk, case_number="2026-000001", by=shopper.account, now=NOW
    )
    assert shopper.begin().pk != bought.pk


def test_choosing_the_other_pack_goes_on_with_the_same_purchase(shopper: Shopper) -> None:
    single, pack = shopper.begin("ppi-1"), shopper.begin("ppi-5")
    assert (pack.pk, pack.incidents, pack.amount) == (single.pk, 5, 4_960_000)


def test_choosing_the_other_pack_after_a_declined_try_gives_the_first_one_up(
    shopper: Shopper, books: Books
) -> None:
    declined = shopper.pay(shopper.begin("ppi-1"), BROKE).purchase
    pack = shopper.begin("ppi-5")
    declined.refresh_from_db()
    assert declined.state == State.CANCELLED
    assert pack.pk != declined.pk
    assert shopper.pay(pack).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("PA-02")
@pytest.mark.parametrize("code", ["insufficient_funds", "expired_card", "declined"])
def test_a_declined_card_can_be_followed_by_another(
    shopper: Shopper, books: Books, code: str
) -> None:
    purchase = shopper.pay(shopper.begin(), f"card_{code}").purchase
    assert (purchase.state, purchase.decline_code) == (State.DECLINED, code)
    assert not IncidentEntry.objects.exists()
    bought = shopper.pay(purchase).purchase
    assert (bought.state, bought.decline_code, bought.attempts) == (State.CAPTURED, "", 2)
    assert len(books.payments) == 1
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("EN-02")
def test_nobody_tries_out_cards_here(shopper: Shopper, books: Books) -> None:
    purchase = shopper.begin()
    for _card in range(10):
        purchase = shopper.pay(purchase, BROKE).purchase
        assert purchase.state == State.DECLINED
    with pytest.raises(TriedTooOften):
        shopper.pay(purchase)
    other = Shopper(account=shopper.account)
    with pytest.raises(TriedTooOften):
        other.pay(other.begin())
    assert not books.charged
    shopper.later(hours=1)
    assert shopper.pay(purchase).purchase.state == State.CAPTURED


@pytest.mark.shows("EN-02")
def test_nobody_tries_out_many_cards_at_once_either(shopper: Shopper, books: Books) -> None:
    """Tries that are not answered yet are no declines yet; they count until they are."""
    others = [Shopper(account=shopper.account) for _ in range(11)]
    begun = [other.begin() for other in others]
    books.fail("pay", *[AFTER] * 9)
    for other, purchase in zip(others[:9], begun, strict=False):
        assert other.pay(purchase, BROKE).purchase.state == State.UNKNOWN
    assert others[9].pay(begun[9], BROKE).purchase.state == State.DECLINED
    with pytest.raises(TriedTooOften):
        others[10].pay(begun[10], BROKE)
    assert books.asked["pay"] == 10


@pytest.mark.shows("F-09")
@pytest.mark.parametrize(
    ("call", "when"), [("customer", BEFORE), ("open", BEFORE), ("open", AFTER)]
)
def test_a_provider_that_is_down_charges_nothing_and_can_be_tried_again(
    shopper: Shopper, books: Books, call: str, when: str
) -> None:
    books.fail(call, when)
    purchase = shopper.begin()
    with pytest.raises(PaymentsUnavailable):
        shopper.pay(purchase)
    purchase.refresh_from_db()
    assert purchase.state == State.CREATED
    assert not books.charged
    assert shopper.pay(purchase).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("F-08", "PA-02")
def test_silence_after_the_charge_is_unknown_until_asked_and_never_charged_again(
    shopper: Shopper, books: Books
) -> None:
    books.fail("pay", AFTER)
    purchase = shopper.begin()
    paid = shopper.pay(purchase)
    assert paid.purchase.state == State.UNKNOWN
    with pytest.raises(PaymentUnderWay) as refused:
        shopper.pay(purchase)
    assert "Do not pay again" in refused.value.detail
    books.fail("look", BEFORE)
    shopper.later(seconds=30)
    assert paying.ask_again(purchase=paid.purchase, clock=shopper.clock).state == State.UNKNOWN
    shopper.later(seconds=30)
    bought = paying.ask_again(purchase=paid.purchase, clock=shopper.clock)
    assert bought.state == State.CAPTURED
    assert sum(books.charged.values()) == 1
    assert breaches(at=shopper.at) == []


@pytest.mark.shows("PA-03", "F-08")
def test_the_timer_opens_no_payment_of_its_own_before_the_buyer_is_known_there(
    shopper: Shopper, books: Books
) -> None:
    """It would be another body under the key, and the buyer's own try would fail on it."""
    purchase = shopper.begin()
    attempt = begin_attempt(
        purchase=purchase,
        provider="books",
        amount=purchase.amount,
        currency=purchase.currency,
        has_agreed=True,
        by=shopper.account,
        now=NOW,
    )
    assert paying.ask_again(purchase=attempt, clock=shopper.clock).state == State.CALLING
    assert not books.payments
    shopper.later(minutes=3)
    assert paying.ask_again(purchase=attempt, clock=shopper.clock).state == State.CREATED
    assert shopper.pay(purchase).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("PA-03", "F-09")
@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_another_price_after_an_answer_that_was_lost_comes_with_another_key(
    shopper: Shopper, books: Books, when: str
) -> None:
    """The provider may have opened a payment of the first price under the first key, and would
    refuse another body with it."""
    books.fail("open", when)
    single = shopper.begin("ppi-1")
    with pytest.raises(PaymentsUnavailable):
        shopper.pay(single)
    pack = shopper.begin("ppi-5")
    single.refresh_from_db()
    assert (single.state, pack.pk == single.pk) == (State.CANCELLED, False)
    assert shopper.pay(pack).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("PA-03", "PA-05")
def test_a_price_that_changed_after_a_lost_answer_takes_a_purchase_of_its_own(
    shopper: Shopper, books: Books
) -> None:
    books.fail("open", AFTER)
    first = shopper.begin()
    with pytest.raises(PaymentsUnavailable):
        shopper.pay(first)
    Account.objects.filter(pk=shopper.account.pk).update(country="DE")
    shopper.account.refresh_from_db()
    with pytest.raises(PriceChanged):
        shopper.pay(first)
    fresh = Purchase.objects.exclude(pk=first.pk).get()
    assert fresh.amount == 49_900
    assert shopper.pay(fresh).purchase.state == State.CAPTURED


@pytest.mark.shows("F-09")
def test_a_provider_that_refuses_to_open_a_payment_charges_nothing(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.begin()
    reference = f"pay_{purchase.key}"
    books.payments[reference] = Payment(reference, purchase.key, PaymentState.OPEN, 1, "EUR")
    with pytest.raises(PaymentsUnavailable):
        shopper.pay(purchase)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.reference) == (State.CREATED, "")


@pytest.mark.shows("F-08")
def test_silence_before_the_charge_ends_as_declined_and_may_be_tried_again(
    shopper: Shopper, books: Books
) -> None:
    books.fail("pay", BEFORE)
    purchase = shopper.pay(shopper.begin()).purchase
    assert purchase.state == State.UNKNOWN
    # Directly after it the answer may still be on its way.
    assert shopper.look(purchase).state == State.UNKNOWN
    shopper.later(minutes=3)
    purchase = shopper.look(purchase)
    assert (purchase.state, purchase.decline_code) == (State.DECLINED, "not_tried")
    assert shopper.pay(purchase).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("F-08")
def test_an_unknown_end_is_asked_again_by_itself_until_it_is_known(
    shopper: Shopper, books: Books
) -> None:
    books.fail("pay", AFTER)
    purchase = shopper.pay(shopper.begin()).purchase
    first = Job.objects.get(kind="payment.ask")
    assert (first.run_after - NOW).total_seconds() == 30
    books.fail("look", *[BEFORE] * 3)
    shopper.later(seconds=30)
    paying.ask_again(purchase=purchase, clock=shopper.clock)
    shopper.later(minutes=15)
    paying.ask_again(purchase=purchase, clock=shopper.clock)
    delays = [
        (job.run_after - job.created_at).total_seconds()
        for job in Job.objects.filter(kind="payment.ask").order_by("pk")
    ]
    assert delays == [30, 30, 300]


def test_giving_up_lets_nobody_charge_any_more(shopper: Shopper, books: Books) -> None:
    declined = shopper.pay(shopper.begin(), BROKE).purchase
    over = paying.give_up(purchase=declined, by=shopper.account, now=NOW)
    assert over.state == State.CANCELLED
    with pytest.raises(AssertionError):
        books.capture(over.reference)


def test_giving_up_what_was_charged_meanwhile_keeps_it(shopper: Shopper, books: Books) -> None:
    declined = shopper.pay(shopper.begin(), BROKE).purchase
    books.capture(declined.reference)
    kept = paying.give_up(purchase=declined, by=shopper.account, now=NOW)
    assert kept.state == State.CAPTURED
    assert kept.contract is not None


def test_a_way_that_is_not_offered_is_refused(shopper: Shopper, settings: Any) -> None:
    purchase = shopper.begin()
    settings.PAYMENTS = ()
    with pytest.raises(NoSuchWayToPay):
        shopper.pay(purchase)


@pytest.mark.shows("AC-01")
def test_somebody_elses_purchase_is_nowhere(shopper: Shopper) -> None:
    purchase = shopper.begin()
    bob = cast.bob()
    with pytest.raises(NotFound):
        purchase_for(bob, purchase.public_id.hex)
    with pytest.raises(NotFound):
        Shopper(account=bob).pay(purchase)


@pytest.mark.shows("S11.1")
def test_round_the_clock_support_can_cost_more_and_is_then_part_of_the_contract(
    shopper: Shopper,
) -> None:
    plans = [
        plan | {"price": plan["price"] | {"surcharge": 300_000}}
        if plan["code"] == "ppi-1"
        else plan
        for plan in document()["plans"]
    ]
    load_plans(document() | {"plans": plans}, NOW)
    with_it = shopper.begin()
    assert with_it.amount == 1_540_000
    with pytest.raises(PriceChanged) as refused:
        shopper.pay(with_it, has_round_the_clock=False)
    assert refused.value.amount == 1_240_000
    with_it.refresh_from_db()
    bought = shopper.pay(with_it, has_round_the_clock=False).purchase
    assert bought.contract is not None
    assert terms_of(bought.contract).round_the_clock == frozenset()
    other = Shopper(account=cast.bob()).buy()
    assert other.contract is not None
    assert terms_of(other.contract).round_the_clock == {"A"}
