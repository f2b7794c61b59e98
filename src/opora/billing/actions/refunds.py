"""Deeds on refunds: asked for, consented to, withdrawn (PA-07).

Before money moves, the incidents are taken; that and the job which asks the provider are one
transaction. The asking is in `sending_back`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from opora.accounts.models import Account
from opora.billing.actions.sending_back import ask_later, locked, record
from opora.billing.errors import (
    MayNotRefund,
    NothingToRefund,
    PaymentDisputed,
    RefundIsOver,
    RefundReasonRequired,
    RefundTooHigh,
    RefundUnderWay,
    SecondPersonRequired,
    TooFewUnused,
    WholeRefundTakesAll,
)
from opora.billing.models import Purchase, Refund
from opora.billing.queries.refunds import refundable
from opora.billing.refunds import (
    Problem,
    Refundable,
    Wanted,
    limits_read,
    needs_second_person,
    problem_with,
)
from opora.contracts.actions import adjust_incidents
from opora.contracts.models import Contract
from opora.core.currencies import decimals
from opora.core.errors import Refusal

State = Refund.State
# The page that took the incidents asks the provider itself; the job is for when it could not.
JOB_AFTER = timedelta(minutes=1)


@transaction.atomic
def request_refund(
    *, purchase: Purchase, wanted: Wanted, key: UUID, by: Account, now: datetime
) -> Refund:
    """Take the incidents and have the money sent back, or, above the limit, wait for a second
    person and take nothing yet.

    `key` becomes the refund's public id; again with it: the refund that is there, as it is. The
    caller goes on with `carry_out_refund`. Raises MayNotRefund, or what stands against it.
    """
    _require_administrator(by)
    purchase, contract = locked(purchase.pk)
    known = Refund.objects.filter(public_id=key, purchase=purchase).first()
    if known is not None:
        return known
    _refuse(purchase, wanted, refundable(purchase, contract, now=now))
    waits = waits_for_second_person(purchase, wanted.amount)
    refund = Refund.objects.create(
        public_id=key,
        purchase=purchase,
        amount=wanted.amount,
        incidents=wanted.incidents,
        reason=wanted.reason,
        state=State.REQUESTED if waits else State.CALLING,
        state_at=now,
        requested_at=now,
        requested_by=by,
    )
    record("refund.requested" if waits else "refund.begun", refund, by=by, now=now)
    if not waits:
        _take(refund, contract, by=by, now=now)
    return refund


@transaction.atomic
def consent_to_refund(*, refund: Refund, by: Account, now: datetime) -> Refund:
    """The second person agrees: the incidents are taken, and the money may go. Again changes
    nothing.

    Raises MayNotRefund, SecondPersonRequired, RefundIsOver, or what stands against it by now.
    """
    _require_administrator(by)
    purchase, contract = locked(refund.purchase_id)
    refund = Refund.objects.get(pk=refund.pk)
    if refund.requested_by_id == by.pk:
        raise SecondPersonRequired
    agreed = Refund.objects.filter(pk=refund.pk, state=State.REQUESTED).update(
        state=State.CALLING, state_at=now, consented_by=by
    )
    if not agreed:
        if refund.consented_by_id is None:
            raise RefundIsOver
        return refund
    refund.refresh_from_db()
    wanted = Wanted(refund.amount, refund.incidents, refund.reason)
    _refuse(purchase, wanted, refundable(purchase, contract, now=now, but=refund))
    record("refund.consented", refund, by=by, now=now)
    _take(refund, contract, by=by, now=now)
    return refund


@transaction.atomic
def withdraw_refund(*, refund: Refund, by: Account, now: datetime) -> Refund:
    """Call off a refund that waits for consent: by whoever asked, or by whoever does not agree.
    Again changes nothing. Raises MayNotRefund, RefundIsOver."""
    _require_administrator(by)
    locked(refund.purchase_id)
    withdrawn = Refund.objects.filter(pk=refund.pk, state=State.REQUESTED).update(
        state=State.WITHDRAWN, state_at=now
    )
    refund = Refund.objects.get(pk=refund.pk)
    if withdrawn:
        record("refund.withdrawn", refund, by=by, now=now)
    elif refund.state != State.WITHDRAWN:
        raise RefundIsOver
    return refund


# --- Inside their transactions --------------------------------------------------------------------
def _require_administrator(by: Account) -> None:
    if not by.is_administrator:
        raise MayNotRefund


def waits_for_second_person(purchase: Purchase, amount: int) -> bool:
    """Whether a refund of so much now has to be consented to, by the setting."""
    return needs_second_person(
        purchase.refunded + amount,
        purchase.currency,
        decimals(purchase.currency),
        limits_read(settings.REFUND_LIMITS),
    )


def _refuse(purchase: Purchase, wanted: Wanted, standing: Refundable) -> None:
    problem = problem_with(wanted, standing)
    if problem is not None:
        raise refusal_for(problem, standing, purchase.currency)


def refusal_for(problem: Problem, standing: Refundable, currency: str) -> Refusal:
    """A problem of the rules as what is said to people."""
    match problem:
        case Problem.DISPUTED:
            return PaymentDisputed()
        case Problem.UNDER_WAY:
            return RefundUnderWay()
        case Problem.TOO_MUCH:
            return RefundTooHigh(left=standing.left, currency=currency)
        case Problem.TOO_FEW_UNUSED:
            return TooFewUnused(unused=standing.unused)
        case Problem.TAKES_ALL:
            return WholeRefundTakesAll(unused=standing.unused)
        case Problem.NEEDS_REASON:
            return RefundReasonRequired()
        case _:
            return NothingToRefund()


def _take(refund: Refund, contract: Contract | None, *, by: Account, now: datetime) -> None:
    """Take the incidents, and see to it that the provider is asked whatever happens to us."""
    if contract is not None and refund.incidents:
        adjust_incidents(
            contract=contract, quantity=-refund.incidents, reason="refunded", by=by, now=now
        )
    ask_later(refund, at=now, after=JOB_AFTER)
