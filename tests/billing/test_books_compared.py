"""The nightly comparison, and readings of payments that are not what they should be: a second one,
another installation's, an old one; what nobody told; what somebody has seen to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opora.accounts.models import Account
from opora.billing import cards, paying, reconciling
from opora.billing.actions import flags
from opora.billing.actions.customers import keep_customer
from opora.billing.actions.notices import keep_notice
from opora.billing.actions.refunds import request_refund
from opora.billing.actions.sending_back import carry_out_refund
from opora.billing.actions.settling import settle
from opora.billing.errors import CardsUnavailable, PaymentsUnavailable
from opora.billing.models import Discrepancy, Dispute, ProviderNotice, Purchase, Refund
from opora.billing.providers.base import NoticeSeen, Payment, PaymentState, ProviderRefused
from opora.billing.queries.orders import purchase_of_payment
from opora.billing.refunds import Wanted
from opora.contracts.models import IncidentEntry
from opora.core.models import AuditLine, Job
from tests import cast
from tests.billing import bought
from tests.billing.books import AFTER, ASKS, BEFORE, BROKE, Books
from tests.billing.shop import Shopper, breaches, load_sold_plans
from tests.factories import NOW

pytestmark = pytest.mark.django_db
State = Purchase.State
Outcome = ProviderNotice.Outcome
PRICE = 1_240_000


@pytest.fixture
def shopper(books: Books) -> Shopper:
    load_sold_plans()
    return Shopper()


def night(shopper: Shopper, **later: float) -> None:
    """One comparison, a day after the last."""
    shopper.later(**(later or {"days": 1}))
    reconciling.reconcile(clock=shopper.clock)


def stranger(key: str, reference: str = "pay_strange", **facts: Any) -> Payment:
    """A captured payment that nobody here has asked for."""
    usual: dict[str, Any] = {"captured": PRICE}
    return Payment(reference, key, PaymentState.CAPTURED, PRICE, "CZK", **(usual | facts))


def refund_a_little(purchase: Purchase, by: Account, shopper: Shopper) -> Refund:
    refund = request_refund(
        purchase=purchase, wanted=Wanted(1000, 0, "goodwill"), key=uuid4(), by=by, now=shopper.at
    )
    return carry_out_refund(refund.pk, shopper.at)


def open_differences() -> list[tuple[str, str, int, int]]:
    rows = Discrepancy.objects.filter(resolved_at=None).order_by("id")
    return list(rows.values_list("kind", "reference", "theirs", "ours"))


def alarms(caplog: pytest.LogCaptureFixture) -> int:
    return len([one for one in caplog.records if one.levelname == "ERROR"])


# --- Whose payment it is --------------------------------------------------------------------------
@pytest.mark.shows("PA-02", "I3")
@pytest.mark.parametrize("is_captured", [True, False])
def test_a_second_charge_for_one_purchase_is_told_until_it_has_gone_back(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture, *, is_captured: bool
) -> None:
    purchase = shopper.buy() if is_captured else shopper.pay(shopper.begin(), ASKS).purchase
    books.payments["pay_twice"] = stranger(purchase.key, "pay_twice")
    for _night in range(2):
        night(shopper, minutes=5)
    assert open_differences() == [("missing_here", "pay_twice", PRICE, 0)]
    assert alarms(caplog) == 1
    purchase.refresh_from_db()
    assert purchase.flagged_at is not None
    assert purchase.reference == f"pay_{purchase.key}"
    assert IncidentEntry.objects.count() == is_captured
    books.refund_elsewhere("pay_twice", amount=PRICE)
    night(shopper)
    assert open_differences() == []
    assert not Refund.objects.exists()


@pytest.mark.shows("F-22")
def test_what_a_restored_copy_had_not_heard_of_is_its_own_with_the_way_it_was_paid(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.begin()
    reference = f"pay_{purchase.key}"
    books.payments[reference] = stranger(purchase.key, reference)
    night(shopper)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.provider) == (State.CAPTURED, "books")
    assert refund_a_little(purchase, cast.eve(), shopper).state == "done"


def test_money_that_comes_by_a_way_that_was_left_is_told(shopper: Shopper, books: Books) -> None:
    """The first way did not answer, and the buyer chose another."""
    purchase = shopper.begin()
    Purchase.objects.filter(pk=purchase.pk).update(provider="outside", state=State.AWAITING)
    books.payments["pay_left"] = stranger(purchase.key, "pay_left")
    night(shopper)
    purchase.refresh_from_db()
    assert (purchase.state, purchase.provider, purchase.reference) == ("awaiting", "outside", "")
    assert open_differences() == [("missing_here", "pay_left", PRICE, 0)]


@pytest.mark.shows("F-10", "F-22")
def test_payments_of_another_installation_at_the_same_account_are_nobodys_business(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = stranger("ab" * 16, origin="https://support.fabrikam.example")
    books.payments[theirs.reference] = theirs
    seen = NoticeSeen("evt_1", "payment.changed", theirs.reference)
    keep_notice(provider="books", seen=seen, body="{}", now=NOW)
    reconciling.look_into(notice=ProviderNotice.objects.get(), clock=shopper.clock)
    assert ProviderNotice.objects.get().outcome == Outcome.IGNORED
    night(shopper)
    assert (open_differences(), alarms(caplog), Purchase.objects.count()) == ([], 0, 0)


def test_an_installation_that_moved_still_knows_its_own_payments(
    shopper: Shopper, books: Books, settings: Any
) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    assert books.payments[purchase.reference].origin == settings.PUBLIC_URL
    books.capture(purchase.reference)
    settings.PUBLIC_URL = "https://help.contoso.example"
    night(shopper)
    purchase.refresh_from_db()
    assert purchase.state == State.CAPTURED


# --- What nobody told -----------------------------------------------------------------------------
@pytest.mark.shows("F-10", "F-11")
def test_what_moves_a_month_after_the_payment_is_found_without_a_notice(
    shopper: Shopper, books: Books
) -> None:
    books.now = NOW
    purchase = shopper.buy("ppi-5")
    night(shopper, days=30)
    books.refund_elsewhere(purchase.reference, amount=1_000)
    books.dispute(purchase.reference, state="open", at=shopper.at)
    looks = books.asked["look"]
    for _night in range(3):
        night(shopper)
    purchase.refresh_from_db()
    assert purchase.refunded == 1_000
    assert purchase.flagged_at is not None
    assert Dispute.objects.get().state == "open"
    assert books.asked["look"] == looks + 1  # what is known is not looked at again
    books.dispute(purchase.reference, state="lost", at=shopper.at)
    night(shopper)
    assert Dispute.objects.get().state == "lost"


def test_a_payment_is_found_by_the_index_of_payments(db: None) -> None:
    """On both engines; the nightly comparison asks for each refund, and the desk's search too."""
    account, plan = cast.alice(), bought.pack()
    for number in range(200):
        bought.begun(account, plan=plan, provider="stripe", reference=f"pi_{number}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as asked:
        found = purchase_of_payment("pi_7", "stripe", "outside")
    assert found is not None
    sql = asked.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        assert "purchase_is_one_payment" in str(cursor.fetchall())


@pytest.mark.shows("F-08")
def test_a_refund_whose_job_was_lost_is_asked_about_at_night(
    shopper: Shopper, books: Books
) -> None:
    books.now = NOW
    purchase = shopper.buy()
    shopper.later(days=40)
    books.refunds = "pending"
    refund = refund_a_little(purchase, cast.eve(), shopper)
    Job.objects.all().delete()
    books.decide(purchase.reference, "done")
    night(shopper)
    refund.refresh_from_db()
    assert refund.state == "done"


def test_a_refund_that_is_on_its_way_is_no_difference(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    purchase = shopper.buy()
    books.refund_elsewhere(purchase.reference, amount=1_000, state="pending")
    night(shopper)
    assert (open_differences(), alarms(caplog)) == ([], 0)
    books.decide(purchase.reference, "done")
    night(shopper)
    assert Refund.objects.get().amount == 1_000


@pytest.mark.shows("F-10")
def test_a_notice_whose_job_was_given_up_is_looked_into_at_night(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    seen = NoticeSeen("evt_1", "payment.changed", purchase.reference)
    keep_notice(provider="books", seen=seen, body="{}", now=NOW)
    Job.objects.all().delete()
    night(shopper)
    assert ProviderNotice.objects.get().outcome == Outcome.SETTLED


def test_notices_about_nothing_are_not_looked_into_for_ever_nor_old_ones_kept(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.buy()
    for number, reference in enumerate(("pay_nobodys", purchase.reference)):
        seen = NoticeSeen(f"evt_{number}", "payment.changed", reference)
        keep_notice(provider="books", seen=seen, body="{}", now=NOW)
    night(shopper)
    outcomes = ProviderNotice.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.UNKNOWN_PAYMENT, Outcome.SETTLED]
    shopper.later(days=30)
    looks = books.asked["look"]
    night(shopper)
    assert books.asked["look"] == looks
    night(shopper, days=90)
    assert list(outcomes.all()) == [Outcome.UNKNOWN_PAYMENT]


@pytest.mark.shows("F-10")
def test_one_that_cannot_be_compared_stops_no_other(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt = shopper.pay(shopper.begin(), ASKS).purchase
    other = Shopper(account=shopper.account)
    asked = other.pay(other.begin(), ASKS).purchase
    for one in (spoilt, asked):
        books.capture(one.reference)
    odd = spoilt.plan_version
    odd.pk, odd.number = None, 99
    odd.terms = odd.terms | {"term": {"years": 9000, "months": 0}}
    odd.save(force_insert=True)
    Purchase.objects.filter(pk=spoilt.pk).update(plan_version=odd)
    night(shopper)
    asked.refresh_from_db()
    spoilt.refresh_from_db()
    assert (asked.state, spoilt.state) == (State.CAPTURED, State.CALLING)
    assert "could not be compared" in caplog.text


# --- Differences end ------------------------------------------------------------------------------
@pytest.mark.shows("I3")
def test_a_payment_of_nobodys_is_no_difference_any_more_once_it_went_back(
    shopper: Shopper, books: Books
) -> None:
    books.payments["pay_strange"] = stranger("ab" * 16)
    books.opened_at["pay_strange"] = NOW
    night(shopper)
    assert len(open_differences()) == 1
    shopper.later(days=20)  # long after the list has forgotten it
    books.refund_elsewhere("pay_strange", amount=PRICE)
    night(shopper)
    assert open_differences() == []
    assert breaches(at=shopper.at) == []


@pytest.mark.shows("I3", "WH-05")
def test_a_purchase_whose_wrong_money_went_back_is_over(shopper: Shopper, books: Books) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    reference = purchase.reference
    books.capture(reference)
    books.payments[reference] = replace(books.payments[reference], captured=1)
    night(shopper, minutes=5)
    assert open_differences() == [("amount", reference, 1, PRICE)]
    books.refund_elsewhere(reference, amount=1)
    night(shopper)
    purchase.refresh_from_db()
    assert (purchase.state, open_differences()) == (State.CANCELLED, [])
    assert shopper.begin().pk != purchase.pk


@pytest.mark.shows("I3")
def test_what_an_administrator_has_seen_to_is_not_told_again_but_what_is_new_is(
    shopper: Shopper, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    """The buyer's bank sent a refund back, and the vendor sent the money another way."""
    purchase, eve = shopper.buy(), cast.eve()
    refund_a_little(purchase, eve, shopper)
    books.decide(purchase.reference, "refused")
    night(shopper)
    purchase.refresh_from_db()
    assert purchase.flagged_at is not None
    assert breaches(at=shopper.at + timedelta(hours=1)) != []
    flags.look_after(purchase=purchase, seen=purchase.flagged_at, by=eve, now=shopper.at)
    assert Discrepancy.objects.get().accepted_by == eve
    for _night in range(2):
        night(shopper)
    assert not Purchase.objects.filter(flagged_at__isnull=False).exists()
    assert open_differences() == []
    assert breaches(at=shopper.at + timedelta(hours=1)) == []
    assert alarms(caplog) == 1
    books.payments[purchase.reference] = replace(books.payments[purchase.reference], refunded=300)
    night(shopper)
    assert open_differences() == [("refunded", purchase.reference, 300, 1000)]


def test_a_difference_and_its_end_stand_in_the_history(shopper: Shopper, books: Books) -> None:
    purchase = shopper.buy()
    known = books.payments.pop(purchase.reference)
    night(shopper)
    books.payments[purchase.reference] = known
    night(shopper)
    lines = AuditLine.objects.filter(target_id=purchase.key, code__startswith="difference.")
    assert list(lines.order_by("id").values_list("code", flat=True)) == [
        "difference.found",
        "difference.resolved",
    ]


# --- Old readings, flags, questions ---------------------------------------------------------------
@pytest.mark.shows("F-10", "F-11")
@pytest.mark.parametrize("end", ["won", "lost"])
def test_an_old_reading_reopens_no_charge_back(shopper: Shopper, books: Books, end: str) -> None:
    purchase = shopper.buy()
    books.dispute(purchase.reference, state="open", at=NOW)
    old = books.look(purchase.reference)
    books.dispute(purchase.reference, state=end, at=NOW)
    for seen in (old, books.look(purchase.reference), old):
        settle(purchase_pk=purchase.pk, payment=seen, now=NOW)
    assert Dispute.objects.get().state == end


@pytest.mark.shows("F-11")
def test_a_flag_that_somebody_looked_at_does_not_take_a_newer_one_off(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.buy()
    books.dispute(purchase.reference, state="open", at=NOW)
    settle(purchase_pk=purchase.pk, payment=books.look(purchase.reference), now=NOW)
    later = NOW + timedelta(hours=1)
    books.dispute(purchase.reference, state="lost", at=NOW)
    settle(purchase_pk=purchase.pk, payment=books.look(purchase.reference), now=later)
    assert not flags.look_after(purchase=purchase, seen=NOW, by=cast.eve(), now=later)
    assert Purchase.objects.get(pk=purchase.pk).flagged_at == later


@pytest.mark.shows("F-08")
def test_one_question_waits_for_a_purchase_however_often_somebody_asks(
    shopper: Shopper, books: Books
) -> None:
    purchase = shopper.pay(shopper.begin(), ASKS).purchase
    books.fail("look", *[BEFORE] * 9)
    for _time in range(9):
        shopper.later(minutes=1)
        paying.ask_again(purchase=purchase, clock=shopper.clock)
    waiting = Job.objects.filter(kind="payment.ask", state="open")
    assert [job.run_after - shopper.at for job in waiting] == [timedelta(seconds=30)]


def test_a_try_that_the_provider_refuses_is_over_at_once(shopper: Shopper, books: Books) -> None:
    """What was typed was used up before: the buyer need not wait until the timer has looked."""
    purchase = shopper.pay(shopper.begin(), BROKE).purchase
    books.answers[f"{purchase.key}:2"] = ProviderRefused("invalid")
    assert shopper.pay(purchase).purchase.state == State.DECLINED
    assert shopper.pay(purchase).purchase.state == State.CAPTURED


# --- Catalogue, copies, people --------------------------------------------------------------------
@pytest.mark.shows("S11.1", "PA-05")
@pytest.mark.parametrize("wanted", ["ppi-1", "ppi-5"])
def test_a_plan_that_is_not_sold_any_more_does_not_hold_its_buyer(
    shopper: Shopper, books: Books, wanted: str
) -> None:
    other = {"ppi-1": "ppi-5", "ppi-5": "ppi-1"}[wanted]
    declined = shopper.pay(shopper.begin(other), BROKE).purchase
    plan = declined.plan_version.plan
    plan.legacy = True
    plan.save()
    bought = shopper.buy(wanted)
    declined.refresh_from_db()
    assert (declined.state, bought.state) == (State.CANCELLED, State.CAPTURED)


@pytest.mark.shows("F-22")
def test_a_restored_copy_charges_nobody_and_gives_nothing_up_before_it_is_released(
    shopper: Shopper, books: Books, held: None
) -> None:
    purchase = shopper.begin()
    with pytest.raises(PaymentsUnavailable):
        shopper.pay(purchase)
    Purchase.objects.update(provider="books", state=State.CALLING, called_at=NOW)
    assert shopper.look(Purchase.objects.get()).state == State.CALLING
    keep_customer(account=shopper.account, provider="books", reference="cus_live", now=NOW)
    for touch in (cards.forget_card, cards.prefer_card):
        with pytest.raises(CardsUnavailable):
            touch(account=shopper.account, provider="books", reference="card_1", now=NOW)
    Purchase.objects.update(reference="pay_live", state=State.DECLINED)
    with pytest.raises(PaymentsUnavailable):
        paying.give_up(purchase=Purchase.objects.get(), by=shopper.account, now=NOW)
    assert not books.asked


@pytest.mark.shows("S7.5", "I3")
def test_who_was_deactivated_meanwhile_still_has_what_was_paid(
    shopper: Shopper, books: Books
) -> None:
    books.fail("pay", AFTER)
    purchase = shopper.pay(shopper.begin()).purchase
    Account.objects.filter(pk=shopper.account.pk).update(is_active=False)
    night(shopper, hours=1)
    purchase.refresh_from_db()
    assert purchase.state == State.CAPTURED
    assert breaches(at=shopper.at) == []
