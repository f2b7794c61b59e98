"""The customer's bank asks (3-D Secure): they say yes or no, never come back, or pay otherwise."""

from __future__ import annotations

import pytest

from opora.billing import paying
from opora.billing.actions.purchasing import DECLINED_TRIES
from opora.billing.errors import PaymentsUnavailable, PaymentUnderWay
from opora.billing.models import Purchase
from opora.core.errors import TriedTooOften
from tests.billing.books import ASKS, BEFORE, Books
from tests.billing.shop import Shopper, breaches
from tests.factories import NOW

pytestmark = pytest.mark.django_db
State = Purchase.State


def test_the_customers_bank_asks_and_then_says_yes(shopper: Shopper, books: Books) -> None:
    asked = shopper.pay(shopper.begin(), ASKS)
    assert (asked.purchase.state, asked.action) == (State.CALLING, "secret")
    assert shopper.look(asked.purchase).state == State.CALLING
    books.capture(asked.purchase.reference)
    assert shopper.look(asked.purchase).state == State.CAPTURED


def test_the_customers_bank_asks_and_is_told_no(shopper: Shopper, books: Books) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    books.refuse(asked.reference, "authentication_failed")
    declined = shopper.look(asked)
    assert (declined.state, declined.decline_code) == (State.DECLINED, "authentication_failed")
    assert shopper.pay(declined).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1


def test_a_customer_who_never_comes_back_from_the_bank_is_given_up(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    shopper.later(minutes=5)
    assert paying.ask_again(purchase=purchase, clock=shopper.clock).state == State.CALLING
    shopper.later(minutes=20)
    purchase = paying.ask_again(purchase=purchase, clock=shopper.clock)
    assert purchase.state == State.CANCELLED
    assert not books.charged
    assert shopper.begin().pk != purchase.pk


def another_way(shopper: Shopper, purchase: Purchase) -> Purchase:
    return paying.another_way(purchase=purchase, by=shopper.account, now=shopper.at)


@pytest.mark.shows("PA-02")
def test_whoever_does_not_answer_the_bank_can_pay_another_way(
    shopper: Shopper, books: Books
) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    assert paying.seen(purchase=asked).action == "secret"
    fresh = another_way(shopper, asked)
    asked.refresh_from_db()
    assert (asked.state, fresh.state) == (State.CANCELLED, State.CREATED)
    assert (fresh.draft, fresh.amount) == (asked.draft, asked.amount)
    assert another_way(shopper, asked) == fresh  # pressed twice
    assert shopper.pay(fresh).purchase.state == State.CAPTURED
    assert sum(books.charged.values()) == 1
    assert breaches() == []


def test_another_way_keeps_what_was_paid_meanwhile(shopper: Shopper, books: Books) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    read = Purchase.objects.get(pk=asked.pk)  # by a page that is a moment old
    books.capture(asked.reference)
    shopper.look(asked)
    kept = another_way(shopper, Purchase.objects.get(pk=read.pk))
    assert (kept.pk, kept.state) == (asked.pk, State.CAPTURED)
    assert Purchase.objects.count() == 1


@pytest.mark.parametrize("call", ["look", "cancel"])
def test_there_is_no_other_way_while_nobody_knows_what_was_charged(
    shopper: Shopper, books: Books, call: str
) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    books.fail(call, BEFORE)
    with pytest.raises((PaymentUnderWay, PaymentsUnavailable)):
        another_way(shopper, asked)
    asked.refresh_from_db()
    assert asked.state == State.CALLING
    assert Purchase.objects.count() == 1


def test_a_payment_that_was_asked_for_but_not_answered_has_no_other_way(
    shopper: Shopper, books: Books
) -> None:
    books.fail("pay", BEFORE)
    silent = shopper.pay(shopper.begin()).purchase
    with pytest.raises(PaymentUnderWay):
        another_way(shopper, silent)
    assert Purchase.objects.get().state == State.UNKNOWN


def test_nobody_tries_out_cards_by_never_answering_the_bank(shopper: Shopper, books: Books) -> None:
    purchase = shopper.begin()
    for _time in range(DECLINED_TRIES):
        purchase = another_way(shopper, shopper.pay(purchase, ASKS).purchase)
    with pytest.raises(TriedTooOften):
        shopper.pay(purchase, ASKS)
    assert not books.charged


@pytest.mark.shows("F-22")
def test_a_restored_copy_does_not_ask_what_the_bank_waits_for(
    shopper: Shopper, books: Books, held: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = shopper.begin()
    purchase.state, purchase.reference, purchase.provider = State.CALLING, "pay_1", "books"
    asked: list[str] = []
    monkeypatch.setattr(books, "look", asked.append)
    assert paying.seen(purchase=purchase).action == ""
    assert asked == []


def test_looking_leaves_the_question_out_while_the_provider_is_down(
    shopper: Shopper, books: Books
) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    books.fail("look", BEFORE)
    assert paying.seen(purchase=asked) == paying.Paid(asked)
    assert asked.state_at == NOW
