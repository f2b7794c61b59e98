"""Refunds by way of Stripe's own library: slow ones, ones that fail later, ones made elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from opora.billing import reconciling
from opora.billing.actions.refunds import request_refund
from opora.billing.actions.sending_back import carry_out_refund
from opora.billing.actions.settling import settle
from opora.billing.models import Discrepancy, Purchase, Refund
from opora.billing.providers.registry import provider_named
from opora.billing.refunds import Wanted
from opora.cli.demo.card_processor.processor import Processor
from tests import cast
from tests.billing.charged import charged
from tests.factories import NOW

pytestmark = pytest.mark.django_db

AMOUNT = 400_000
LATER = NOW + timedelta(minutes=5)


def refund_whole(purchase: Purchase) -> Refund:
    refund = request_refund(
        purchase=purchase,
        wanted=Wanted(AMOUNT, 1, "unused"),
        key=uuid4(),
        by=cast.eve(),
        now=NOW,
    )
    return carry_out_refund(refund.pk, NOW)


def ours(purchase: Purchase) -> tuple[int, int]:
    found = Purchase.objects.select_related("contract").get(pk=purchase.pk)
    assert found.contract is not None
    return found.refunded, found.contract.incidents_left


@pytest.mark.shows("PA-07")
def test_a_refund_that_takes_its_time_is_done_when_it_has_arrived(processor: Processor) -> None:
    purchase = charged(processor, cast.alice(), amount=AMOUNT, card="pm_card_pendingRefund")
    refund = refund_whole(purchase)
    assert (refund.state, ours(purchase)) == ("unknown", (0, 0))
    processor.finish_refunds()
    assert carry_out_refund(refund.pk, LATER).state == "done"
    assert ours(purchase) == (AMOUNT, 0)
    assert [row["refunds"] for row in processor.ledger()] == [1]


@pytest.mark.shows("F-08", "PA-07")
@pytest.mark.parametrize("fault", ["act_then_drop", "drop"])
def test_an_answer_that_is_lost_costs_nobody_a_second_refund(
    processor: Processor, fault: str
) -> None:
    purchase = charged(processor, cast.alice(), amount=AMOUNT)
    processor.fail(fault, at="POST /v1/refunds")
    refund = refund_whole(purchase)
    assert refund.state == "unknown"
    assert carry_out_refund(refund.pk, LATER).state == "done"
    assert ours(purchase) == (AMOUNT, 0)
    (row,) = processor.ledger()
    assert (row["refunds"], row["refunded"]) == (1, AMOUNT)


def test_a_refund_that_the_bank_sends_back_later_is_found_and_flagged(
    processor: Processor, settings: Any
) -> None:
    settings.PAYMENTS = ("stripe",)
    purchase = charged(processor, cast.alice(), amount=AMOUNT, card="pm_card_refundFail")
    assert refund_whole(purchase).state == "done"
    processor.finish_refunds()
    reconciling.reconcile(clock=lambda: LATER)
    found = Discrepancy.objects.get(resolved_at=None)
    assert (found.kind, found.theirs, found.ours) == ("refunded", 0, AMOUNT)
    assert Purchase.objects.get(pk=purchase.pk).flagged_at is not None


@pytest.mark.shows("F-11")
def test_a_refund_made_at_stripes_own_desk_is_recorded_and_flagged(processor: Processor) -> None:
    purchase = charged(processor, cast.alice(), amount=AMOUNT)
    processor.refund_elsewhere(purchase.reference, 100_000)
    for _again in range(2):
        payment = provider_named("stripe").look(purchase.reference)
        settle(purchase_pk=purchase.pk, payment=payment, now=LATER)
    refund = Refund.objects.get()
    assert (refund.state, refund.amount, refund.reason) == ("done", 100_000, "elsewhere")
    assert ours(purchase) == (100_000, 1)
    assert Purchase.objects.get(pk=purchase.pk).flagged_at == LATER
