"""What may be refunded, and who has to agree. Pure.

Unused incidents are refunded at their share of the price. Money for incidents that are used, or
more than their share, needs a reason other than `unused`. A whole refund takes every unused
incident back; a contract that is over has none to take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

UNUSED = "unused"
ELSEWHERE = "elsewhere"  # made at the provider's own desk; nobody of ours chooses it

REASONS: dict[str, Promise] = {
    UNUSED: pgettext_lazy("why refunded", "Incidents were not used"),
    "withdrawn_by_customer": pgettext_lazy("why refunded", "The buyer withdrew from the purchase"),
    "duplicate": pgettext_lazy("why refunded", "Bought twice"),
    "fault_of_ours": pgettext_lazy("why refunded", "We were at fault"),
    "goodwill": pgettext_lazy("why refunded", "Goodwill"),
    ELSEWHERE: pgettext_lazy("why refunded", "Made at the payment provider"),
}
CHOICES = tuple(code for code in REASONS if code != ELSEWHERE)


class Problem(Enum):
    """Why a refund cannot be made as it is wanted."""

    NOT_PAID = "not_paid"
    DISPUTED = "disputed"
    UNDER_WAY = "under_way"
    NOTHING_LEFT = "nothing_left"
    TOO_MUCH = "too_much"
    TOO_FEW_UNUSED = "too_few_unused"
    TAKES_ALL = "takes_all"
    NEEDS_REASON = "needs_reason"


@dataclass(frozen=True)
class Refundable:
    """Where a purchase stands. Amounts in minor units.

    `pack`: incidents bought. `unused`: what can be taken back now, 0 on a contract that is over.
    `taken`: incidents that were taken back for money. `is_disputed`: a charge-back is open or lost.
    `elsewhere`: what was refunded at the provider's own desk; `charged_back`: what was lost to the
    buyer's bank; `taken_for_these`: incidents that were taken back afterwards for either.
    """

    amount: int
    refunded: int
    pack: int
    unused: int
    taken: int
    is_paid: bool = True
    is_disputed: bool = False
    is_under_way: bool = False
    elsewhere: int = 0
    charged_back: int = 0
    taken_for_these: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.refunded if self.is_paid else 0

    @property
    def is_all_gone(self) -> bool:
        """Whether nothing of what was paid is with the vendor any more."""
        return self.is_paid and self.refunded + self.charged_back >= self.amount


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to send back, and how many incidents to take for it first."""

    amount: int
    incidents: int
    reason: str


def price_of(incidents: int, standing: Refundable) -> int:
    """What so many incidents cost: n of the pack's price, rounded down, never more than is left.
    With the pack's last ones goes what rounding left over."""
    if incidents and standing.taken + incidents >= standing.pack:
        return standing.left
    return min(standing.amount * incidents // standing.pack, standing.left)


def due_back(standing: Refundable) -> int:
    """How many unused incidents the buyer has without their price, because money went back past
    Opora: all of them where all of it is gone, otherwise those that so much money buys."""
    went = standing.elsewhere + standing.charged_back
    if not went:
        return 0
    if standing.is_all_gone:
        return standing.unused
    bought = went * standing.pack // standing.amount - standing.taken_for_these
    return max(0, min(bought, standing.unused))


def whole(standing: Refundable) -> tuple[int, int]:
    """(amount, incidents) of refunding all that is left."""
    return standing.left, standing.unused


def what_stands_against(standing: Refundable) -> Problem | None:
    """Why nothing at all can be refunded now; None if something can."""
    if not standing.is_paid:
        return Problem.NOT_PAID
    if standing.is_disputed:
        return Problem.DISPUTED
    if standing.is_under_way:
        return Problem.UNDER_WAY
    return None if standing.left else Problem.NOTHING_LEFT


def problem_with(wanted: Wanted, standing: Refundable) -> Problem | None:
    """The first thing that stands against the refund; None if it may be made."""
    if wanted.amount < 1 or wanted.incidents < 0 or wanted.reason not in CHOICES:
        raise ValueError("a refund of nothing, or for no reason")
    if problem := what_stands_against(standing):
        return problem
    if wanted.amount > standing.left:
        return Problem.TOO_MUCH
    if wanted.incidents > standing.unused:
        return Problem.TOO_FEW_UNUSED
    if wanted.amount == standing.left and wanted.incidents != standing.unused:
        return Problem.TAKES_ALL
    if wanted.reason == UNUSED and wanted.amount > price_of(wanted.incidents, standing):
        return Problem.NEEDS_REASON
    return None


def limits_read(text: str) -> dict[str, int]:
    """The setting OPORA_REFUND_LIMITS, `CZK 5000, EUR 200`, as whole units by currency."""
    parts = (part.split() for part in text.split(",") if part.strip())
    return {currency: int(amount) for currency, amount in parts}


def needs_second_person(
    refunded_after: int, currency: str, digits: int, limits: Mapping[str, int]
) -> bool:
    """Whether two people have to want it. `refunded_after`: all that will have gone back for the
    purchase, so that a large refund cannot be made as many small ones; `digits`: decimals of the
    currency. A currency without a limit always needs the second person."""
    return currency not in limits or refunded_after > limits[currency] * 10**digits
