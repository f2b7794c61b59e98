"""Refusals of the billing context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from opora.contracts.errors import reasons_as_json
from opora.core import formats
from opora.core.errors import Conflict, Forbidden, Rejected, Unavailable

if TYPE_CHECKING:
    from opora.contracts.eligibility import Decision


@dataclass(eq=False)
class NothingSold(Conflict):
    """This vendor sells no support here."""

    code = "not-offered"
    title = _("Support cannot be bought here")
    sentence = _("Support cannot be bought here. Add a support contract, or ask your vendor.")


@dataclass(eq=False)
class NotBuyable(Conflict):
    """This account cannot buy the plan for what is asked; `code` is the first reason's (S12)."""

    code: ClassVar[str] = "not-buyable"
    title = _("This support plan cannot be bought")
    sentence = _("This support plan cannot be bought.")

    reasons: list[dict[str, str]]

    def __post_init__(self) -> None:
        self.__dict__["code"] = self.reasons[0]["code"]

    @property
    def detail(self) -> str:
        return " ".join(f"{reason['message']} {reason['remedy']}" for reason in self.reasons)

    @classmethod
    def by(cls, decision: Decision) -> NotBuyable:
        return cls(reasons=reasons_as_json(decision.reasons))


@dataclass(eq=False)
class AlreadyBought(Conflict):
    """Support for this request was bought already, and is not used up: no second charge."""

    code = "already-bought"
    title = _("Already bought")
    sentence = _("Support for this request is bought already. You were not charged again.")

    purchase: str  # public id


@dataclass(eq=False)
class PriceChanged(Conflict):
    """Another price, or another plan's terms, than those the buyer was shown (PA-05)."""

    code = "price-changed"
    title = _("The price has changed")
    sentence = _("The price has changed to %(price)s. Nothing was charged. Look again, then pay.")

    amount: int
    currency: str

    @property
    def detail(self) -> str:
        return str(self.sentence) % {"price": formats.money(self.amount, self.currency)}


@dataclass(eq=False)
class PaymentUnderWay(Conflict):
    """A provider has been asked and has not answered yet: nothing more may be tried (PA-02)."""

    code = "payment-under-way"
    title = _("The payment is under way")
    sentence = _(
        "We do not know yet whether the payment went through. Do not pay again: you will see here "
        "what came of it, at the latest in ten minutes."
    )


@dataclass(eq=False)
class PurchaseIsOver(Conflict):
    """It was given up and cannot be paid any more."""

    code = "purchase-is-over"
    title = _("This purchase was given up")
    sentence = _("This purchase was given up, and nothing was charged. Start again from step 2.")


@dataclass(eq=False)
class PaymentNotAwaited(Conflict):
    """Nothing that somebody could confirm by hand: it is paid another way, or not yet begun."""

    code = "payment-not-awaited"
    title = _("No transfer is waited for")
    sentence = _("This purchase does not wait for a bank transfer, so there is none to confirm.")


@dataclass(eq=False)
class MayNotRefund(Forbidden):
    """Money is for administrators alone."""

    code = "may-not-refund"
    title = _("You may not do this")
    sentence = _("Only administrators look after purchases and refunds.")


@dataclass(eq=False)
class NothingToRefund(Conflict):
    """Nothing was paid, or all of it has gone back."""

    code = "nothing-to-refund"
    title = _("Nothing is left to refund")
    sentence = _("Nothing is left of this purchase that could be refunded.")


@dataclass(eq=False)
class PaymentDisputed(Conflict):
    """A charge-back is open or lost: a refund would pay twice (F-11)."""

    code = "payment-disputed"
    title = _("The payment is disputed")
    sentence = _(
        "The buyer’s bank has charged this payment back. A refund would pay it back twice."
    )


@dataclass(eq=False)
class RefundUnderWay(Conflict):
    """One refund at a time: what is left cannot be promised twice (PA-07)."""

    code = "refund-under-way"
    title = _("A refund is under way")
    sentence = _("Another refund of this purchase is under way. Finish or withdraw it first.")


@dataclass(eq=False)
class RefundTooHigh(Conflict):
    """More than is left of what was paid."""

    code = "refund-too-high"
    title = _("More than was paid")
    sentence = _("At most %(left)s can be refunded.")

    left: int
    currency: str

    @property
    def detail(self) -> str:
        return str(self.sentence) % {"left": formats.money(self.left, self.currency)}


@dataclass(eq=False)
class TooFewUnused(Conflict):
    """More incidents than are unused were to be taken back."""

    code = "too-few-unused"
    title = _("Too few unused incidents")

    unused: int

    @property
    def detail(self) -> str:
        if not self.unused:
            return str(_("No incident can be taken back any more. Nothing was refunded."))
        return ngettext(
            "Only %(count)s incident can be taken back. Nothing was refunded.",
            "Only %(count)s incidents can be taken back. Nothing was refunded.",
            self.unused,
        ) % {"count": self.unused}


@dataclass(eq=False)
class WholeRefundTakesAll(Conflict):
    """All the money goes back, and some unused incident was to stay."""

    code = "whole-refund-takes-all"
    title = _("Every unused incident goes with the whole price")

    unused: int

    @property
    def detail(self) -> str:
        return ngettext(
            "When the whole price is refunded, the unused incident is taken back too: "
            "now %(count)s.",
            "When the whole price is refunded, all unused incidents are taken back too: "
            "now %(count)s.",
            self.unused,
        ) % {"count": self.unused}


@dataclass(eq=False)
class RefundReasonRequired(Conflict):
    """Money for what is used, or more than its share of the price: somebody says why."""

    code = "refund-reason-required"
    title = _("Say why more is refunded")
    sentence = _(
        "This is more than the price of the incidents that are taken back. Choose another reason, "
        "or lower the amount."
    )


@dataclass(eq=False)
class SecondPersonRequired(Conflict):
    """Whoever asked for a refund above the limit cannot consent to it as well."""

    code = "second-person-required"
    title = _("Somebody else has to consent")
    sentence = _("You asked for this refund yourself. Another administrator has to consent.")


@dataclass(eq=False)
class RefundIsOver(Conflict):
    """It was withdrawn, or has gone out, before this."""

    code = "refund-is-over"
    title = _("This refund does not wait any more")
    sentence = _("This refund does not wait for consent any more. Look at the purchase again.")


@dataclass(eq=False)
class PaymentsUnavailable(Unavailable):
    """The provider does not answer; requests on contracts go on (F-09)."""

    code = "payments-unavailable"
    title = _("Payments do not work right now")
    sentence = _(
        "Payments do not work right now, and nothing was charged. Try again in a while; your "
        "request is saved, and your support contracts work as before."
    )


@dataclass(eq=False)
class NoSuchWayToPay(Rejected):
    """The way to pay is not one that this account has (S7.1)."""

    code = "no-such-way-to-pay"
    title = _("You cannot pay this way")
    sentence = _("You cannot pay this way. Choose one of the ways that are shown.")


@dataclass(eq=False)
class NoSuchCard(Rejected):
    """The saved card is not one of this account's."""

    code = "no-such-card"
    title = _("This card is not saved")
    sentence = _("This card is not saved to your account any more. Use another one.")


@dataclass(eq=False)
class CardsUnavailable(Unavailable):
    """The provider that keeps the cards does not answer (F-09)."""

    code = "cards-unavailable"
    title = _("Saved cards cannot be reached right now")
    sentence = _(
        "Your saved cards cannot be reached right now. They are kept, and nothing was changed; try "
        "again in a while."
    )
