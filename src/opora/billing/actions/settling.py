"""Where what a provider's books say becomes ours: one transaction, the same end in any order.

Whoever hears of a payment (the answer to a try, a notice, the timer, reconciliation) reads the
payment from the provider and comes here with it. Captured and granted stand or fall together.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from opora.accounts.models import Account
from opora.billing import states
from opora.billing.actions.differences import flag, report
from opora.billing.actions.papers import issue_receipt
from opora.billing.actions.purchasing import ASK_AFTER, ask, count_declined, locked_purchase
from opora.billing.actions.sending_back import record_foreign_refund
from opora.billing.models import Discrepancy, Dispute, Purchase
from opora.billing.providers.base import DisputeSeen, Payment, PaymentState
from opora.billing.providers.registry import provider_named
from opora.contracts.actions import issue_bought_contract
from opora.core import audit, outbox
from opora.core.outbox import Effect

log = logging.getLogger(__name__)
State = Purchase.State
# An attempt may still be on its way for so long; until then an unpaid payment says nothing.
QUIET = timedelta(minutes=2)


@transaction.atomic
def settle(
    *,
    purchase_pk: int,
    payment: Payment,
    now: datetime,
    attempt: int | None = None,
    provider: str = "",
) -> Purchase:
    """Take over what the provider says of the payment; safe to repeat, in any order (F-10).

    `attempt`: the number of the try that `payment` is the answer to; None: it was just looked at.
    `provider`: in whose books it is, "" for the purchase's own. A payment of another amount or
    currency is never granted for, nor is a second one: it is flagged, with an alarm.
    """
    purchase = locked_purchase(Purchase(pk=purchase_pk))
    if payment.key != purchase.key:
        raise ValueError(f"payment {payment.reference} is not purchase {purchase.key}")
    provider = provider or purchase.provider
    if not _is_its_own(purchase, payment, provider):
        _report_second(purchase, payment, provider, now=now)
        return purchase
    if not purchase.reference:
        # Also what a restored copy had not heard of yet: which way it was paid (F-22).
        purchase.provider, purchase.reference = provider, payment.reference
        purchase.save(update_fields=["provider", "reference"])
    if attempt is not None and attempt > purchase.answered:
        purchase.answered = attempt
        purchase.save(update_fields=["answered"])
    if payment.state is PaymentState.CAPTURED:
        _capture(purchase, payment, now=now)
    elif purchase.state not in (State.CAPTURED, State.CANCELLED):
        # A reading may be older than what we know: what was given up only a capture brings back.
        _follow(purchase, payment, now=now)
    if purchase.state == State.CAPTURED:
        for refund in payment.refunds:
            record_foreign_refund(purchase=purchase, seen=refund, now=now)
        for dispute in payment.disputes:
            _record_dispute(purchase, dispute, now=now)
    purchase.refresh_from_db()
    return purchase


# --- Steps, on a locked purchase --------------------------------------------------------------
def _is_its_own(purchase: Purchase, payment: Payment, provider: str) -> bool:
    """Whether it is the one payment of the purchase, or may become that."""
    return purchase.provider in ("", provider) and purchase.reference in ("", payment.reference)


def _report_second(purchase: Purchase, payment: Payment, provider: str, *, now: datetime) -> None:
    """Money that came for a purchase twice, or by a way that was left: somebody sends it back."""
    if payment.kept:
        report(
            kind=Discrepancy.Kind.MISSING_HERE,
            provider=provider,
            reference=payment.reference,
            purchase=purchase,
            theirs=payment.kept,
            ours=0,
            currency=payment.currency,
            now=now,
        )


def _capture(purchase: Purchase, payment: Payment, *, now: datetime) -> None:
    if (payment.captured, payment.currency) != (purchase.amount, purchase.currency):
        if not payment.kept and purchase.state != State.CAPTURED:
            _become(purchase, State.CANCELLED, now=now)  # the wrong money went back
            return
        report(
            kind=Discrepancy.Kind.AMOUNT,
            provider=purchase.provider,
            reference=payment.reference,
            purchase=purchase,
            theirs=payment.captured,
            ours=purchase.amount,
            currency=payment.currency,
            now=now,
        )
        return
    if purchase.state == State.CAPTURED:
        return
    purchase.contract = issue_bought_contract(
        version=purchase.plan_version,
        buyer=purchase.account,
        has_round_the_clock=purchase.has_round_the_clock,
        now=now,
    )
    purchase.state = State.CAPTURED
    purchase.state_at = purchase.captured_at = now
    purchase.decline_code = ""
    if payment.card is not None:
        purchase.card_brand = payment.card.brand[:20]
        purchase.card_last4 = payment.card.last4[:4]
    purchase.save()
    issue_receipt(purchase=purchase, now=now)
    about = {"purchase": purchase.pk}
    outbox.publish(
        Effect("mail.purchase_receipt", key=f"account:{purchase.account_id}", payload=about),
        Effect("purchase.captured", key=f"purchase:{purchase.key}", payload=about),
        at=now,
    )
    _record("purchase.captured", purchase, now=now, contract=purchase.contract.public_id.hex)


def _follow(purchase: Purchase, payment: Payment, *, now: datetime) -> None:
    """What an uncaptured payment means for a purchase that is not captured."""
    became: str = purchase.state
    code = ""
    if payment.state is PaymentState.CANCELLED:
        became = State.CANCELLED
    elif payment.state is PaymentState.PENDING:
        has_cards = provider_named(purchase.provider).has_cards
        became = State.CALLING if has_cards else State.AWAITING
    elif payment.state is PaymentState.ACTION:
        became = State.CALLING
    elif purchase.state in states.UNSETTLED and _is_told(purchase, now=now):
        became, code = State.DECLINED, payment.decline_code or "not_tried"
    if became == purchase.state:
        return
    _become(purchase, became, code, now=now)
    if became in states.UNSETTLED:
        ask(purchase, at=now, after=ASK_AFTER)
    if became == State.AWAITING:
        outbox.publish(
            Effect(
                "mail.purchase_awaiting",
                key=f"account:{purchase.account_id}",
                payload={"purchase": purchase.pk},
            ),
            at=now,
        )
    if payment.decline_code and became == State.DECLINED:
        count_declined(purchase.account, now=now)


def _become(purchase: Purchase, state: str, code: str = "", *, now: datetime) -> None:
    if purchase.state == state:
        return
    purchase.state, purchase.state_at = state, now
    purchase.decline_code = code[:40]
    purchase.save(update_fields=["state", "state_at", "decline_code"])
    _record(f"purchase.{state}", purchase, now=now, decline=code or None)


def _is_told(purchase: Purchase, *, now: datetime) -> bool:
    """Whether an unpaid payment says that the last attempt failed: that attempt was answered (it
    failed then, or the customer's bank asked and was told no since), or it is so old that no answer
    can come any more."""
    if purchase.answered == purchase.attempts:
        return True
    return purchase.called_at is None or purchase.called_at <= now - QUIET


def _record_dispute(purchase: Purchase, seen: DisputeSeen, *, now: datetime) -> None:
    """A charge-back is recorded and flagged; the ledger stays as it is (F-11)."""
    dispute, is_new = Dispute.objects.get_or_create(
        reference=seen.reference,
        defaults={
            "purchase": purchase,
            "amount": seen.amount,
            "reason": seen.reason[:60],
            "state": seen.state,
            "opened_at": seen.opened_at,
            "state_at": now,
        },
    )
    # An older reading reopens nothing: what is won or lost stays so.
    if not is_new and seen.state in (dispute.state, Dispute.State.OPEN):
        return
    if not is_new:
        dispute.state, dispute.state_at = seen.state, now
        dispute.save(update_fields=["state", "state_at"])
    flag(purchase, now=now)
    log.error("a charge-back of purchase %s is %s", purchase.number, seen.state)
    _record("purchase.disputed", purchase, now=now, dispute=seen.reference, state=seen.state)


def _record(
    code: str, purchase: Purchase, *, by: Account | None = None, now: datetime, **facts: object
) -> None:
    audit.record(
        code,
        target=("purchase", purchase.key),
        by=by.pk if by else None,
        at=now,
        **facts,
    )
