"""Refusals of the contracts context."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from opora.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Rejected

if TYPE_CHECKING:
    from opora.contracts.eligibility import Decision, Reason


def reasons_as_json(reasons: Iterable[Reason]) -> list[dict[str, str]]:
    """[{"code", "message", "remedy"}] in the language that is active now."""
    return [reason.as_json() for reason in reasons]


@dataclass(eq=False)
class NotEligible(Conflict):
    """The contract cannot be used as asked; `code` is the first reason's, `reasons` are all."""

    code: ClassVar[str] = "not-eligible"
    title = _("This support plan cannot be used here")
    sentence = _("This support plan cannot be used here.")

    reasons: list[dict[str, str]]

    def __post_init__(self) -> None:
        self.__dict__["code"] = self.reasons[0]["code"]

    @property
    def detail(self) -> str:
        return " ".join(reason["message"] for reason in self.reasons)

    @classmethod
    def by(cls, decision: Decision) -> NotEligible:
        return cls(reasons=reasons_as_json(decision.reasons))


@dataclass(eq=False)
class ContractNotRegistered(Conflict):
    """The id names no contract of this account: foreign and unknown ids alike (AC-05)."""

    code = "contract-not-registered"
    title = _("The contract is not registered")
    sentence = _("The contract is not registered to your account. Add it, then try again.")


@dataclass(eq=False)
class ContractNotFound(NotFound):
    """The two ids open nothing: unknown, mismatched and revoked get this one answer (S14.2)."""

    code = "contract-not-found"
    title = _("No contract has these IDs")
    sentence = _(
        "No contract has this Access ID together with this Contract ID. Check both, or ask "
        "whoever gave them to you."
    )
    keeps_effects: ClassVar[bool] = True  # the wrong try stays counted


@dataclass(eq=False)
class ContractAlreadyRegistered(Conflict):
    """This account added it before (S2.5). `contract` is the public id, `status` as in the API."""

    code = "contract-already-registered"
    title = _("Contract is already registered")
    sentence = _("Contract is already registered to your account.")

    contract: str
    status: str
    reasons: list[dict[str, str]]

    @property
    def detail(self) -> str:
        return " ".join([str(self.sentence), *(reason["message"] for reason in self.reasons)])


@dataclass(eq=False)
class UnknownContract(NotFound):
    """An operator or manager named a contract that is not there."""

    code = "contract-not-found"
    title = _("No such contract")
    sentence = _("There is no contract %(contract)s.")

    contract: str


@dataclass(eq=False)
class UnknownPlan(InvalidInput):
    """No plan has this code. The field is `plan`."""

    @classmethod
    def named(cls, code: str) -> UnknownPlan:
        message = gettext("There is no support plan “%(plan)s”.") % {"plan": code}
        return cls(errors=[{"field": "plan", "message": message}])


@dataclass(eq=False)
class BadPlans(InvalidInput):
    """A plans file that cannot be taken. `errors`: one a fault, `field` its JSON pointer."""


@dataclass(eq=False)
class PlanIsLegacy(Conflict):
    """A plan that is only held is issued on purpose, or not at all (S11.2)."""

    code = "plan-is-legacy"
    title = _("The plan is no longer issued")
    sentence = _("The plan %(plan)s is no longer issued; to issue it nevertheless, say --legacy.")

    plan: str


@dataclass(eq=False)
class IncidentsRequired(Rejected):
    """The plan grants as many incidents as are agreed: somebody has to say how many."""

    code = "incidents-required"
    title = _("Say how many incidents")
    sentence = _("The plan %(plan)s grants as agreed: say how many incidents, 1 to 100000.")

    plan: str


@dataclass(eq=False)
class ManagerRequired(Rejected):
    """A contract that nobody can add by its ids needs an account to be registered to."""

    code = "manager-required"
    title = _("Name a manager")
    sentence = _(
        "A contract of the plan %(plan)s has no Access ID: name the manager it belongs to."
    )

    plan: str


@dataclass(eq=False)
class UnknownManager(Rejected):
    """Managers are accounts that exist and have proved the address."""

    code = "unknown-manager"
    title = _("No such account")
    sentence = _("No account has proved the address %(address)s; create it first.")

    address: str


@dataclass(eq=False)
class TermOutOfRange(Rejected):
    """The first day leads past the calendar."""

    code = "term-out-of-range"
    title = _("The day is out of range")
    sentence = _("A contract cannot start on %(day)s.")

    day: str


@dataclass(eq=False)
class NotActivated(Conflict):
    """The deed needs an activated contract."""

    code = "not-activated"
    title = _("The benefit is not activated")
    sentence = _("The benefit has not been activated yet.")


@dataclass(eq=False)
class AlreadyActivated(Conflict):
    """A benefit is activated once; its Access ID is not shown again."""

    code = "already-activated"
    title = _("The benefit is activated already")
    sentence = _(
        "The benefit is activated already, and its Access ID was shown then. "
        "For a new Access ID, rotate it."
    )


@dataclass(eq=False)
class ContractIsCancelled(Conflict):
    """Cancelling is for good."""

    code = "cancelled"
    title = _("The contract is cancelled")
    sentence = _("The contract has been cancelled, for good.")


@dataclass(eq=False)
class NoAccessId(Conflict):
    """Contracts of this plan have no Access ID (S7.5)."""

    code = "no-access-id"
    title = _("The contract has no Access ID")
    sentence = _("A contract of this plan belongs to one account and has no Access ID.")


@dataclass(eq=False)
class BalanceTooLow(Conflict):
    """An adjustment would take more than is left."""

    code = "balance-too-low"
    title = _("Not so many incidents are left")
    sentence = _("Not so many are left on the contract; incidents left: %(incidents_left)s.")

    incidents_left: int


@dataclass(eq=False)
class ContractIsSuspended(Conflict):
    """A benefit that is suspended is not activated by its holder."""

    code = "suspended"
    title = _("The benefit is suspended")
    sentence = _("The benefit is suspended and cannot be activated now. Ask for it to be resumed.")


@dataclass(eq=False)
class MayNotActivate(Forbidden):
    """The account sees the benefit of its organisation, but its role does not activate it."""

    code = "may-not-activate"
    title = _("You cannot activate this benefit")
    sentence = _("Only a manager can activate this benefit.")


@dataclass(eq=False)
class AlreadyRotated(Conflict):
    """Somebody rotated the Access ID after the caller looked: theirs is the one that counts."""

    code = "already-rotated"
    title = _("The Access ID was rotated meanwhile")
    sentence = _(
        "The Access ID was rotated after you opened the page, so nothing was done. "
        "Rotate it again only if the newer one is not known to you."
    )


@dataclass(eq=False)
class InvitationNotFound(NotFound):
    """A link that opens nothing: used, run out, revoked, mistyped and not for a revoked account get
    this one answer (AU-07)."""

    code = "invitation-not-found"
    title = _("This invitation cannot be used")
    sentence = _(
        "The link may have been used already, have run out, or have been called off, or it is "
        "not whole. Ask whoever sent it to you for a new one."
    )


@dataclass(eq=False)
class TooManyInvitations(Conflict):
    """So many links were made for one contract in three days that more can only be a mistake."""

    code = "too-many-invitations"
    title = _("Too many invitations")
    sentence = _(
        "There have been %(limit)s invitations to this contract in three days. "
        "Rotate the Access ID to share it with many, or try again later."
    )

    limit: int


@dataclass(eq=False)
class InvitationIsUsed(Conflict):
    """Too late to call it off: somebody added the contract with it."""

    code = "invitation-is-used"
    title = _("The invitation has been used")
    sentence = _(
        "The invitation was used before it could be called off. Revoke the registration instead."
    )
