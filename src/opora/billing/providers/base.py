"""What every payment provider does. It knows no request, session, page or row of ours.

Every call that changes something takes a key, and repeated with that key does nothing more: Opora
asks again after a time-out instead of wondering. Adding one: `docs/how-to/add-a-payment-provider`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class ProviderUnreachable(Exception):
    """No answer: down, or gone silent after the question. Whether it acted is not known."""


class ProviderRefused(Exception):
    """The provider says no to what was asked: `code` is its own."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadNotice(Exception):
    """A notice without a signature that holds, or older than five minutes (WH-05, WH-06)."""


class PaymentState(Enum):
    OPEN = "open"  # nothing is charged; a method may be tried (again)
    ACTION = "action"  # the customer's bank wants to hear from the customer (3-D Secure)
    PENDING = "pending"  # under way; nothing to do but to wait
    CAPTURED = "captured"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Charge:
    """What to charge. `key`: the purchase's, the same for ever. `customer`: as the provider knows
    them, "" for none. Amount in minor units. `origin`: the installation's address, for an account
    at the provider may serve several."""

    key: str
    number: str
    amount: int
    currency: str
    customer: str
    description: str
    origin: str = ""


@dataclass(frozen=True)
class Card:
    """A card as it may be shown. `reference` is the provider's name of it, "" if it is not kept."""

    reference: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int
    is_default: bool = False


@dataclass(frozen=True)
class RefundSeen:
    """A refund in the provider's books. `state`: "done", "pending" or "refused". `key`: the one it
    was asked with, "" if it was made elsewhere."""

    reference: str
    amount: int
    state: str
    key: str = ""


@dataclass(frozen=True)
class DisputeSeen:
    """A charge-back in the provider's books. `state`: "open", "won" or "lost"."""

    reference: str
    amount: int
    reason: str
    state: str
    opened_at: datetime


@dataclass(frozen=True)
class Payment:
    """A payment as the provider's books have it now.

    `key` and `origin` are those of the charge it was opened for. `captured` and `refunded` (also
    what is still on its way) in minor units.
    `decline_code`: why the last try failed, in Opora's words (`billing.declines`), "" if none did.
    `action`: what the page's script needs to go on with ACTION; secret, never stored.
    """

    reference: str
    key: str
    state: PaymentState
    amount: int
    currency: str
    captured: int = 0
    refunded: int = 0
    decline_code: str = ""
    card: Card | None = None
    action: str = ""
    refunds: tuple[RefundSeen, ...] = ()
    disputes: tuple[DisputeSeen, ...] = ()
    origin: str = ""

    @property
    def kept(self) -> int:
        """What was charged and did not go back."""
        return self.captured - self.refunded

    @property
    def gone_back(self) -> int:
        """What went back and has arrived; `refunds` have to be there."""
        return self.refunded - sum(one.amount for one in self.refunds if one.state == "pending")


@dataclass(frozen=True)
class Moved:
    """A refund or a charge-back, whichever is there, of the payment of that reference."""

    payment: str
    refund: RefundSeen | None = None
    dispute: DisputeSeen | None = None


@dataclass(frozen=True)
class NoticeSeen:
    """A signed notice, read. `reference`: of the payment it is about, "" for anything else."""

    event: str
    kind: str
    reference: str


class PaymentProvider(Protocol):
    """Moves money. All methods but `slug`, `has_cards` and `read_notice` go over the network and
    raise ProviderUnreachable."""

    slug: str
    has_cards: bool  # whether cards are typed in and may be kept

    def customer(self, *, account: str, email: str, key: str) -> str:
        """The provider's name for an account (a public id); the same `key` gives the same one."""
        ...

    def open(self, charge: Charge) -> Payment:
        """The payment for a charge; nothing is charged yet. Again with its key: the same one."""
        ...

    def pay(self, reference: str, *, method: str, keep_card: bool, key: str) -> Payment:
        """Try to charge by `method`: a card's reference, or what the page's script made of a typed
        one. A declined try is no exception: see `state` and `decline_code`."""
        ...

    def look(self, reference: str) -> Payment:
        """The payment as it is now, with its refunds and disputes. ProviderRefused("missing") if
        there is none."""
        ...

    def cancel(self, reference: str) -> Payment:
        """See to it that nobody can charge it any more; one that was captured stays captured."""
        ...

    def refund(self, reference: str, *, amount: int, key: str) -> RefundSeen:
        """Send money back. ProviderRefused if it cannot be."""
        ...

    def since(self, moment: datetime) -> Iterator[Payment]:
        """Payments opened since `moment`, in any order, for reconciliation. `refunds` and
        `disputes` may be missing in these."""
        ...

    def moved_since(self, moment: datetime) -> Iterator[Moved]:
        """Refunds and charge-backs that began since `moment`, however old their payments are, in
        any order, as they are now. Payments that are none of Opora's may be among them."""
        ...

    def cards(self, customer: str) -> list[Card]:
        """The cards kept for a customer."""
        ...

    def set_default_card(self, customer: str, card: str) -> None:
        """Offer this one first. ProviderRefused("missing") if it is not the customer's."""
        ...

    def forget_card(self, customer: str, card: str) -> None:
        """Keep it no longer; again does nothing. ProviderRefused("missing") if it is not theirs."""
        ...

    def read_notice(
        self, *, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> NoticeSeen | None:
        """A notice whose signature holds, None if it is of no interest. Raises BadNotice."""
        ...
