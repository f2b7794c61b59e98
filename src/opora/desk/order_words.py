"""Codes of purchases, refunds and disputes as words, and their history as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from opora.billing.queries.orders import Order
from opora.billing.refunds import REASONS
from opora.core import formats
from opora.core.models import AuditLine

STATES: dict[str, tuple[Promise, str]] = {  # words, tone
    "created": (pgettext_lazy("purchase", "Begun"), "neutral"),
    "calling": (pgettext_lazy("purchase", "Being paid"), "accent"),
    "awaiting": (pgettext_lazy("purchase", "Waiting for the money"), "warn"),
    "unknown": (pgettext_lazy("purchase", "Not known yet"), "warn"),
    "declined": (pgettext_lazy("purchase", "Declined"), "danger"),
    "captured": (pgettext_lazy("purchase", "Paid"), "good"),
    "cancelled": (pgettext_lazy("purchase", "Given up"), "neutral"),
}
REFUND_STATES: dict[str, tuple[Promise, str]] = {
    "requested": (pgettext_lazy("refund", "Waiting for consent"), "warn"),
    "calling": (pgettext_lazy("refund", "Being sent"), "accent"),
    "unknown": (pgettext_lazy("refund", "No answer yet"), "warn"),
    "done": (pgettext_lazy("refund", "Refunded"), "good"),
    "refused": (pgettext_lazy("refund", "Refused by the provider"), "danger"),
    "withdrawn": (pgettext_lazy("refund", "Withdrawn"), "neutral"),
}
DISPUTE_STATES: dict[str, tuple[Promise, str]] = {
    "open": (pgettext_lazy("charge-back", "Open"), "danger"),
    "won": (pgettext_lazy("charge-back", "Won: the money stays"), "good"),
    "lost": (pgettext_lazy("charge-back", "Lost: the money is gone"), "danger"),
}
PROVIDERS: dict[str, Promise] = {
    "stripe": pgettext_lazy("way to pay", "Card"),
    "outside": pgettext_lazy("way to pay", "Bank transfer"),
}
DIFFERENCES: dict[str, Promise] = {
    "missing_here": gettext_lazy("Charged there; no purchase here knows of it"),
    "missing_there": gettext_lazy("Paid here; not charged there"),
    "amount": gettext_lazy("Another amount or currency"),
    "refunded": gettext_lazy("Another amount went back"),
}
REFUND_REASONS = REASONS
PAPERS: dict[str, Promise] = {
    "receipt": pgettext_lazy("paper", "Receipt"),
    "credit_note": pgettext_lazy("paper", "Credit note"),
}

DECLINES: dict[str, Promise] = {
    "declined": pgettext_lazy("decline", "the bank gave no reason"),
    "insufficient_funds": pgettext_lazy("decline", "too little money on the card"),
    "expired_card": pgettext_lazy("decline", "the card has expired"),
    "wrong_number": pgettext_lazy("decline", "wrong number or day of expiry"),
    "wrong_cvc": pgettext_lazy("decline", "wrong security code"),
    "authentication_failed": pgettext_lazy("decline", "not confirmed with the bank"),
    "card_not_supported": pgettext_lazy("decline", "the card cannot be used for this"),
    "processing_error": pgettext_lazy("decline", "it could not be processed"),
    "not_tried": pgettext_lazy("decline", "the buyer did not finish paying"),
}

SENTENCES: dict[str, Promise] = {
    "purchase.started": gettext_lazy("%(who)s began the purchase."),
    "purchase.priced": gettext_lazy("The price was set anew."),
    "purchase.attempted": gettext_lazy("%(who)s pressed Pay (%(provider)s)."),
    "purchase.calling": gettext_lazy("The buyer’s bank was asked."),
    "purchase.awaiting": gettext_lazy("The money is to come by bank transfer."),
    "purchase.declined": gettext_lazy("The payment was declined: %(decline)s"),
    "purchase.captured": gettext_lazy("The payment came in, and the incidents were granted."),
    "purchase.cancelled": gettext_lazy("The purchase was given up."),
    "purchase.confirmed": gettext_lazy("%(who)s confirmed that the money had come."),
    "purchase.disputed": gettext_lazy("A charge-back was recorded: %(dispute)s"),
    "purchase.unanswered": gettext_lazy("The provider did not answer."),
    "purchase.taken_back": gettext_lazy(
        "%(who)s took back incidents whose money had gone back (%(incidents)s)."
    ),
    "difference.found": gettext_lazy("The provider’s books differ: %(difference)s"),
    "difference.resolved": gettext_lazy("The provider’s books agree again: %(difference)s"),
    "purchase.looked_after": gettext_lazy("%(who)s marked it as looked after."),
    "paper.issued": gettext_lazy("%(paper)s was issued."),
    "refund.requested": gettext_lazy(
        "%(who)s asked for a refund of %(amount)s (incidents to take back: %(incidents)s)."
    ),
    "refund.begun": gettext_lazy(
        "%(who)s began a refund of %(amount)s (incidents taken back: %(incidents)s)."
    ),
    "refund.consented": gettext_lazy(
        "%(who)s consented to the refund of %(amount)s (incidents taken back: %(incidents)s)."
    ),
    "refund.withdrawn": gettext_lazy("%(who)s called off the refund of %(amount)s."),
    "refund.unanswered": gettext_lazy(
        "The provider did not answer about the refund of %(amount)s."
    ),
    "refund.on_its_way": gettext_lazy(
        "The provider has the refund of %(amount)s; it is on its way."
    ),
    "refund.done": gettext_lazy("%(amount)s went back to the buyer."),
    "refund.refused": gettext_lazy(
        "The provider refused to refund %(amount)s. What had been taken back was given back."
    ),
    "refund.recorded": gettext_lazy(
        "%(amount)s was refunded at the provider’s own desk. No incident was taken back."
    ),
}


@dataclass(frozen=True)
class Line:
    """One thing that was done to a purchase, as a sentence."""

    at: datetime
    text: str


def history_of(order: Order) -> list[Line]:
    """The audit of a purchase in words, newest first. A code without words is left out."""
    told = [
        Line(line.at, str(SENTENCES[line.code]) % _facts(line, order))
        for line in order.lines
        if line.code in SENTENCES
    ]
    return told[::-1]


def _facts(line: AuditLine, order: Order) -> Mapping[str, str]:
    facts: dict[str, Any] = line.facts
    amount = facts.get("amount")
    return {
        "who": order.actors.get(line.actor_id or 0) or _("Opora"),
        "provider": provider_name(str(facts.get("provider", ""))),
        "decline": decline_words(str(facts.get("decline", ""))),
        "dispute": _word(DISPUTE_STATES, str(facts.get("state", ""))),
        "paper": str(facts.get("paper", "")),
        "difference": str(DIFFERENCES.get(str(facts.get("kind", "")), "")),
        "amount": formats.money(amount, order.purchase.currency) if amount else "",
        "incidents": str(facts.get("incidents", 0)),
    }


def refund_words(amount: int, currency: str, incidents: int) -> str:
    """What a refund does, as the button says it: `Refund 6 200 Kč and take back 1 incident`."""
    money = formats.money(amount, currency)
    if not incidents:
        return _("Refund %(amount)s") % {"amount": money}
    return ngettext(
        "Refund %(amount)s and take back %(count)s incident",
        "Refund %(amount)s and take back %(count)s incidents",
        incidents,
    ) % {"amount": money, "count": incidents}


def taken_back(incidents: int) -> str:
    """What was done about incidents whose money had gone back."""
    return ngettext(
        "%(count)s incident was taken back.", "%(count)s incidents were taken back.", incidents
    ) % {"count": incidents}


def confirmation_words(amount: int, currency: str, incidents: int) -> str:
    """What confirming does: `Confirm 6 200 Kč and grant 1 incident`."""
    return ngettext(
        "Confirm %(amount)s and grant %(count)s incident",
        "Confirm %(amount)s and grant %(count)s incidents",
        incidents,
    ) % {"amount": formats.money(amount, currency), "count": incidents}


def decline_words(code: str) -> str:
    """Why a try to pay failed, inside a sentence, as the vendor reads it."""
    return str(DECLINES.get(code, code))


def provider_name(slug: str) -> str:
    """A provider as people know it; its slug if it is none of ours."""
    return str(PROVIDERS.get(slug, slug))


def _word(words: Mapping[str, tuple[Promise, str]], code: str) -> str:
    return str(words[code][0]) if code in words else code
