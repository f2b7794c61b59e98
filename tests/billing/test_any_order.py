"""What providers say may come late, twice, in any order or not at all: the end is one (F-10)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opora.billing import paying, reconciling
from opora.billing.actions.notices import keep_notice
from opora.billing.actions.settling import settle
from opora.billing.models import Discrepancy, Dispute, ProviderNotice, Purchase, Refund
from opora.billing.providers.base import NoticeSeen, Payment, PaymentState
from opora.contracts.models import IncidentEntry
from opora.core.models import Job
from tests.billing.books import AFTER, ASKS, BROKE, Books
from tests.billing.shop import Shopper, breaches, load_sold_plans
from tests.factories import NOW

pytestmark = pytest.mark.django_db
State = Purchase.State
Outcome = ProviderNotice.Outcome


@pytest.fixture
def shopper(books: Books) -> Shopper:
    load_sold_plans()
    return Shopper()


def notice(shopper: Shopper, reference: str, event: str = "evt_1") -> ProviderNotice:
    seen = NoticeSeen(event, "payment.changed", reference)
    keep_notice(provider="books", seen=seen, body="{}", now=shopper.at)
    return ProviderNotice.objects.get(event=event)


def look_into(shopper: Shopper, reference: str, event: str = "evt_1") -> ProviderNotice:
    kept = notice(shopper, reference, event)
    reconciling.look_into(notice=kept, clock=shopper.clock)
    kept.refresh_from_db()
    return kept


@pytest.mark.shows("F-10", "WH-06")
def test_a_notice_is_kept_and_looked_into_once(shopper: Shopper, books: Books) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    books.capture(purchase.reference)
    seen = NoticeSeen("evt_1", "payment.changed", purchase.reference)
    for _time in range(3):
        keep_notice(provider="books", seen=seen, body="{}", now=NOW)
    [kept] = ProviderNotice.objects.all()
    assert Job.objects.filter(kind="payment.notice").count() == 1
    reconciling.look_into(notice=kept, clock=shopper.clock)
    kept.refresh_from_db()
    purchase.refresh_from_db()
    assert (kept.outcome, purchase.state) == (Outcome.SETTLED, State.CAPTURED)
    assert IncidentEntry.objects.count() == 1


@pytest.mark.shows("WH-05")
def test_a_notice_only_says_where_to_look(shopper: Shopper, books: Books) -> None:
    """Whatever it claims, the payment is read from the provider."""
    purchase = shopper.pay(shopper.begin(), BROKE).purchase
    assert look_into(shopper, purchase.reference).outcome == Outcome.SETTLED
    purchase.refresh_from_db()
    assert purchase.state == State.DECLINED
    assert not IncidentEntry.objects.exists()


@pytest.mark.shows("F-10")
def test_a_notice_of_an_unknown_payment_is_kept_and_found_later(
    shopper: Shopper, books: Books
) -> None:
    assert look_into(shopper, "pay_nobodys").outcome == Outcome.UNKNOWN_PAYMENT
    purchase = shopper.begin()
    books.payments["pay_nobodys"] = Payment(
        "pay_nobodys", purchase.key, PaymentState.CAPTURED, 1_240_000, "CZK", captured=1_240_000
    )
    reconciling.reconcile(clock=shopper.clock)
    kept = ProviderNotice.objects.get()
    purchase.refresh_from_db()
    assert (kept.outcome, purchase.state) == (Outcome.SETTLED, State.CAPTURED)


def test_payments_of_other_systems_on_the_same_account_concern_nobody(
    shopper: Shopper, books: Books
) -> None:
    books.payments["pay_shop"] = Payment(
        "pay_shop", "", PaymentState.CAPTURED, 500, "CZK", captured=500
    )
    assert look_into(shopper, "pay_shop").outcome == Outcome.IGNORED
    assert reconciling.reconcile(clock=shopper.clock) == 0
    assert not Discrepancy.objects.exists()


@pytest.mark.shows("WH-05", "I3")
@pytest.mark.parametrize("wrong", [{"captured": 1}, {"currency": "EUR"}])
def test_money_of_another_amount_grants_nothing_and_sounds_an_alarm(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture, wrong: dict[str, object]
) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    books.capture(purchase.reference)
    reference = purchase.reference
    books.payments[reference] = replace(books.payments[reference], **wrong)  # type: ignore[arg-type]
    for event in ("evt_1", "evt_2"):
        look_into(shopper, reference, event)
    purchase.refresh_from_db()
    assert purchase.state != State.CAPTURED
    assert purchase.flagged_at is not None
    assert not IncidentEntry.objects.exists()
    assert Discrepancy.objects.get().kind == Discrepancy.Kind.AMOUNT
    assert len([one for one in caplog.records if "differ" in one.message]) == 1


@pytest.mark.shows("F-11")
def test_a_charge_back_is_recorded_and_flagged_and_history_stays(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.buy()
    books.dispute(purchase.reference, state="open", at=NOW)
    look_into(shopper, purchase.reference)
    books.dispute(purchase.reference, state="lost", at=NOW)
    for event in ("evt_2", "evt_3"):
        look_into(shopper, purchase.reference, event)
    purchase.refresh_from_db()
    assert Dispute.objects.get().state == Dispute.State.LOST
    assert purchase.flagged_at is not None
    assert purchase.state == State.CAPTURED
    assert [entry.quantity for entry in IncidentEntry.objects.all()] == [1]


@pytest.mark.shows("F-11", "I3")
def test_a_refund_made_at_the_providers_own_desk_is_recorded_and_flagged(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.buy("ppi-5")
    books.refund_elsewhere(purchase.reference, amount=100_000)
    for event in ("evt_1", "evt_2"):
        look_into(shopper, purchase.reference, event)
    purchase.refresh_from_db()
    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.incidents) == (Refund.State.DONE, 100_000, 0)
    assert purchase.refunded == 100_000
    assert purchase.flagged_at is not None
    assert breaches() == []


@pytest.mark.shows("F-10", "F-22")
def test_reconciliation_finds_what_no_notice_told(shopper: Shopper, books: Books) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    books.capture(asked.reference)
    books.fail("pay", AFTER)
    silent = Shopper(account=shopper.account).pay(Shopper(account=shopper.account).begin()).purchase
    assert silent.state == State.UNKNOWN
    assert reconciling.reconcile(clock=shopper.clock) == 2
    for purchase in (asked, silent):
        purchase.refresh_from_db()
        assert purchase.state == State.CAPTURED
    assert breaches() == []


@pytest.mark.shows("F-22")
def test_a_restored_copy_that_lacks_a_purchase_says_so(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    key = "ab" * 16
    books.payments["pay_lost"] = Payment(
        "pay_lost", key, PaymentState.CAPTURED, 1_240_000, "CZK", captured=1_240_000
    )
    for _night in range(2):
        reconciling.reconcile(clock=shopper.clock)
    [found] = Discrepancy.objects.all()
    assert (found.kind, found.theirs, found.ours) == ("missing_here", 1_240_000, 0)
    assert breaches() == []  # under way for half an hour
    assert len(breaches(at=NOW + timedelta(hours=1))) == 1


@pytest.mark.shows("I3", "F-10")
def test_a_capture_that_the_provider_does_not_have_sounds_an_alarm_until_it_agrees(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.buy()
    known = books.payments.pop(purchase.reference)
    reconciling.reconcile(clock=shopper.clock)
    assert Discrepancy.objects.get().kind == "missing_there"
    books.payments[purchase.reference] = known
    reconciling.reconcile(clock=shopper.clock)
    assert Discrepancy.objects.get().resolved_at is not None


@pytest.mark.shows("F-10")
def test_an_old_reading_brings_nothing_back_that_was_given_up(
    shopper: Shopper, books: Books
) -> None:
    asked = shopper.pay(shopper.begin(), ASKS).purchase
    old = books.look(asked.reference)
    over = paying.give_up(purchase=asked, by=None, now=NOW)
    fresh = shopper.begin()
    assert settle(purchase_pk=over.pk, payment=old, now=NOW).state == State.CANCELLED
    assert fresh.pk != over.pk


@pytest.mark.shows("F-22")
def test_a_payment_that_the_books_lost_stops_nobody_else(shopper: Shopper, books: Books) -> None:
    lost = shopper.pay(shopper.begin(), BROKE).purchase
    other = Shopper(account=shopper.account)
    declined = other.pay(other.begin(), BROKE).purchase
    del books.payments[lost.reference]
    assert shopper.look(lost).state == State.DECLINED
    shopper.later(days=2)
    reconciling.reconcile(clock=shopper.clock)
    declined.refresh_from_db()
    assert declined.state == State.CANCELLED


def test_what_nobody_goes_on_with_is_given_up(shopper: Shopper, books: Books) -> None:
    declined = shopper.pay(shopper.begin(), BROKE).purchase
    left = Shopper(account=shopper.account).begin()
    shopper.later(days=2)
    reconciling.reconcile(clock=shopper.clock)
    declined.refresh_from_db()
    left.refresh_from_db()
    assert (declined.state, left.state) == (State.CANCELLED, State.CREATED)
    shopper.later(days=40)
    reconciling.reconcile(clock=shopper.clock)
    left.refresh_from_db()
    assert left.state == State.CANCELLED


@pytest.mark.shows("F-10")
@pytest.mark.slow("plays thirty orders of three payments' lives")
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(range(12)))
def test_every_order_of_what_is_heard_has_the_same_end(
    shopper: Shopper, books: Books, order: list[int]
) -> None:
    """Three payments, and of each of their states a hearing, thrice, in any order: every capture is
    granted once, every refund and charge-back stands once. The last look sees the truth, as the
    nightly one does."""
    from django.db import transaction

    with transaction.atomic():
        for table in (books.payments, books.answers, books.charged):
            table.clear()
        seen: list[Payment] = []
        purchases = []
        for _number in range(3):
            one = Shopper(account=shopper.account)
            purchase = one.pay(one.begin("ppi-5"), ASKS).purchase
            purchases.append(purchase)
            seen.append(books.look(purchase.reference))
            seen.append(books.capture(purchase.reference))
            books.refund_elsewhere(purchase.reference, amount=1_000)
            seen.append(books.look(purchase.reference))
            books.dispute(purchase.reference, state="open", at=NOW)
            seen.append(books.look(purchase.reference))
        for place in [*order, *order, *order]:
            purchase = purchases[place // 4]
            # A hearing may be old; what it is about is always read anew in Opora, but settling has
            # to stand old readings too: two workers read one after the other and write in turn.
            settle(purchase_pk=purchase.pk, payment=seen[place], now=NOW)
        for purchase in purchases:
            purchase.refresh_from_db()
            assert (purchase.state, purchase.refunded) == (State.CAPTURED, 1_000)
            assert purchase.contract is not None
            assert purchase.contract.incidents_left == 5
        granted = Counter(IncidentEntry.objects.values_list("contract_id", flat=True))
        assert set(granted.values()) == {1}
        assert (Refund.objects.count(), Dispute.objects.count()) == (3, 3)
        assert breaches() == []
        transaction.set_rollback(True)


def test_a_timer_that_comes_late_changes_nothing(shopper: Shopper, books: Books) -> None:
    purchase = shopper.buy()
    shopper.later(hours=1)
    assert paying.ask_again(purchase=purchase, clock=shopper.clock).state == State.CAPTURED
    assert IncidentEntry.objects.count() == 1
