"""Refunds by many processes at once, and by processes that are killed on the way (PA-07).

The money is at the stand-in for Stripe, over HTTP; its books are compared with ours.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from opora.accounts.models import Account
from opora.billing import invariants
from opora.billing.actions.refunds import consent_to_refund, request_refund
from opora.billing.actions.sending_back import carry_out_refund
from opora.billing.models import Paper, Purchase, Refund
from opora.billing.providers import registry, stripe
from opora.billing.providers.base import RefundSeen
from opora.billing.providers.registry import provider_named
from opora.billing.refunds import Wanted
from opora.cli.demo.card_processor.processor import Processor
from opora.contracts.actions import consume_incident
from opora.contracts.errors import NotEligible
from opora.contracts.models import Contract, IncidentEntry
from opora.core.errors import Conflict
from opora.core.ids import new_public_id
from opora.core.invariants import snapshot
from opora.core.models import Job
from opora.jobs.refunds import carry_out
from tests import cast, factories
from tests.billing.charged import charged
from tests.factories import NOW
from tests.processes import racing
from tests.processes.racing import ROUNDS, Deed, race

pytestmark = [pytest.mark.processes]

SMALL = 400_000  # below the limit
LARGE = 1_210_000
LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """As many processes as press at once: each speaks to the processor."""
    monkeypatch.setattr(racing, "PROCESSES", 8)
    return 8


def apart(deed: Deed) -> list[Counter[str]]:
    """The race, each process with connections of its own to the processor."""
    stripe._client.cache_clear()
    return race(deed)


def went_back(purchase: Purchase) -> list[int]:
    """The refunds in the processor's books."""
    return [seen.amount for seen in provider_named("stripe").look(purchase.reference).refunds]


def ours(purchase: Purchase) -> tuple[int, int, int]:
    """(money that went back, incidents left, credit notes)."""
    found = Purchase.objects.select_related("contract").get(pk=purchase.pk)
    assert found.contract is not None
    notes = Paper.objects.filter(purchase=purchase, kind="credit_note").count()
    return found.refunded, found.contract.incidents_left, notes


def breaches() -> list[str]:
    with snapshot(now=LATER) as moment:
        return [b for check in invariants.CHECKS for b in check.run(moment).breaches]


@pytest.mark.shows("PA-07")
@pytest.mark.slow("processes on a durable database, in rounds, with a processor over HTTP")
def test_two_who_consent_at_once_send_the_money_once(
    durable: None, processor: Processor, few: int
) -> None:
    buyer, eve = cast.alice(), cast.eve()
    admins = [factories.account(kind=Account.Kind.ADMINISTRATOR) for _ in range(few)]
    purchases = [charged(processor, buyer, amount=LARGE) for _ in range(ROUNDS)]
    refunds = [
        request_refund(
            purchase=one, wanted=Wanted(LARGE, 1, "unused"), key=new_public_id(), by=eve, now=NOW
        )
        for one in purchases
    ]

    def consent(number: int, at: int) -> str:
        agreed = consent_to_refund(refund=refunds[at], by=admins[number], now=NOW)
        return carry_out_refund(agreed.pk, NOW).state

    outcomes = apart(consent)
    for at, purchase in enumerate(purchases):
        # Whoever came while another asked may not know yet; nobody is told anything wrong.
        assert set(outcomes[at]) <= {"done", "unknown"}
        assert outcomes[at]["done"] >= 1
        assert went_back(purchase) == [LARGE]
        assert ours(purchase) == (LARGE, 0, 1)
    assert breaches() == []


@pytest.mark.shows("PA-07")
@pytest.mark.slow("processes on a durable database, in rounds, with a processor over HTTP")
def test_refunds_at_once_promise_nothing_twice(
    durable: None, processor: Processor, few: int
) -> None:
    buyer, eve = cast.alice(), cast.eve()
    purchases = [charged(processor, buyer, amount=SMALL, incidents=5) for _ in range(ROUNDS)]

    def refund(number: int, at: int) -> str:
        try:
            made = request_refund(
                purchase=purchases[at],
                wanted=Wanted(SMALL, 5, "unused"),
                key=new_public_id(),
                by=eve,
                now=NOW,
            )
        except Conflict as refusal:
            return refusal.code
        return carry_out_refund(made.pk, NOW).state

    outcomes = apart(refund)
    for at, purchase in enumerate(purchases):
        assert outcomes[at]["done"] == 1
        assert set(outcomes[at]) <= {"done", "refund-under-way", "nothing-to-refund"}
        assert went_back(purchase) == [SMALL]
        assert ours(purchase) == (SMALL, 0, 1)
    assert breaches() == []


@pytest.mark.shows("PA-07", "PA-01", "I3")
@pytest.mark.slow("processes on a durable database, in rounds, with a processor over HTTP")
def test_an_incident_is_used_or_refunded_never_both(
    durable: None, processor: Processor, few: int
) -> None:
    buyer, eve = cast.alice(), cast.eve()
    purchases = [charged(processor, buyer, amount=SMALL) for _ in range(ROUNDS)]

    def use_or_refund(number: int, at: int) -> str:
        purchase = purchases[at]
        try:
            if number % 2:
                consume_incident(
                    contract_pk=purchase.contract_id or 0,
                    case_number=f"{at:08d}{number:08d}",
                    by=buyer,
                    now=NOW,
                )
                return "used"
            made = request_refund(
                purchase=purchase,
                wanted=Wanted(SMALL, 1, "unused"),
                key=new_public_id(),
                by=eve,
                now=NOW,
            )
        except (Conflict, NotEligible):
            return "refused"
        return carry_out_refund(made.pk, NOW).state

    for at, outcome in enumerate(apart(use_or_refund)):
        used, done = outcome["used"], outcome["done"]
        assert outcome == Counter({"used": used, "done": done, "refused": few - 1})
        assert used + done == 1
        assert went_back(purchases[at]) == [SMALL] * done
        assert ours(purchases[at]) == (SMALL * done, 0, done)
    assert breaches() == []


# --- Killed on the way ----------------------------------------------------------------------------
class Dying:
    """The provider, in a process that is killed before or after it has acted."""

    def __init__(self, when: str) -> None:
        self.real, self.when = provider_named("stripe"), when

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def refund(self, reference: str, *, amount: int, key: str) -> RefundSeen:
        if self.when == "asking":
            os.kill(os.getpid(), signal.SIGKILL)
        seen = self.real.refund(reference, amount=amount, key=key)
        os.kill(os.getpid(), signal.SIGKILL)
        return seen


dying: list[Dying] = []


def dying_provider() -> Dying:
    return dying[0]


def _refund_and_die(purchase: Purchase, key: UUID, by: Account, when: str) -> None:
    wanted = Wanted(SMALL, 1, "unused")
    made = request_refund(purchase=purchase, wanted=wanted, key=key, by=by, now=NOW)
    if when == "begun":
        os.kill(os.getpid(), signal.SIGKILL)
    dying.append(Dying(when))
    registry.PROVIDERS["stripe"] = f"{__name__}.dying_provider"
    carry_out_refund(made.pk, NOW)


@pytest.mark.shows("PA-07", "F-08")
@pytest.mark.slow("kills processes")
@pytest.mark.parametrize("when", ["begun", "asking", "answered"])
def test_a_refund_whose_process_was_killed_is_finished_once_by_the_job(
    durable: None, processor: Processor, when: str
) -> None:
    purchase = charged(processor, cast.alice(), amount=SMALL)
    by, key = cast.eve(), new_public_id()
    connections.close_all()
    stripe._client.cache_clear()
    child = multiprocessing.get_context("fork").Process(
        target=_refund_and_die, args=(purchase, key, by, when)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    refund = Refund.objects.get(public_id=key)
    assert (refund.state, ours(purchase)) == ("calling", (0, 0, 0))
    assert went_back(purchase) == ([SMALL] if when == "answered" else [])
    job = Job.objects.get(kind="payment.refund")
    for _twice in range(2):
        carry_out(job.payload, job, LATER)
        assert went_back(purchase) == [SMALL]
        assert ours(purchase) == (SMALL, 0, 1)
    taken = IncidentEntry.objects.filter(contract__purchase=purchase, reason="refunded")
    assert [entry.quantity for entry in taken] == [-1]
    assert Contract.objects.get(pk=purchase.contract_id or 0).cancelled_at == LATER
    assert breaches() == []
