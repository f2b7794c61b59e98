"""What is still open about a purchase, in plain sentences, and what one press can do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opora.billing.queries.orders import Order
from opora.billing.refunds import due_back
from opora.core import formats
from opora.desk.order_words import DIFFERENCES


@dataclass(frozen=True)
class Matters:
    """`sentences`: each thing that somebody has to see to; `differs`: the provider's books are one
    of them. `due`: unused incidents whose money went back past Opora; `button`: what taking them
    is called, "" where there are none."""

    sentences: list[str]
    differs: bool
    due: int
    button: str


def of(order: Order) -> Matters:
    """What is open about it now."""
    due = due_back(order.standing)
    button = (
        ngettext("Take back %(count)s unused incident", "Take back %(count)s unused incidents", due)
        % {"count": due}
        if due
        else ""
    )
    differs = any(one.resolved_at is None for one in order.differences)
    return Matters([*_sentences(order, due)], differs, due, button)


def _sentences(order: Order, due: int) -> Iterator[str]:
    standing, currency = order.standing, order.purchase.currency
    if any(one.state == "open" for one in order.disputes):
        yield _("The buyer’s bank has charged the payment back. Answer it at the provider.")
    if standing.charged_back:
        yield _("%(amount)s was lost to the buyer’s bank for good.") % {
            "amount": formats.money(standing.charged_back, currency)
        }
    if standing.elsewhere:
        yield _("%(amount)s was refunded at the provider’s own desk, past Opora.") % {
            "amount": formats.money(standing.elsewhere, currency)
        }
    if standing.elsewhere or standing.charged_back:
        yield _about_incidents(order, due)
    if due and standing.is_all_gone:
        yield _("Nothing of the price is left with you, so the contract ends when they are taken.")
    for one in order.differences:
        if one.resolved_at is None:
            yield _("%(difference)s: %(theirs)s at the provider, %(ours)s here.") % {
                "difference": DIFFERENCES[one.kind],
                "theirs": formats.money(one.theirs, one.currency),
                "ours": formats.money(one.ours, one.currency),
            }
        if one.resolved_at is None and one.kind == "refunded" and one.theirs < one.ours:
            yield _(
                "If the buyer’s bank sent a refund back to you, the buyer is still owed it: send "
                "the money another way."
            )


def _about_incidents(order: Order, due: int) -> str:
    if due:
        return ngettext(
            "The buyer can still use %(count)s incident for which you have no money.",
            "The buyer can still use %(count)s incidents for which you have no money.",
            due,
        ) % {"count": due}
    if order.standing.taken_for_these:
        return _("The unused incidents for it were taken back.")
    if not order.standing.unused:
        return _("No incident is unused, so there is none to take back.")
    return _("It is less than an incident costs, so none is taken back for it.")
