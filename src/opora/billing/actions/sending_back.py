"""Refunds on their way: the provider is asked, and what its books say becomes ours (PA-07).

`carry_out_refund` asks and writes what came of it, outside of any transaction: it may be called by
a page, by the job, by both, and again after a crash, and the provider knows the refund by one key.

Everybody locks the purchase first, then its contract.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from opora.accounts.models import Account
from opora.billing.actions.differences import flag, report
from opora.billing.actions.papers import issue_credit_note
from opora.billing.models import Discrepancy, Purchase, Refund
from opora.billing.providers.base import (
    PaymentProvider,
    ProviderRefused,
    ProviderUnreachable,
    RefundSeen,
)
from opora.billing.providers.registry import provider_named
from opora.billing.refunds import ELSEWHERE
from opora.contracts.actions import adjust_incidents, cancel_contract
from opora.contracts.models import Contract
from opora.core import audit, installation, outbox
from opora.core.outbox import Effect

log = logging.getLogger(__name__)
State = Refund.State
UNSETTLED = (State.CALLING, State.UNKNOWN)


def carry_out_refund(refund_pk: int, now: datetime) -> Refund:
    """Ask the provider to send the money back, and write what came of it. Outside any transaction.

    Without an answer the refund is UNKNOWN and the job asks again. The provider's books are looked
    at before anything is asked of it: a key is not remembered for ever. A restored copy sends
    nothing before it is released (F-22).
    """
    refund = Refund.objects.select_related("purchase").get(pk=refund_pk)
    if refund.state not in UNSETTLED or installation.is_held():
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
    only the first last word counts, but that money went back counts always."""
    if seen.state == "done":
        _finish(refund.pk, seen.reference, now=now)
    elif seen.state == "refused":
        _fail(refund.pk, code="refused_later", now=now)
        _report_what_came_back(refund.pk, now=now)
    else:
        _leave_open(refund.pk, now=now, reference=seen.reference)


@transaction.atomic
def record_foreign_refund(*, purchase: Purchase, seen: RefundSeen, now: datetime) -> Refund | None:
    """A refund in the provider's books: one of ours is settled by it; any other was made at the
    provider's own desk and is recorded once, no incident taken, and flagged for somebody to look.

    None while a foreign one is not done, and for one that goes beyond what was paid (flagged: the
    nightly comparison shows what differs).
    """
    purchase, _contract = locked(purchase.pk)
    known = _row_of(purchase, seen)
    if known is not None:
        settle_refund(refund=known, seen=seen, now=now)
        return Refund.objects.get(pk=known.pk)
    if seen.state != "done":
        return None
    flag(purchase, now=now)
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
    record("refund.recorded", refund, by=None, now=now)
    return refund


# --- For the deeds on refunds, inside their transactions ------------------------------------------
def locked(purchase_pk: int) -> tuple[Purchase, Contract | None]:
    """The purchase and what it granted, both locked, in this order."""
    purchase = Purchase.objects.locked().get(pk=purchase_pk)
    if purchase.contract_id is None:
        return purchase, None
    contracts = Contract.objects.locked().select_related("plan_version__plan")
    return purchase, contracts.get(pk=purchase.contract_id)


@transaction.atomic
def ask_later(refund: Refund, *, at: datetime, after: timedelta) -> None:
    """Queue a look at what became of the refund, in place of one that waits already."""
    key = job_key(refund)
    outbox.cancel(key=key, kinds=["payment.refund"], at=at)
    effect = Effect("payment.refund", key=key, payload={"refund": refund.pk}, run_after=at + after)
    outbox.publish(effect, at=at)


def job_key(refund: Refund) -> str:
    """What jobs about the refund are found by."""
    return f"refund:{refund.public_id.hex}"


def record(
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


# --- Pieces ---------------------------------------------------------------------------------------
def _ask(provider: PaymentProvider, reference: str, refund: Refund) -> RefundSeen:
    key = refund.public_id.hex
    try:
        payment = provider.look(reference)
    except ProviderRefused:
        # Books that lack the whole payment (another account's, by a wrong key) say nothing of it.
        log.exception("the books have no payment for refund %s", key)
        raise ProviderUnreachable from None
    for seen in payment.refunds:
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
    purchase, contract = locked(refund.purchase_id)
    refund.refresh_from_db()
    if refund.state == State.DONE:
        return
    if not _count(purchase, refund.amount):
        flag(purchase, now=now)
        log.error("refund %s goes beyond what was paid", refund.public_id.hex)
        return
    if refund.state not in UNSETTLED:
        # We thought it refused, or a restored copy had not heard of it: its units were not taken.
        refund.incidents = 0
        flag(purchase, now=now)
    refund.state, refund.state_at, refund.reference = State.DONE, now, reference
    refund.save(update_fields=["state", "state_at", "reference", "incidents"])
    if contract is not None and purchase.refunded + refund.amount == purchase.amount:
        # A unit that comes back from a case later lapses at once: its price is gone (S13.3, S13.6).
        cancel_contract(contract=contract, by=None, now=now)
    _prove(refund, now=now)
    record("refund.done", refund, by=None, now=now)


@transaction.atomic
def _fail(refund_pk: int, *, code: str, now: datetime) -> None:
    refund = Refund.objects.get(pk=refund_pk)
    _purchase, contract = locked(refund.purchase_id)
    refused = Refund.objects.filter(pk=refund_pk, state__in=UNSETTLED).update(
        state=State.REFUSED, state_at=now
    )
    if not refused:
        return
    if contract is not None and refund.incidents:
        adjust_incidents(
            contract=contract, quantity=refund.incidents, reason="refund_failed", by=None, now=now
        )
    record("refund.refused", refund, by=None, now=now, why=code)


@transaction.atomic
def _report_what_came_back(refund_pk: int, *, now: datetime) -> None:
    """The buyer's bank did not take what was sent: it is with the vendor again, and is owed."""
    refund = Refund.objects.select_related("purchase").get(pk=refund_pk)
    purchase = refund.purchase
    if refund.state == State.DONE:
        report(
            kind=Discrepancy.Kind.REFUNDED,
            provider=purchase.provider,
            reference=purchase.reference,
            purchase=purchase,
            theirs=purchase.refunded - refund.amount,
            ours=purchase.refunded,
            currency=purchase.currency,
            now=now,
        )


@transaction.atomic
def _leave_open(refund_pk: int, *, now: datetime, reference: str = "") -> None:
    """Nothing is known yet, or, with a `reference`, that it is on its way. Only the first time is a
    change worth a line of evidence."""
    refund = Refund.objects.get(pk=refund_pk)
    open_one = Refund.objects.filter(pk=refund_pk, state__in=UNSETTLED)
    if reference and open_one.exclude(reference=reference).update(
        state=State.UNKNOWN, state_at=now, reference=reference
    ):
        record("refund.on_its_way", refund, by=None, now=now)
    elif open_one.filter(state=State.CALLING).update(state=State.UNKNOWN, state_at=now):
        record("refund.unanswered", refund, by=None, now=now)
