"""The demo's purchases: paid at the stand-in for Stripe or by transfer, by real deeds, in the past.

Declined and tried again, refunded by one person and by two, charged back: what administrators look
after. `opora verify` and the nightly comparison find nothing to say about them.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from opora.accounts.models import Account
from opora.billing import paying
from opora.billing.actions.flags import look_after
from opora.billing.actions.outside import confirm_outside_payment
from opora.billing.actions.refunds import consent_to_refund, request_refund, withdraw_refund
from opora.billing.actions.sending_back import carry_out_refund
from opora.billing.actions.settling import settle
from opora.billing.models import Purchase, Refund
from opora.billing.providers.registry import provider_named
from opora.billing.refunds import Wanted
from opora.cli.demo.card_processor.processor import Processor
from opora.cli.demo.people import People
from opora.contracts.eligibility import Question
from opora.core.days import today
from opora.core.ids import new_public_id
from opora.core.models import Job

GOOD, OTHER, POOR = (
    "pm_card_visa",
    "pm_card_mastercard",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
)
EXPIRED, ASKS = "pm_card_chargeDeclinedExpiredCard", "pm_card_threeDSecure2Required"
COUNTRIES = ("CZ", "SK", "DE", "AT")


@dataclass(frozen=True)
class Sale:
    """What somebody bought so many days ago, the cards they tried (none: a bank transfer), and what
    came of it."""

    days: int
    plan: str
    cards: tuple[str, ...]
    then: str = ""


SALES = (
    Sale(310, "ppi-1", (GOOD,)),
    Sale(265, "ppi-5", (OTHER,)),
    Sale(221, "ppi-1", (POOR, GOOD)),
    Sale(188, "ppi-1", (GOOD,), "charged back and won"),
    Sale(140, "ppi-5", (GOOD,), "refunded by two"),
    Sale(117, "ppi-1", (OTHER,)),
    Sale(95, "ppi-1", (GOOD,), "refunded in part"),
    Sale(71, "ppi-1", (EXPIRED,), "given up"),
    Sale(64, "ppi-5", (), "confirmed"),
    Sale(52, "ppi-1", (GOOD,)),
    Sale(40, "ppi-5", (OTHER,)),
    Sale(33, "ppi-1", (GOOD,), "withdrawn"),
    Sale(21, "ppi-5", (GOOD,)),
    Sale(16, "ppi-1", (POOR, EXPIRED, OTHER)),
    Sale(11, "ppi-1", (GOOD,), "refunded elsewhere"),
    Sale(9, "ppi-1", (ASKS,), "given up"),
    Sale(6, "ppi-5", (OTHER,), "charged back"),
    Sale(4, "ppi-1", (GOOD,), "waits for consent"),
    Sale(3, "ppi-1", (GOOD,)),
    Sale(2, "ppi-5", (OTHER,), "waits for consent"),
    Sale(2, "ppi-1", ()),
    Sale(0, "ppi-1", (POOR,)),
)
PAID = sum(sale.then == "confirmed" or sale.cards[-1:] in ((GOOD,), (OTHER,)) for sale in SALES)
VISITORS = (40, 52)  # the days of what the visitor with a personal account bought


@dataclass
class Story:
    """The sales in the order of their instants, each deed at its own."""

    random: Random
    people: People
    processor: Processor
    at: datetime
    waiting: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    ticket: Iterator[int] = field(default_factory=count)

    def later(self, do: Callable[[], None], **delay: float) -> None:
        heapq.heappush(self.waiting, (self.at + timedelta(**delay), next(self.ticket), do))

    def tell(self) -> None:
        while self.waiting:
            self.at, _ticket, do = heapq.heappop(self.waiting)
            do()

    def clock(self) -> datetime:
        return self.at

    # --- A sale ---
    def begin(self, sale: Sale, buyer: Account) -> None:
        purchase = paying.begin(
            plan_code=sale.plan,
            question=Question(on=today(self.at)),
            draft=new_public_id(),
            by=buyer,
            now=self.at,
        )
        for place in range(len(sale.cards) or 1):
            self.later(partial(self.pay, sale, purchase, place), minutes=2 + 3 * place)

    def pay(self, sale: Sale, purchase: Purchase, tried: int) -> None:
        wish = paying.Wish(
            provider="stripe" if sale.cards else "outside",
            method=self._typed(sale.cards[tried]) if sale.cards else "",
            keeps_card=False,
            amount=purchase.amount,
            currency=purchase.currency,
            has_round_the_clock=True,
            has_agreed=True,
        )
        paid = paying.pay(
            purchase=purchase, wish=wish, by=purchase.account, clock=self.clock
        ).purchase
        if tried >= len(sale.cards) - 1 and sale.then:
            AFTERWARDS[sale.then](self, paid)

    def give_up(self, purchase: Purchase) -> None:
        self.later(
            lambda: _nothing(paying.give_up(purchase=purchase, by=None, now=self.at)), minutes=25
        )

    # --- What came of it ---
    def confirm(self, purchase: Purchase) -> None:
        def confirm() -> None:
            confirm_outside_payment(purchase=purchase, by=self._first, now=self.at)

        self.later(confirm, days=2, hours=4)

    def refund_in_part(self, purchase: Purchase) -> None:
        def refund() -> None:
            wanted = Wanted(purchase.amount // 10, 0, "goodwill")
            made = self._ask(purchase, wanted)
            carry_out_refund(made.pk, self.at)

        self.later(refund, days=3)

    def refund_by_two(self, purchase: Purchase) -> None:
        def consent() -> None:
            refund = consent_to_refund(refund=asked[0], by=self._second, now=self.at)
            carry_out_refund(refund.pk, self.at)

        asked: list[Refund] = []
        self.later(lambda: asked.append(self._ask_whole(purchase)), days=2)
        self.later(consent, days=2, hours=5)

    def wait(self, purchase: Purchase) -> None:
        self.later(lambda: _nothing(self._ask_whole(purchase)), hours=22)

    def withdraw(self, purchase: Purchase) -> None:
        asked: list[Refund] = []
        self.later(lambda: asked.append(self._ask_whole(purchase)), days=1)
        self.later(
            lambda: _nothing(withdraw_refund(refund=asked[0], by=self._second, now=self.at)),
            days=1,
            hours=2,
        )

    def refund_elsewhere(self, purchase: Purchase) -> None:
        def refund() -> None:
            self.processor.refund_elsewhere(purchase.reference, purchase.amount)
            self._look(purchase)

        self.later(refund, days=4)

    def charge_back(self, purchase: Purchase) -> None:
        def dispute() -> None:
            self.processor.dispute(purchase.reference, amount=purchase.amount)
            self._look(purchase)

        self.later(dispute, days=5)

    def charge_back_and_win(self, purchase: Purchase) -> None:
        def dispute() -> None:
            names.append(self.processor.dispute(purchase.reference, amount=purchase.amount))
            self._look(purchase)

        def win() -> None:
            self.processor.close_dispute(names[0], won=True)
            self._look(purchase)

        def look() -> None:
            flagged = Purchase.objects.get(pk=purchase.pk)
            if flagged.flagged_at is not None:
                look_after(purchase=flagged, seen=flagged.flagged_at, by=self._first, now=self.at)

        names: list[str] = []
        self.later(dispute, days=12)
        self.later(win, days=40)
        self.later(look, days=41)

    # --- Pieces ---
    @property
    def _first(self) -> Account:
        return self.people.administrators[0]

    @property
    def _second(self) -> Account:
        return self.people.administrators[1]

    def _ask_whole(self, purchase: Purchase) -> Refund:
        return self._ask(
            purchase, Wanted(purchase.amount, purchase.incidents, "withdrawn_by_customer")
        )

    def _ask(self, purchase: Purchase, wanted: Wanted) -> Refund:
        return request_refund(
            purchase=purchase, wanted=wanted, key=new_public_id(), by=self._first, now=self.at
        )

    def _look(self, purchase: Purchase) -> None:
        """What happened at the processor becomes ours."""
        payment = provider_named("stripe").look(purchase.reference)
        settle(purchase_pk=purchase.pk, payment=payment, now=self.at)

    def _typed(self, card: str) -> str:
        """What the page's script makes of a typed card."""
        path = "/v1/test_helpers/confirmation_tokens"
        _status, made = self.processor.answer("POST", path, {"payment_method": card}, "")
        return str(made["id"])


AFTERWARDS: dict[str, Callable[[Story, Purchase], None]] = {
    "charged back": Story.charge_back,
    "charged back and won": Story.charge_back_and_win,
    "confirmed": Story.confirm,
    "given up": Story.give_up,
    "refunded by two": Story.refund_by_two,
    "refunded elsewhere": Story.refund_elsewhere,
    "refunded in part": Story.refund_in_part,
    "waits for consent": Story.wait,
    "withdrawn": Story.withdraw,
}


def build(random: Random, people: People, processor: Processor, *, now: datetime) -> None:
    """Let the sales happen. The settings lead to the processor, and nobody else is served yet."""
    story = Story(random, people, processor, at=now)
    buyers = [
        account
        for account in people.customers
        if account.kind == Account.Kind.PERSONAL and account.country in COUNTRIES
    ]
    for sale in SALES:
        buyer = people.personal if sale.days in VISITORS else random.choice(buyers)
        story.later(
            partial(story.begin, sale, buyer),
            days=-sale.days,
            minutes=-random.randint(30, 600),
        )
    with _behind_the_scenes(processor, story.clock):
        story.tell()
    # Asked, mailed and selected long ago.
    Job.objects.filter(kind__regex=r"^(payment|purchase|mail\.purchase)").delete()


@contextmanager
def _behind_the_scenes(processor: Processor, clock: Callable[[], datetime]) -> Iterator[None]:
    """The processor lives in the story's time, and no alarm of the past is sounded."""
    log = logging.getLogger("opora.billing")
    kept, level = processor.books.clock, log.level
    processor.books.clock = lambda: clock().timestamp()
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        processor.books.clock = kept
        log.setLevel(level)


def _nothing(_done: object) -> None:
    """For deeds whose answer nobody needs."""
