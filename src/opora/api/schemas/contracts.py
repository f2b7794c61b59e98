"""Contracts, their statement, and what they can be used for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from opora.api.fields import Secret, Severity, Shown, Slug, Wanted, one_of

ContractStatus = Annotated[
    str,
    one_of(
        "active", "not_activated", "not_started", "expired", "exhausted", "suspended", "cancelled"
    ),
]


class RegistrationWanted(Wanted):
    """Both ids as printed; case, spaces and dashes do not count."""

    access_id: Secret
    contract_id: Secret


class PlanShown(Shown):
    code: str
    name: str


class ContractShown(Shown):
    id: str
    contract_id: str
    plan: PlanShown
    starts_on: date | None
    ends_on: date | None
    incidents_granted: int
    incidents_left: int
    status: ContractStatus
    registered_at: datetime


class ContractList(Shown):
    items: list[ContractShown]
    next: str | None


class ReasonShown(Shown):
    """Why not, and what to do about it, in the reader's language."""

    code: str
    message: str
    remedy: str


class ContractUnavailable(ContractShown):
    reasons: list[ReasonShown]


class Actor(Shown):
    name: str


class EntryShown(Shown):
    """A line of the ledger: `quantity` is signed, `balance` is what was left after it."""

    kind: Annotated[str, one_of("granted", "consumed", "returned", "expired", "adjusted")]
    quantity: int
    reason: str
    case: str | None
    by: Actor
    at: datetime
    balance: int


class EntryList(Shown):
    items: list[EntryShown]
    next: str | None


class EligibilityQuestion(Wanted):
    """Without `severity`, no severity is judged."""

    product: Slug
    version: Slug
    severity: Severity | None = None
    non_production: bool = False


class Price(Shown):
    """Money in minor units of the currency."""

    amount: int
    currency: str


class Offer(Shown):
    plan: str
    name: str
    incidents: int
    price: Price


class PurchaseShown(Shown):
    allowed: bool
    reasons: list[ReasonShown]
    offers: list[Offer]


class EligibilityShown(Shown):
    usable: list[ContractShown]
    unavailable: list[ContractUnavailable]
    purchase: PurchaseShown
