"""Deeds on refunds: asked for, consented to, withdrawn, carried out, recorded (PA-07).

Before money moves, the incidents are taken; that and the job which asks the provider are one
transaction. `carry_out_refund` asks and writes what came of it, outside of any: it may be called by
a page, by the job, by both, and again after a crash, and the provider knows the refund by one key.

Everybody locks the purchase first, then its contract.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from babel.numbers import get_currency_precision
from django.conf import settings
from django.db import transaction
from django.db.models import F

from opora.accounts.models import Account
from opora.billing.actions.papers import issue_credit_note
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
from opora.billing.providers.base import (
    PaymentProvider,
    ProviderRefused,
    ProviderUnreachable,
    RefundSeen,
)
from opora.billing.providers.registry import provider_named
from opora.billing.queries.refunds import refundable
from opora.billing.refunds import (
    ELSEWHERE,
    Problem,
    Refundable,
    Wanted,
    limits_read,
    needs_second_person,
    problem_with,
)
from opora.contracts.actions import adjust_incidents, cancel_contract
from opora.contracts.models import Contract
from opora.core import audit, outbox
from opora.core.errors import Refusal
from opora.core.outbox import Effect

State = Refund.State
UNSETTLED = (State.CALLING, State.UNKNOWN)
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
    purchase, contract = _locked(purchase.pk)
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
    _record("refund.requested" if waits else "refund.begun", refund, by=by, now=now)
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
    purchase, contract = _locked(refund.purchase_id)
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
    _record("refund.consented", refund, by=by, now=now)
    _take(refund, contract, by=by, now=now)
    return refund


@transaction.atomic
def withdraw_refund(*, refund: Refund, by: Account, now: datetime) -> Refund:
    """Call off a refund that waits for consent: by whoever asked, or by whoever does not agree.
    Again changes nothing. Raises MayNotRefund, RefundIsOver."""
    _require_administrator(by)
    _locked(refund.purchase_id)
    withdrawn = Refund.objects.filter(pk=refund.pk, state=State.REQUESTED).update(
        state=State.WITHDRAWN, state_at=now
    )
    refund = Refund.objects.get(pk=refund.pk)
    if withdrawn:
        _record("refund.withdrawn", refund, by=by, now=now)
    elif refund.state != State.WITHDRAWN:
        raise RefundIsOver
    return refund


def carry_out_refund(refund_pk: int, now: datetime) -> Refund:
    """Ask the provider to send the money back, and write what came of it. Outside any transaction.

    Without an answer the refund is UNKNOWN and the job asks again. The provider's books are looked
    at before anything is asked of it: a key is not remembered for ever.
    """
    refund = Refund.objects.select_related("purchase").get(pk=refund_pk)
    if refund.state not in UNSETTLED:
        return refund
    purchase = refund.purchase
    try:
        seen = _ask(provider_named(purchase.provider), purchase.reference, refund)
    except ProviderRefused as refusal:
        _fail(refund_pk, code=refusal.code, now=now)
    except ProviderUnreachable:
        _leave_open(refund_pk, now=now)
    else:
        settle_refund(refund=refund, seen=seen, now=now)
    return Refund.objects.get(pk=refund_pk)


def settle_refund(*, refund: Refund, seen: RefundSeen, now: datetime) -> None:
    """What the provider's books say of a refund of ours becomes ours. Safe to repeat in any order:
    only the first last word counts."""
    if seen.state == "done":
        _finish(refund.pk, seen.reference, now=now)
    elif seen.state == "refused":
        _fail(refund.pk, code="refused_later", now=now)
    else:
        _leave_open(refund.pk, now=now, reference=seen.reference)


@transaction.atomic
def record_foreign_refund(*, purchase: Purchase, seen: RefundSeen, now: datetime) -> Refund | None:
    """A refund in the provider's books: one of ours is settled by it; any other was made at the
    provider's own desk and is recorded once, no incident taken, and flagged for somebody to look.

    None while a foreign one is not done, and for one that goes beyond what was paid (flagged: the
    nightly comparison shows what differs).
    """
    purchase, _contract = _locked(purchase.pk)
    known = _row_of(purchase, seen)
    if known is not None:
        settle_refund(refund=known, seen=seen, now=now)
        return Refund.objects.get(pk=known.pk)
    if seen.state != "done":
        return None
    Purchase.objects.filter(pk=purchase.pk).update(flagged_at=now)
    if not _count(purchase, seen.amount):
        return None
    refund = Refund.objects.create(
        purchase=purchase,
        amount=seen.amount,
        incidents=0,
        reason=ELSEWHERE,
        state=State.DONE,
        state_at=now,
        requested_at=now,
        reference=seen.reference,
    )
    _prove(refund, now=now)
    _record("refund.recorded", refund, by=None, now=now)
    return refund


# --- Inside their transactions --------------------------------------------------------------------
def _require_administrator(by: Account) -> None:
    if not by.is_administrator:
        raise MayNotRefund


def _locked(purchase_pk: int) -> tuple[Purchase, Contract | None]:
    """The purchase and what it granted, both locked, in this order."""
    purchase = Purchase.objects.select_for_update(of=("self",), no_key=True).get(pk=purchase_pk)
    if purchase.contract_id is None:
        return purchase, None
    contracts = Contract.objects.select_for_update(of=("self",), no_key=True)
    return purchase, contracts.select_related("plan_version__plan").get(pk=purchase.contract_id)


def waits_for_second_person(purchase: Purchase, amount: int) -> bool:
    """Whether a refund of so much now has to be consented to, by the setting."""
    return needs_second_person(
        purchase.refunded + amount,
        purchase.currency,
        get_currency_precision(purchase.currency),
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
    effect = Effect(
        "payment.refund",
        key=f"refund:{refund.public_id.hex}",
        payload={"refund": refund.pk},
        run_after=now + JOB_AFTER,
    )
    outbox.publish(effect, at=now)


def _ask(provider: PaymentProvider, reference: str, refund: Refund) -> RefundSeen:
    key = refund.public_id.hex
    for seen in provider.look(reference).refunds:
        if seen.key == key or seen.reference == refund.reference:
            return seen
    return provider.refund(reference, amount=refund.amount, key=key)


def _row_of(purchase: Purchase, seen: RefundSeen) -> Refund | None:
    ours = list(Refund.objects.filter(purchase=purchase))
    by_key = (one for one in ours if seen.key and one.public_id.hex == seen.key)
    by_reference = (one for one in ours if one.reference == seen.reference)
    return next(by_key, None) or next(by_reference, None)


def _count(purchase: Purchase, amount: int) -> bool:
    """Add to what went back, never beyond what was paid; with the last of it the contract ends."""
    counted = Purchase.objects.filter(pk=purchase.pk, amount__gte=F("refunded") + amount).update(
        refunded=F("refunded") + amount
    )
    return bool(counted)


def _prove(refund: Refund, *, now: datetime) -> None:
    """The buyer's paper, and the mail that brings it."""
    issue_credit_note(refund=refund, now=now)
    effect = Effect(
        "mail.purchase_refunded",
        key=refund.purchase.account.mail_key,
        payload={"refund": refund.pk},
    )
    outbox.publish(effect, at=now)


@transaction.atomic
def _finish(refund_pk: int, reference: str, *, now: datetime) -> None:
    refund = Refund.objects.get(pk=refund_pk)
    purchase, contract = _locked(refund.purchase_id)
    done = Refund.objects.filter(pk=refund_pk, state__in=UNSETTLED).update(
        state=State.DONE, state_at=now, reference=reference
    )
    if not done:
        return
    if not _count(purchase, refund.amount):
        raise RuntimeError(f"refund {refund.public_id.hex} goes beyond what was paid")
    refund.refresh_from_db()
    if contract is not None and purchase.refunded + refund.amount == purchase.amount:
        # A unit that comes back from a case later lapses at once: its price is gone (S13.3, S13.6).
        cancel_contract(contract=contract, by=None, now=now)
    _prove(refund, now=now)
    _record("refund.done", refund, by=None, now=now)


@transaction.atomic
def _fail(refund_pk: int, *, code: str, now: datetime) -> None:
    refund = Refund.objects.get(pk=refund_pk)
    _purchase, contract = _locked(refund.purchase_id)
    refused = Refund.objects.filter(pk=refund_pk, state__in=UNSETTLED).update(
        state=State.REFUSED, state_at=now
    )
    if not refused:
        return
    if contract is not None and refund.incidents:
        adjust_incidents(
            contract=contract, quantity=refund.incidents, reason="refund_failed", by=None, now=now
        )
    _record("refund.refused", refund, by=None, now=now, why=code)


@transaction.atomic
def _leave_open(refund_pk: int, *, now: datetime, reference: str = "") -> None:
    """Nothing is known yet. Only the first time is a change worth a line of evidence."""
    refund = Refund.objects.get(pk=refund_pk)
    left = Refund.objects.filter(pk=refund_pk, state=State.CALLING).update(
        state=State.UNKNOWN, state_at=now, reference=reference
    )
    if left:
        _record("refund.unanswered", refund, by=None, now=now)


def _record(
    code: str, refund: Refund, *, by: Account | None, now: datetime, **facts: object
) -> None:
    audit.record(
        code,
        target=("purchase", refund.purchase.key),
        by=by.pk if by else None,
        at=now,
        refund=refund.public_id.hex,
        amount=refund.amount,
        incidents=refund.incidents,
        **facts,
    )
