"""Paying, from end to end: deeds in short transactions, and calls to the provider between them.

Nothing here holds a transaction while it speaks over the network. Wherever it is cut off, what was
stored before is enough for `look_after` to find out from the provider what came of it: a purchase
is one payment, known by one key, and is charged once at most (PA-02, F-08).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from opora.accounts.models import Account
from opora.billing import states
from opora.billing.actions.customers import keep_customer
from opora.billing.actions.purchasing import (
    ask,
    begin_attempt,
    cancel_purchase,
    count_declined,
    end_attempt,
    note_reference,
    refuse_unpayable,
    reprice,
    start_purchase,
)
from opora.billing.actions.settling import QUIET, settle
from opora.billing.errors import (
    NoSuchCard,
    NotBuyable,
    NothingSold,
    PaymentsUnavailable,
    PaymentUnderWay,
    PriceChanged,
)
from opora.billing.models import ProviderCustomer, Purchase
from opora.billing.providers.base import (
    Charge,
    Payment,
    PaymentProvider,
    ProviderRefused,
    ProviderUnreachable,
)
from opora.billing.providers.registry import provider_named
from opora.billing.queries import open_purchase_of
from opora.contracts.eligibility import Question
from opora.core import installation
from opora.core.days import today

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
ACTION_WAITS = timedelta(minutes=20)  # for a customer whose bank asks (3-D Secure), then it is over
SOON, LATER = timedelta(seconds=30), timedelta(minutes=5)
RESOLVED_WITHIN = timedelta(minutes=10)  # F-08


@dataclass(frozen=True)
class Wish:
    """How somebody wants to pay. `method`: a kept card's reference, or what the page's script made
    of a typed one; "" where the way has no cards. `amount` and `currency`: what they were shown."""

    provider: str
    method: str
    keeps_card: bool
    amount: int
    currency: str
    has_round_the_clock: bool
    has_agreed: bool


@dataclass(frozen=True)
class Paid:
    """A purchase after a step. `action`: what the page's script needs where the customer's bank
    wants to hear from them (3-D Secure); secret, never stored."""

    purchase: Purchase
    action: str = ""


def begin(
    *, plan_code: str, question: Question, draft: UUID | None, by: Account, now: datetime
) -> Purchase:
    """Start a purchase for a draft, giving up first what was begun there and does not fit any more.
    Raises what `start_purchase` raises, and PaymentsUnavailable."""
    other = open_purchase_of(by, draft) if draft is not None else None
    has_begun = other is not None and other.has_a_price_there and other.state in states.PAYABLE
    if other and has_begun and not _goes_on(other, plan_code, by=by, now=now):
        give_up(purchase=other, by=by, now=now)
    return start_purchase(plan_code=plan_code, question=question, draft=draft, by=by, now=now)


def pay(*, purchase: Purchase, wish: Wish, by: Account, clock: Clock) -> Paid:
    """Try to pay once. What comes of it stands on the purchase: captured, declined with a code,
    waiting for the customer's bank (`action`) or the vendor, or unknown, which is asked until it is
    known.

    Raises what `begin_attempt` raises, PriceChanged when the price is another one than was shown,
    NoSuchCard, and PaymentsUnavailable when nothing was charged because nobody answered.
    """
    _refuse_held()
    purchase = _at_todays_price(purchase, wish, by=by, now=clock())
    if (purchase.amount, purchase.currency) != (wish.amount, wish.currency):
        raise PriceChanged(amount=purchase.amount, currency=purchase.currency)
    provider = provider_named(wish.provider)
    purchase = begin_attempt(
        purchase=purchase,
        provider=wish.provider,
        amount=wish.amount,
        currency=wish.currency,
        has_agreed=wish.has_agreed,
        by=by,
        now=clock(),
    )
    try:
        _open(purchase, provider, by, clock=clock)
    except (ProviderUnreachable, ProviderRefused) as error:
        if isinstance(error, ProviderRefused):
            log.exception("purchase %s could not be opened", purchase.number)
        end_attempt(purchase=purchase, may_be_charged=False, now=clock())
        raise PaymentsUnavailable from None
    try:
        payment = provider.pay(
            purchase.reference,
            method=wish.method,
            keep_card=wish.keeps_card,
            key=f"{purchase.key}:{purchase.attempts}",
        )
    except ProviderUnreachable:
        return Paid(end_attempt(purchase=purchase, may_be_charged=True, now=clock()))
    except ProviderRefused as refused:
        if refused.code == "missing":
            end_attempt(purchase=purchase, may_be_charged=False, now=clock())
            raise NoSuchCard from None
        # Its state did not allow a charge (another tab was quicker), or what was typed can be used
        # no more: this try is over, and the books say what holds.
        return look_after(purchase=purchase, clock=clock, attempt=purchase.attempts)
    settled = settle(
        purchase_pk=purchase.pk, payment=payment, attempt=purchase.attempts, now=clock()
    )
    return Paid(settled, payment.action)


def look_after(*, purchase: Purchase, clock: Clock, attempt: int | None = None) -> Paid:
    """Ask the provider what became of a purchase and take it over; safe at any time. `attempt`: the
    number of a try that is known to be over.

    While nobody answers, everything stays as it is. A customer whose bank asked and who never came
    back is given up after a while, so that nothing can be charged unawares.
    """
    if not purchase.provider or installation.is_held():
        return Paid(purchase)
    provider = provider_named(purchase.provider)
    try:
        payment = _payment_of(purchase, provider)
    except ProviderUnreachable:
        return Paid(purchase)
    except ProviderRefused:
        log.exception("the books have no payment for purchase %s", purchase.number)
        return Paid(purchase)
    if payment is None:
        is_over = purchase.called_at is None or purchase.called_at <= clock() - QUIET
        return Paid(
            end_attempt(purchase=purchase, may_be_charged=False, now=clock())
            if is_over
            else purchase
        )
    settled = settle(purchase_pk=purchase.pk, payment=payment, attempt=attempt, now=clock())
    return Paid(settled, payment.action)


def seen(*, purchase: Purchase) -> Paid:
    """The purchase as it stands; with `action` where the customer's bank waits for them. Changes
    nothing; a provider that does not answer leaves that out."""
    return Paid(purchase, _action_of(purchase))


def another_way(*, purchase: Purchase, by: Account, now: datetime) -> Purchase:
    """A buyer does not answer their bank and pays by other means: what was begun is given up, and
    the same is bought anew, unless it was paid after all. Counts as a declined try, for whoever
    tries out cards would come this way. Raises what `give_up` and `start_purchase` raise."""
    over = give_up(purchase=purchase, by=by, now=now)
    if over.state != Purchase.State.CANCELLED:
        return over
    count_declined(by, now=now)
    return _anew(over, has_round_the_clock=over.has_round_the_clock, by=by, now=now)


def ask_again(*, purchase: Purchase, clock: Clock) -> Purchase:
    """The timer's look at a purchase whose end is not known; it comes again until it is."""
    if purchase.state not in states.UNSETTLED or purchase.called_at is None:
        return purchase
    paid = look_after(purchase=purchase, clock=clock)
    purchase, now = paid.purchase, clock()
    since = now - (purchase.called_at or now)
    if purchase.state == Purchase.State.CALLING and paid.action and since >= ACTION_WAITS:
        with suppress(PaymentsUnavailable):
            purchase = give_up(purchase=purchase, by=None, now=now)
    if purchase.state in states.UNSETTLED:
        ask(purchase, at=now, after=SOON if since < RESOLVED_WITHIN else LATER)
    return purchase


def give_up(*, purchase: Purchase, by: Account | None, now: datetime) -> Purchase:
    """See to it that a purchase can never be charged any more, unless it was already: then it is
    captured, and that stays. Raises PaymentsUnavailable; PaymentUnderWay for a buyer while it is
    being asked for, other than by their bank of themselves."""
    if purchase.state in (Purchase.State.CAPTURED, Purchase.State.CANCELLED):
        return purchase
    if not purchase.reference:
        return cancel_purchase(purchase=purchase, by=by, now=now)
    if by is not None and purchase.state in states.UNSETTLED and not _action_of(purchase):
        raise PaymentUnderWay
    _refuse_held()
    try:
        payment = provider_named(purchase.provider).cancel(purchase.reference)
    except (ProviderUnreachable, ProviderRefused) as error:
        if isinstance(error, ProviderRefused):
            log.exception("purchase %s could not be given up", purchase.number)
        raise PaymentsUnavailable from None
    return settle(purchase_pk=purchase.pk, payment=payment, now=now)


# --- Pieces ---------------------------------------------------------------------------------------
def _goes_on(purchase: Purchase, plan_code: str, *, by: Account, now: datetime) -> bool:
    """Whether what a provider already has a payment for is what is wanted, at the price of now."""
    if purchase.plan_version.plan.code != plan_code:
        return False
    try:
        _purchase, differs = reprice(
            purchase=purchase, has_round_the_clock=purchase.has_round_the_clock, by=by, now=now
        )
    except (NotBuyable, NothingSold):  # not any more
        return False
    return not differs


def _refuse_held() -> None:
    """A restored copy charges nobody before it is released: it may be one to look at only."""
    if installation.is_held():
        raise PaymentsUnavailable


def _at_todays_price(purchase: Purchase, wish: Wish, *, by: Account, now: datetime) -> Purchase:
    """The purchase to pay: this one at the price of now; where a provider has a payment, or may,
    that does not fit (another amount, another way), a fresh one after that was given up."""
    priced, differs = reprice(
        purchase=purchase, has_round_the_clock=wish.has_round_the_clock, by=by, now=now
    )
    refuse_unpayable(priced)
    other_way = priced.has_a_price_there and priced.provider != wish.provider
    if not priced.has_a_price_there or not (differs or other_way):
        return priced
    over = give_up(purchase=priced, by=by, now=now)
    if over.state != Purchase.State.CANCELLED:
        refuse_unpayable(over)
    return _anew(priced, has_round_the_clock=wish.has_round_the_clock, by=by, now=now)


def _anew(over: Purchase, *, has_round_the_clock: bool, by: Account, now: datetime) -> Purchase:
    """The same bought again, as a payment of its own."""
    return start_purchase(
        plan_code=over.plan_version.plan.code,
        question=Question(on=today(now)),
        draft=over.draft,
        has_round_the_clock=has_round_the_clock,
        by=by,
        now=now,
    )


def _action_of(purchase: Purchase) -> str:
    """What `Paid.action` is now, from the provider; "" also where it does not answer, and on a
    restored copy before it is released, which asks no provider anything."""
    if purchase.state not in states.UNSETTLED or not purchase.reference or installation.is_held():
        return ""
    try:
        return provider_named(purchase.provider).look(purchase.reference).action
    except (ProviderUnreachable, ProviderRefused):
        return ""


def _open(purchase: Purchase, provider: PaymentProvider, by: Account, *, clock: Clock) -> None:
    """Have the payment at the provider, unpaid; the same one in every try."""
    if purchase.reference:
        return
    customer = _customer(provider, by, clock=clock) if provider.has_cards else ""
    payment = provider.open(charge_of(purchase, customer))
    note_reference(purchase=purchase, reference=payment.reference)


def _customer(provider: PaymentProvider, account: Account, *, clock: Clock) -> str:
    known = ProviderCustomer.objects.filter(account=account, provider=provider.slug).first()
    if known is not None:
        return known.reference
    key = account.public_id.hex
    reference = provider.customer(account=key, email=account.email, key=f"customer:{key}")
    return keep_customer(
        account=account, provider=provider.slug, reference=reference, now=clock()
    ).reference


def _payment_of(purchase: Purchase, provider: PaymentProvider) -> Payment | None:
    """The payment in the provider's books. Where its name was lost on the way it is found by its
    key: opened again, with the same body, it is the same one. None: it was never opened, for the
    customer is known before anything is."""
    if purchase.reference:
        return provider.look(purchase.reference)
    known = ProviderCustomer.objects.filter(
        account_id=purchase.account_id, provider=provider.slug
    ).first()
    if known is None and provider.has_cards:
        return None
    opened = provider.open(charge_of(purchase, known.reference if known else ""))
    return provider.look(opened.reference)


def charge_of(purchase: Purchase, customer: str) -> Charge:
    """What a provider is asked to charge; the same for a purchase whenever it is asked, so that its
    key always comes with one and the same body."""
    return Charge(
        key=purchase.key,
        number=purchase.number,
        amount=purchase.amount,
        currency=purchase.currency,
        customer=customer,
        description=f"{purchase.plan_version.plan.code} {purchase.number}",
        origin=settings.PUBLIC_URL,
    )
