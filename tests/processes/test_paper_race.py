"""Papers issued by many processes at once: numbers without gaps, and one paper a purchase (I3)."""

from __future__ import annotations

import pytest
from django.db import transaction

from opora.billing.actions.papers import issue_receipt
from opora.billing.models import Paper, PaperSeries
from tests import factories
from tests.billing import bought
from tests.factories import NOW
from tests.processes.racing import PROCESSES, ROUNDS, race

pytestmark = [pytest.mark.processes]

SHARED = PROCESSES // 2  # processes that capture one and the same purchase
FAILING = PROCESSES // 4  # whose transaction does not come to its end


class Undone(Exception):
    pass


@pytest.mark.shows("I3", "PA-02")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_numbers_have_no_gaps_and_no_twins(durable: None) -> None:
    buyer = factories.account()
    plan = bought.pack()
    shared = [bought.paid(buyer, plan=plan) for _ in range(ROUNDS)]
    own = [
        [bought.paid(buyer, plan=plan) for _ in range(PROCESSES - SHARED)] for _ in range(ROUNDS)
    ]

    def issue(number: int, at: int) -> str:
        if number < SHARED:
            return issue_receipt(purchase=shared[at], now=NOW).number
        mine = number - SHARED
        try:
            with transaction.atomic():
                issue_receipt(purchase=own[at][mine], now=NOW)
                if mine < FAILING:
                    raise Undone
        except Undone:
            return "undone"
        return "issued"

    issued = PROCESSES - SHARED - FAILING
    for at, outcome in enumerate(race(issue)):
        receipt = shared[at].papers.get().number
        assert outcome == {receipt: SHARED, "issued": issued, "undone": FAILING}
    papers = ROUNDS * (issued + 1)
    assert sorted(Paper.objects.values_list("number", flat=True)) == [
        f"R2026-{number:06d}" for number in range(1, papers + 1)
    ]
    assert PaperSeries.objects.get().last == papers
