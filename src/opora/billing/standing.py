"""How a purchase stands, in one word for people: its state, its refunds and charge-backs. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from opora.billing import states


class Standing(StrEnum):
    """What a list says of a purchase; the words are chosen where they are read."""

    UNPAID = "unpaid"  # priced, and no provider knows of it
    DECLINED = "declined"
    WAITING = "waiting"  # paid outside: the vendor confirms by hand
    UNDER_WAY = "under_way"  # a provider has the last word
    PAID = "paid"
    REFUNDED_IN_PART = "refunded_in_part"
    REFUNDED = "refunded"
    DISPUTED = "disputed"  # a charge-back that is not decided
    CHARGED_BACK = "charged_back"
    CANCELLED = "cancelled"


_BEFORE_CAPTURE = {
    states.CREATED: Standing.UNPAID,
    states.CALLING: Standing.UNDER_WAY,
    states.UNKNOWN: Standing.UNDER_WAY,
    states.AWAITING: Standing.WAITING,
    states.DECLINED: Standing.DECLINED,
    states.CANCELLED: Standing.CANCELLED,
}


def standing_of(
    *, state: str, amount: int, refunded: int, disputes: Collection[str] = ()
) -> Standing:
    """`disputes`: the states of its charge-backs. What is undecided or worst is said first; a
    charge-back that the vendor won says nothing."""
    if state != states.CAPTURED:
        return _BEFORE_CAPTURE[state]
    if "open" in disputes:
        return Standing.DISPUTED
    if "lost" in disputes:
        return Standing.CHARGED_BACK
    if refunded >= amount:
        return Standing.REFUNDED
    return Standing.REFUNDED_IN_PART if refunded else Standing.PAID
