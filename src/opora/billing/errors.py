"""Refusals of the billing context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

from opora.contracts.errors import reasons_as_json
from opora.core import formats
from opora.core.errors import Conflict, Rejected, Unavailable

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
