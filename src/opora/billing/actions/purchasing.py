"""Deeds of a buyer: a purchase begun, an attempt to pay begun, a purchase given up.

None of them speaks to a provider: `billing.paying` does, between them.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.billing import states
from opora.billing.errors import (
    AlreadyBought,
    NoSuchWayToPay,
    NotBuyable,
    NothingSold,
    PaymentUnderWay,
    PriceChanged,
    PurchaseIsOver,
)
from opora.billing.models import Purchase
from opora.billing.providers.registry import is_anything_sold, providers_for
from opora.billing.queries import Offer, offer_of, open_purchase_of, unused_purchase_of
from opora.contracts.eligibility import Buyer, Question
from opora.contracts.queries import plan_for
from opora.core import audit, outbox, throttle
from opora.core.days import today
from opora.core.errors import InvalidInput, NotFound, TriedTooOften
from opora.core.outbox import Effect

State = Purchase.State
PRICED = (
    *("plan_version_id", "country", "incidents", "has_round_the_clock"),
    *("amount", "tax", "tax_rate", "currency"),
)
DECLINED_TRIES = 10  # an hour and account
ASK_AFTER = timedelta(seconds=30)  # a call takes less; then somebody else looks what came of it


@transaction.atomic
def start_purchase(
    *,
    plan_code: str,
    question: Question,
    draft: UUID | None,
    has_round_the_clock: bool = True,
    by: Account,
    now: datetime,
) -> Purchase:
    """A purchase at today's price, for what is asked in a draft. Nothing is charged.

    What was begun for the draft goes on: the same purchase, priced anew as long as no provider
    knows of it. Raises NothingSold, UnknownPlan, NoSuchWayToPay, NotBuyable (every reason of S12,
    S7.1 and S7.2), AlreadyBought, and PaymentUnderWay if a provider holds a payment for something
    else.
    """
    if not is_anything_sold():
        raise NothingSold
    _lock(by)
    # Open first, bought after it: what is captured between the two looks is seen by the second one.
    purchase = open_purchase_of(by, draft) if draft is not None else None
    if purchase is None and draft is not None and (bought := unused_purchase_of(by, draft)):
        raise AlreadyBought(purchase=bought.public_id.hex)
    offer = _offer(plan_code, question, by)
    is_new = purchase is None
    if purchase is None:
        purchase = Purchase(
            account=by, number=_free_number(), draft=draft, created_at=now, state_at=now
        )
    elif purchase.state not in states.PAYABLE:
        return purchase
    if _take(purchase, offer, by, has_round_the_clock=has_round_the_clock):
        if purchase.has_a_price_there:
            raise PaymentUnderWay
        if is_new:
            purchase.save()
            _record("purchase.started", purchase, by=by, now=now)
        elif _store_price(purchase):
            _record("purchase.priced", purchase, by=by, now=now)
        else:  # another tab has begun to pay it meanwhile
            return locked_purchase(purchase)
    return purchase


@transaction.atomic
def reprice(
    *, purchase: Purchase, has_round_the_clock: bool, by: Account, now: datetime
) -> tuple[Purchase, bool]:
    """The purchase at the price of this moment, and whether that is another one.

    Of a purchase that cannot be paid (any more) nothing changes. If a provider has a payment at the
    old price, or may have one, nothing is stored either: that has to be given up first.
    """
    purchase = locked_purchase(purchase)
    if purchase.state not in states.PAYABLE:
        return purchase, False
    offer = _offer(purchase.plan_version.plan.code, Question(on=today(now)), by)
    if not _take(purchase, offer, by, has_round_the_clock=has_round_the_clock):
        return purchase, False
    if not purchase.has_a_price_there:
        purchase.save()
        _record("purchase.priced", purchase, by=by, now=now)
    return purchase, True


@transaction.atomic
def begin_attempt(
    *,
    purchase: Purchase,
    provider: str,
    amount: int,
    currency: str,
    has_agreed: bool,
    by: Account,
    now: datetime,
) -> Purchase:
    """The last thing before a provider is asked to charge: from here on its word decides (S7.4).

    `amount` and `currency`: what the buyer was shown; never what is charged (PA-05). One attempt at
    a time: whoever presses twice is told that the first is under way (PA-02), and an account whose
    cards are declined again and again waits: nobody tries out cards here. Raises InvalidInput (on
    `agreed`), NoSuchWayToPay, PriceChanged, PaymentUnderWay, AlreadyBought, PurchaseIsOver,
    TriedTooOften.
    """
    purchase = locked_purchase(purchase)
    if purchase.account_id != by.pk:
        raise NotFound
    refuse_unpayable(purchase)
    _refuse_too_many_tries(by, now=now)
    if provider not in providers_for(by) or (purchase.reference and provider != purchase.provider):
        raise NoSuchWayToPay
    if (amount, currency) != (purchase.amount, purchase.currency):
        raise PriceChanged(amount=purchase.amount, currency=purchase.currency)
    if not has_agreed:
        raise InvalidInput.on("agreed", _("Agree to the services agreement before you pay."))
    purchase.provider = provider
    purchase.attempts += 1
    purchase.agreed_at = purchase.called_at = purchase.state_at = now
    purchase.state = State.CALLING
    purchase.decline_code = ""
    purchase.save()
    ask(purchase, at=now, after=ASK_AFTER)
    _record("purchase.attempted", purchase, by=by, now=now, provider=provider)
    return purchase


@transaction.atomic
def end_attempt(*, purchase: Purchase, may_be_charged: bool, now: datetime) -> Purchase:
    """No answer came. Where nothing can have been charged the buyer may try again (F-09); otherwise
    the provider is asked until it is known (F-08)."""
    purchase = locked_purchase(purchase)
    if purchase.state == State.CALLING:
        unpaid = State.DECLINED if purchase.reference else State.CREATED
        purchase.state = State.UNKNOWN if may_be_charged else unpaid
        purchase.state_at = now
        purchase.save(update_fields=["state", "state_at"])
        _record("purchase.unanswered", purchase, by=None, now=now, charged=may_be_charged)
    return purchase


@transaction.atomic
def cancel_purchase(*, purchase: Purchase, by: Account | None, now: datetime) -> Purchase:
    """Give up a purchase that no provider knows of. Again changes nothing; one that a provider has
    is given up there first (`paying.give_up`): PaymentUnderWay."""
    purchase = locked_purchase(purchase)
    if purchase.state == State.CANCELLED:
        return purchase
    if purchase.reference or purchase.state not in states.PAYABLE:
        raise PaymentUnderWay
    purchase.state, purchase.state_at = State.CANCELLED, now
    purchase.save(update_fields=["state", "state_at"])
    _record("purchase.cancelled", purchase, by=by, now=now)
    return purchase


@transaction.atomic
def note_reference(*, purchase: Purchase, reference: str) -> None:
    """Keep what the provider calls the payment; its key finds it too, should this be lost."""
    Purchase.objects.filter(pk=purchase.pk, reference="").update(reference=reference)
    purchase.reference = reference


def declines_key(account_pk: int) -> str:
    """What declined cards of an account are counted under."""
    return f"declined-cards:{account_pk}"


def count_declined(account: Account, *, now: datetime) -> None:
    """One more try of the account's that brought no money."""
    throttle.count([declines_key(account.pk)], now=now)


@transaction.atomic
def ask(purchase: Purchase, *, at: datetime, after: timedelta) -> None:
    """Queue a look at what the provider's books say, in place of one that waits already; part of a
    deed's transaction."""
    key = job_key(purchase)
    outbox.cancel(key=key, kinds=["payment.ask"], at=at)
    outbox.publish(
        Effect(
            "payment.ask",
            key=key,
            payload={"purchase": purchase.pk},
            run_after=at + after,
        ),
        at=at,
    )


def job_key(purchase: Purchase) -> str:
    """What jobs about the purchase are found by."""
    return f"purchase:{purchase.key}"


def refuse_unpayable(purchase: Purchase) -> None:
    """Raises AlreadyBought, PaymentUnderWay or PurchaseIsOver unless Pay may be pressed."""
    if purchase.state == State.CAPTURED:
        raise AlreadyBought(purchase=purchase.public_id.hex)
    if purchase.state == State.CANCELLED:
        raise PurchaseIsOver
    if purchase.state not in states.PAYABLE:
        raise PaymentUnderWay


def locked_purchase(purchase: Purchase) -> Purchase:
    """The purchase as it is now, locked until the transaction ends."""
    return (
        Purchase.objects.locked()
        .select_related("plan_version__plan", "account", "contract")
        .get(pk=purchase.pk)
    )


# --- Pieces ---------------------------------------------------------------------------------------
def _offer(plan_code: str, question: Question, by: Account) -> Offer:
    offer = offer_of(plan_for(plan_code), question, Buyer(kind=by.kind, country=by.country))
    if offer is None:
        raise NothingSold
    if not offer.decision.usable:
        raise NotBuyable.by(offer.decision)
    if not providers_for(by):
        raise NoSuchWayToPay
    return offer


def _take(purchase: Purchase, offer: Offer, by: Account, *, has_round_the_clock: bool) -> bool:
    """Put the offer's facts on the purchase; whether that changed anything."""
    version = offer.plan.current
    if version is None:
        raise NothingSold
    price = offer.price
    # Where it costs nothing more, it comes with the incident.
    with_it = has_round_the_clock or not price.surcharge
    amount = price.total(round_the_clock=with_it)
    facts = {
        "plan_version_id": version.pk,
        "country": by.country,
        "incidents": offer.incidents,
        "has_round_the_clock": with_it,
        "amount": amount,
        "tax": price.tax_in(amount),
        "tax_rate": price.tax_rate,
        "currency": price.currency,
    }
    if purchase.pk and all(getattr(purchase, name) == value for name, value in facts.items()):
        return False
    version.plan = offer.plan
    purchase.plan_version = version
    for name, value in facts.items():
        setattr(purchase, name, value)
    return True


def _refuse_too_many_tries(by: Account, *, now: datetime) -> None:
    """Cards that were declined this hour, and those that were not answered yet: whoever tries out
    many at once is judged one by one."""
    key = declines_key(by.pk)
    throttle.hold([key])
    left = DECLINED_TRIES - Purchase.objects.filter(account=by, state__in=states.UNSETTLED).count()
    wait = throttle.seconds_to_wait([key], limit=max(left, 1), now=now)
    if wait or left < 1:
        raise TriedTooOften(retry_after=wait or int(ASK_AFTER.total_seconds()))


def _store_price(purchase: Purchase) -> bool:
    """Write what `_take` put on it, if it may still be written; nothing else of the row."""
    facts = {name: getattr(purchase, name) for name in PRICED}
    unasked = Purchase.objects.filter(
        pk=purchase.pk, reference="", attempts=0, state__in=states.PAYABLE
    )
    return unasked.update(**facts) == 1


def _lock(account: Account) -> None:
    """One purchase begins at a time for an account: two tabs meet here."""
    Account.objects.locked().get(pk=account.pk)


def _free_number() -> str:
    """Ten digits, the first not zero, that no purchase has; banks take them as a reference."""
    while True:
        number = str(secrets.randbelow(9 * 10**9) + 10**9)
        if not Purchase.objects.filter(number=number).exists():
            return number


def _record(
    code: str, purchase: Purchase, *, by: Account | None, now: datetime, **facts: object
) -> None:
    audit.record(
        code,
        target=("purchase", purchase.key),
        by=by.pk if by else None,
        at=now,
        amount=purchase.amount,
        currency=purchase.currency,
        **facts,
    )
