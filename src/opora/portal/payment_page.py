"""What the page of a purchase shows: the price, the ways to pay it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings

from opora.accounts.models import Account
from opora.billing import states
from opora.billing.declines import Decline, decline_of
from opora.billing.models import Paper, ProviderCustomer, Purchase
from opora.billing.providers.base import Card, ProviderRefused, ProviderUnreachable
from opora.billing.providers.registry import provider_named, providers_for
from opora.billing.providers.stripe_amounts import for_stripe
from opora.billing.queries.papers import papers_of
from opora.billing.transfers import transfer_code
from opora.cases.queries import draft_for
from opora.contracts.terms import Price, Terms, ends_on
from opora.core.days import today
from opora.core.errors import NotFound
from opora.web.pictures import qr_picture

NEW_CARD = "new"
CARD = "card"  # `card:REFERENCE`
# The customer's bank is shown in a frame of the first; card fields may be moved below the second.
STRIPE_FRAMES = ("https://hooks.stripe.com", "https://*.js.stripe.com")


@dataclass
class PaymentPage:
    """`problems`: sentences by field, "" for the whole. `chosen`: the way to pay that is ticked."""

    purchase: Purchase
    price: Price | None
    would_end_on: date
    ways: list[str]
    card_way: str = ""  # the provider that takes cards, "" for none
    cards: list[Card] = field(default_factory=list)
    are_cards_hidden: bool = False  # the provider did not say which cards it keeps
    chosen: str = ""
    keeps_card: bool = False
    has_round_the_clock: bool = False
    action: str = ""
    asks_at_once: bool = False  # the bank's question opens by itself
    problems: dict[str, str] = field(default_factory=dict)
    agreement: str = ""
    bank_account: str = ""
    papers: list[Paper] = field(default_factory=list)
    request: str = ""  # the one it was begun for: `open`, `submitted`, "" if it is gone

    @property
    def is_payable(self) -> bool:
        return self.purchase.state in states.PAYABLE

    @property
    def is_waited_for(self) -> bool:
        """A provider has the last word; the page looks again by itself."""
        return self.purchase.state in states.UNSETTLED and not self.action

    @property
    def declined(self) -> Decline | None:
        return decline_of(self.purchase.decline_code) if self.purchase.decline_code else None

    @property
    def without_tax(self) -> int:
        return self.purchase.amount - self.purchase.tax

    @property
    def surcharge(self) -> int:
        """What round-the-clock support costs more; 0: nothing, it comes with the incident."""
        return self.price.surcharge if self.price else 0

    @property
    def transfer_picture(self) -> str:
        """What the app of the buyer's bank reads the transfer from; "" where it could not."""
        code = transfer_code(
            account=self.bank_account,
            holder=settings.VENDOR_NAME,
            amount=self.purchase.amount,
            currency=self.purchase.currency,
            reference=self.purchase.number,
        )
        return qr_picture(code) if code else ""

    @property
    def needs_script(self) -> bool:
        """Whether a processor's script is on the page: for card fields, or for the bank's
        question."""
        return bool(self.card_way) and (self.is_payable or bool(self.action))

    @property
    def processor_origins(self) -> tuple[str, ...]:
        if not self.needs_script:
            return ()
        own = (settings.STRIPE["script"], settings.STRIPE["api"])
        return (*dict.fromkeys(own), *STRIPE_FRAMES)

    @property
    def script(self) -> str:
        """Of the release that goes with `billing.providers.stripe.API_VERSION`."""
        return f"{settings.STRIPE['script']}/endive/stripe.js"

    @property
    def script_amount(self) -> int:
        """What will be charged, as the processor's script counts it."""
        try:
            return for_stripe(self.purchase.amount, self.purchase.currency)
        except ProviderRefused:  # paying will be, too
            return self.purchase.amount

    @property
    def publishable_key(self) -> str:
        return str(settings.STRIPE["publishable_key"])


def way_of(method: str, account: Account) -> str:
    """The provider that a chosen way to pay belongs to, "" if this account has no such way."""
    cards = _card_way(account)
    if method == NEW_CARD or method.startswith(f"{CARD}:"):
        return cards
    return method if method in providers_for(account) and method != cards else ""


def read_payment_page(
    purchase: Purchase,
    account: Account,
    *,
    now: datetime,
    action: str,
    asks_at_once: bool,
    posted: Mapping[str, str],
    problems: dict[str, str],
) -> PaymentPage:
    """The page of the account's own purchase. Where it can be paid by card the provider is asked
    which cards it keeps; one that does not answer only hides them."""
    terms = Terms.read(purchase.plan_version.terms)
    page = PaymentPage(
        purchase=purchase,
        price=terms.price_in(purchase.country),
        would_end_on=ends_on(today(now), terms),
        ways=providers_for(account),
        action=action,
        asks_at_once=asks_at_once,
        problems=problems,
        agreement=settings.SERVICES_AGREEMENT,
        bank_account=settings.BANK_ACCOUNT,
        keeps_card=posted.get("keep_card") == "on",
        has_round_the_clock=purchase.has_round_the_clock,
    )
    page.card_way = _card_way(account)
    if page.is_payable and page.card_way:
        _read_cards(page, account)
    if purchase.state == states.CAPTURED:
        page.papers = papers_of(purchase)
    page.request = _request_of(purchase, account)
    page.chosen = posted.get("method", "") or _first_choice(page)
    return page


def _request_of(purchase: Purchase, account: Account) -> str:
    try:
        draft = draft_for(account, purchase.draft.hex) if purchase.draft else None
    except NotFound:
        return ""
    if draft is None:
        return ""
    return "open" if draft.case_id is None else "submitted"


def _read_cards(page: PaymentPage, account: Account) -> None:
    known = ProviderCustomer.objects.filter(account=account, provider=page.card_way).first()
    if known is None:
        return
    try:
        page.cards = provider_named(page.card_way).cards(known.reference)
    except ProviderUnreachable:
        page.are_cards_hidden = True


def _first_choice(page: PaymentPage) -> str:
    if page.cards:
        preferred = next((card for card in page.cards if card.is_default), page.cards[0])
        return f"{CARD}:{preferred.reference}"
    return NEW_CARD if page.card_way else next(iter(page.ways), "")


def _card_way(account: Account) -> str:
    ways = providers_for(account)
    return next((slug for slug in ways if provider_named(slug).has_cards), "")
