"""One purchase paid by many processes at once, by processes that are killed on the way, and with a
processor that goes wrong in every way: one charge, one grant, and equal books (PA-02, F-08).

The money is at the stand-in for Stripe, over HTTP; its own books are compared with ours.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from opora.accounts.models import Account
from opora.billing import invariants as billing
from opora.billing import paying, reconciling
from opora.billing.errors import PaymentsUnavailable
from opora.billing.models import Purchase
from opora.billing.paying import Paid, Wish
from opora.billing.providers import registry, stripe
from opora.billing.providers.base import Charge, Payment
from opora.billing.providers.registry import provider_named
from opora.cli.demo.card_processor.processor import Processor
from opora.contracts import invariants as contracts
from opora.contracts.eligibility import Question
from opora.contracts.models import IncidentEntry
from opora.core.days import today
from opora.core.errors import Conflict
from opora.core.ids import new_public_id
from opora.core.invariants import snapshot
from tests import cast, factories
from tests.billing.processor import typed
from tests.billing.shop import load_sold_plans
from tests.factories import NOW
from tests.processes import racing
from tests.processes.racing import ROUNDS, race

pytestmark = [pytest.mark.processes]

State = Purchase.State
LATER = NOW + timedelta(minutes=5)
SEED = int(os.environ.get("OPORA_TEST_SEED", "20261126"))


def begun(buyer: Account, draft: Any = None) -> Purchase:
    return paying.begin(
        plan_code="ppi-1",
        question=Question(on=today(NOW)),
        draft=draft or new_public_id(),
        by=buyer,
        now=NOW,
    )


def paid(
    purchase: Purchase, token: str, buyer: Account, clock: Callable[[], datetime] = lambda: NOW
) -> Paid:
    wish = Wish("stripe", token, False, purchase.amount, purchase.currency, True, True)
    return paying.pay(purchase=purchase, wish=wish, by=buyer, clock=clock)


def breaches(at: datetime = LATER) -> list[str]:
    checks = (*contracts.CHECKS, *billing.CHECKS)
    with snapshot(now=at) as moment:
        return [breach for check in checks for breach in check.run(moment).breaches]


def books_of_both(processor: Processor) -> tuple[dict[str, int], dict[str, int]]:
    """What each purchase was charged, in the processor's books and in ours."""
    theirs = {row["purchase"]: row["captured"] for row in processor.ledger() if row["captured"]}
    ours = {
        purchase.key: purchase.amount for purchase in Purchase.objects.filter(state=State.CAPTURED)
    }
    return theirs, ours


@pytest.mark.shows("PA-02", "PA-03", "I3")
@pytest.mark.slow("processes on a durable database, in rounds, with a processor over HTTP")
def test_sixteen_presses_of_pay_are_one_charge_and_one_grant(
    durable: None, processor: Processor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racing, "PROCESSES", 16)
    load_sold_plans()
    buyer = cast.alice()
    drafts = [new_public_id() for _ in range(ROUNDS)]
    tokens = [typed(processor, "pm_card_visa") for _ in range(16 * ROUNDS)]

    def press(number: int, at: int) -> str:
        try:
            purchase = begun(buyer, drafts[at])
            return paid(purchase, tokens[at * 16 + number], buyer).purchase.state
        except Conflict as refusal:
            return refusal.code

    stripe._client.cache_clear()
    for outcome in race(press):
        assert outcome["captured"] >= 1
        assert set(outcome) <= {"captured", "already-bought", "payment-under-way"}
    theirs, ours = books_of_both(processor)
    assert theirs == ours
    assert len(ours) == ROUNDS
    assert IncidentEntry.objects.filter(reason="bought").count() == ROUNDS
    assert breaches() == []


# --- Killed on the way ----------------------------------------------------------------------------
class Dying:
    """The provider, in a process that is killed before or after one of its calls."""

    def __init__(self, when: str) -> None:
        self.real, self.when = provider_named("stripe"), when

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def open(self, charge: Charge) -> Payment:
        self._die("before open")
        made = self.real.open(charge)
        self._die("after open")
        return made

    def pay(self, reference: str, **how: Any) -> Payment:
        self._die("before pay")
        made = self.real.pay(reference, **how)
        self._die("after pay")
        return made

    def _die(self, here: str) -> None:
        if here == self.when:
            os.kill(os.getpid(), signal.SIGKILL)


dying: list[Dying] = []


def dying_provider() -> Dying:
    return dying[0]


def _pay_and_die(purchase: Purchase, token: str, buyer: Account, when: str) -> None:
    dying.append(Dying(when))
    registry.PROVIDERS["stripe"] = f"{__name__}.dying_provider"
    paid(purchase, token, buyer)


@pytest.mark.shows("PA-02", "F-08", "I3")
@pytest.mark.slow("kills processes")
@pytest.mark.parametrize(
    ("when", "charged"),
    [("before open", 0), ("after open", 0), ("before pay", 0), ("after pay", 1)],
)
def test_whoever_is_killed_while_paying_is_found_out_about_by_the_timer(
    durable: None, processor: Processor, when: str, charged: int
) -> None:
    load_sold_plans()
    buyer = cast.alice()
    purchase = begun(buyer)
    token = typed(processor, "pm_card_visa")
    connections.close_all()
    stripe._client.cache_clear()
    child = multiprocessing.get_context("fork").Process(
        target=_pay_and_die, args=(purchase, token, buyer, when)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    purchase.refresh_from_db()
    assert purchase.state == State.CALLING
    for _twice in range(2):
        purchase = paying.ask_again(purchase=purchase, clock=lambda: LATER)
    assert purchase.state == (State.CAPTURED if charged else State.DECLINED)
    if not charged:
        again = typed(processor, "pm_card_visa")
        assert paid(purchase, again, buyer).purchase.state == State.CAPTURED
    theirs, ours = books_of_both(processor)
    assert theirs == ours == {purchase.key: purchase.amount}
    assert IncidentEntry.objects.filter(reason="bought").count() == 1
    assert breaches() == []


# --- Everything goes wrong ------------------------------------------------------------------------
FAULTS = ("act_then_drop", "drop", "error", "act_then_error", "busy")
CARDS = (
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_visa_chargeDeclined",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
)


@pytest.mark.shows("F-08", "F-09", "F-10", "F-22", "I3")
@pytest.mark.slow("thirty purchases over HTTP, with faults on purpose")
def test_after_every_fault_the_processors_books_equal_ours(
    durable: None, processor: Processor, settings: Any
) -> None:
    settings.PAYMENTS = ("stripe",)
    load_sold_plans()
    chance = random.Random(SEED)
    moment = [NOW]

    def clock() -> datetime:
        return moment[0]

    for number in range(30):
        buyer = factories.account(f"buyer{number}@example.com")
        purchase = begun(buyer)
        for _try in range(chance.randint(1, 3)):
            token = typed(processor, chance.choice(CARDS))
            for at in chance.sample(("/customers", "/payment_intents", "/confirm"), 2):
                if chance.random() < 0.5:
                    processor.fail(chance.choice(FAULTS), at=at)
            try:
                purchase = paid(purchase, token, buyer, clock).purchase
            except (PaymentsUnavailable, Conflict):
                purchase.refresh_from_db()
            processor.faults.clear()
            if purchase.state == State.CAPTURED:
                break
            moment[0] += timedelta(minutes=3)
            if chance.random() < 0.5:
                purchase = paying.ask_again(purchase=purchase, clock=clock)
    moment[0] += timedelta(minutes=30)
    reconciling.reconcile(clock=clock)
    theirs, ours = books_of_both(processor)
    assert theirs == ours, f"seed {SEED}"
    assert 5 < len(ours) < 30
    states = set(Purchase.objects.values_list("state", flat=True))
    assert states <= {State.CAPTURED, State.DECLINED, State.CREATED}
    assert breaches(moment[0]) == []
