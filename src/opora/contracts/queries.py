"""Doors to contracts, and the facts eligibility looks at. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import BigIntegerField, Q, QuerySet, UUIDField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from opora.accounts.models import Account, Membership
from opora.catalog.subject import Subject
from opora.contracts.eligibility import Decision, Question, Standing, decide
from opora.contracts.errors import ContractNotRegistered, UnknownContract, UnknownPlan
from opora.contracts.ids import read_contract_id
from opora.contracts.models import Contract, IncidentEntry, Plan, Registration
from opora.contracts.terms import Terms, ends_on
from opora.core.days import today
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id
from opora.core.paging import LIMIT, MOST, Keyset, Page, clamp, following
from opora.core.prepared import Param, Prepared

# What an entry's reason code says to people.
REASONS: dict[str, Promise] = {
    "activated": _("The contract was activated."),
    "renewed": _("The contract was renewed."),
    "bought": _("The incidents were bought."),
    "refunded": _("The price was refunded, and unused incidents were taken back."),
    "refund_failed": _("The refund could not be made, and the incidents were given back."),
    "taken_back": _("The money for them went back, and the incidents were taken back."),
    "case_opened": _("A support request was opened."),
    "product_defect": _("The problem was a product defect."),
    "duplicate": _("The request was a duplicate."),
    "out_of_scope": _("The request was out of scope."),
    "withdrawn": _("The request was withdrawn before an agent took it."),
    "term_ended": _("The term ended."),
    "cancelled": _("The contract was cancelled."),
    "returned_after_end": _("The incident came back after the contract had ended."),
    "goodwill": _("An agent adjusted the balance out of goodwill."),
    "correction": _("An agent corrected the balance."),
}

CONTRACTS = Keyset("contracts", datetime, int)
ENDING = Keyset("contracts-ending", str, int)
ENDING_WITHIN = timedelta(days=60)  # as the first warning to customers (S13.5)
STATEMENT = Keyset("contract-entries", int)


# --- One contract ---------------------------------------------------------------------------------
def contract_for(account: Account, public_id: str) -> Contract:
    """The contract of that id registered to this account, for ids in a body: ContractNotRegistered
    for foreign and unknown ones alike. One statement, plan included."""
    found = _registration(account, public_id)
    if found is None:
        raise ContractNotRegistered
    return found.contract


def registered_contract(account: Account, public_id: str) -> Registration:
    """The same for ids in an address: NotFound. `.contract` is loaded with its plan."""
    found = _registration(account, public_id)
    if found is None:
        raise NotFound
    return found


def managed_contract(account: Account, public_id: str) -> Contract:
    """The contract of that id for one of its managers or an agent (S14.3), else NotFound."""
    key = parse_public_id(public_id)
    found = _with_plans().filter(public_id=key).first() if key else None
    if found is None or not manages(account, found):
        raise NotFound
    return found


def contract_named(text: str) -> Contract:
    """What an operator calls a contract: its Contract ID, or the public id (of a grant, the only
    one). Raises UnknownContract."""
    named = Q()
    if number := read_contract_id(text):
        named = Q(contract_id=number)
    elif key := parse_public_id(text.strip().lower()):
        named = Q(public_id=key)
    found = _with_plans().filter(named).first() if named else None
    if found is None:
        raise UnknownContract(contract=text)
    return found


def manages(account: Account, contract: Contract) -> bool:
    """Whether the account sees who registered, invites, revokes and rotates (S14.3): a manager of
    the contract, a manager of the organisation that holds it, or an agent."""
    if account.is_agent:
        return True
    if contract.managers.filter(account=account).exists():
        return True
    return (
        contract.holder_organization_id is not None
        and managers_of_holder(contract).filter(account=account).exists()
    )


def managers_of_holder(contract: Contract) -> QuerySet[Membership]:
    """Managers of the organisation that holds the contract; nobody if a person does."""
    return Membership.objects.filter(
        organization=contract.holder_organization_id, role=Membership.Role.MANAGER
    )


def people_to_warn(contract: Contract) -> list[int]:
    """Keys of the active accounts that manage or registered the contract (S13.5), in order."""
    managers = contract.managers.order_by().values("account")
    registrants = contract.registrations.filter(ended_at__isnull=True).values("account")
    of_the_holder = managers_of_holder(contract).values("account")
    return list(
        Account.objects.filter(pk__in=managers.union(registrants, of_the_holder), is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


# --- Lists ----------------------------------------------------------------------------------------
def contracts_of(
    account: Account, after: str | None = None, limit: int = LIMIT
) -> Page[Registration]:
    """The account's registrations, newest first, `.contract` with its plan. One statement."""
    limit = clamp(limit)
    rows = _live(account).filter(following(CONTRACTS.read(after), at="registered_at", tie="id"))
    return CONTRACTS.page(
        list(rows.order_by("-registered_at", "-id")[: limit + 1]),
        limit,
        lambda row: (row.registered_at, row.pk),
    )


def ending_contracts(
    *, now: datetime, after: str | None = None, limit: int = LIMIT
) -> Page[Contract]:
    """For agents: contracts with incidents left whose last usable day comes within 60 days, soonest
    first, with plan and holder; suspended ones too. One statement along an index."""
    limit, day = clamp(limit), today(now)
    rows = (
        _with_plans()
        .select_related("holder_organization", "holder_person")
        .filter(
            following(ENDING.read(after), at="ends_on", tie="id", descending=False),
            ends_on__range=(day, day + ENDING_WITHIN),
            incidents_left__gt=0,
            cancelled_at__isnull=True,
        )
        .order_by("ends_on", "id")
    )
    return ENDING.page(list(rows[: limit + 1]), limit, lambda row: (str(row.ends_on), row.pk))


def all_ending_contracts(*, now: datetime) -> Iterator[list[Contract]]:
    """The same, all of them, a piece at a time."""
    after: str | None = None
    while True:
        page = ending_contracts(now=now, after=after, limit=MOST)
        yield page.items
        if (after := page.next) is None:
            return


class Judged(NamedTuple):
    """A contract and what eligibility says of it."""

    contract: Contract
    decision: Decision


@dataclass(frozen=True)
class Coverage:
    """Every contract of an account, judged for one question (section 4). `registered_at` by the
    contract's key."""

    usable: list[Judged]
    unavailable: list[Judged]
    registered_at: dict[int, datetime]


def coverage(
    account: Account,
    subject: Subject | None,
    *,
    is_production: bool = True,
    severity: str | None = None,
    now: datetime,
) -> Coverage:
    """Step 2's two lists: usable by end date, the rest newest first, with every reason. One
    statement, however many contracts."""
    question = Question(
        on=today(now), subject=subject, is_production=is_production, severity=severity
    )
    registrations = list(_live(account).order_by("-registered_at", "-id"))
    read: dict[tuple[int, bool], Terms] = {}
    judged = []
    for row in registrations:
        contract = row.contract
        frozen = (contract.plan_version_id, contract.has_round_the_clock)
        terms = read.get(frozen) or read.setdefault(frozen, terms_of(contract))
        judged.append(Judged(contract, decide(terms, standing_of(contract), question)))
    usable = [one for one in judged if one.decision.usable]
    return Coverage(
        usable=sorted(usable, key=lambda one: (one.contract.ends_on or date.max, one.contract.pk)),
        unavailable=[one for one in judged if not one.decision.usable],
        registered_at={row.contract_id: row.registered_at for row in registrations},
    )


@dataclass(frozen=True)
class StatementLine:
    """One entry as a registrant reads it: who, when, for which request; never what it was about.

    `reason` is a code, `reason_text` its words; `by_name` is "Opora" for its own deeds.
    """

    sequence: int
    kind: str
    quantity: int
    reason: str
    case_number: str | None
    by_name: str
    at: datetime
    balance: int

    @property
    def reason_text(self) -> str:
        """The reason in the reader's language; codes of other vendors' own stay as they are."""
        return str(REASONS.get(self.reason, self.reason))


def statement(
    contract: Contract, viewer: Account, after: str | None = None, limit: int = LIMIT
) -> Page[StatementLine]:
    """The contract's entries, newest first (S13.4), for a registrant, a manager or an agent, else
    NotFound. Two statements beside the check, however many entries."""
    is_registered = Registration.objects.filter(
        contract=contract, account=viewer, ended_at__isnull=True
    ).exists()
    if not is_registered and not manages(viewer, contract):
        raise NotFound
    limit = clamp(limit)
    rows = IncidentEntry.objects.filter(contract=contract)
    if (key := STATEMENT.read(after)) is not None:
        rows = rows.filter(sequence__lt=key[0])
    page = STATEMENT.page(
        list(rows.order_by("-sequence")[: limit + 1]), limit, lambda row: (row.sequence,)
    )
    names = names_of(entry.actor_id for entry in page.items)
    return page.map(lambda entry: as_line(entry, names))


def as_line(entry: IncidentEntry, names: Mapping[int | None, str]) -> StatementLine:
    """The entry as a registrant reads it; `names` by the account's key."""
    return StatementLine(
        sequence=entry.sequence,
        kind=entry.kind,
        quantity=entry.quantity,
        reason=entry.reason,
        case_number=entry.case_number,
        by_name=names.get(entry.actor_id, "Opora"),
        at=entry.at,
        balance=entry.balance_after,
    )


def names_of(actor_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names by account key; nothing for None, which is Opora itself. One statement."""
    found = Account.objects.filter(pk__in={key for key in actor_ids if key is not None})
    return {account.pk: account.full_name for account in found}


# --- Standing and decisions -------------------------------------------------------------------
def terms_of(contract: Contract) -> Terms:
    """The terms the contract froze when it was issued. No statement if `plan_version` is loaded."""
    terms = Terms.read(contract.plan_version.terms)
    return terms if contract.has_round_the_clock else replace(terms, round_the_clock=frozenset())


def standing_of(contract: Contract) -> Standing:
    """Where the contract stands. No statement if `plan_version__plan` is loaded."""
    is_activated = contract.activated_on is not None
    return Standing(
        plan=contract.plan_version.plan.names,
        activated_on=contract.activated_on,
        starts_on=contract.starts_on,
        ends_on=contract.ends_on,
        is_suspended=contract.suspended_at is not None,
        is_cancelled=contract.cancelled_at is not None,
        incidents_left=contract.incidents_left if is_activated else contract.incidents_granted,
    )


def decision_for(contract: Contract, question: Question) -> Decision:
    """What eligibility says of the contract as its row stands."""
    return decide(terms_of(contract), standing_of(contract), question)


def status_of(contract: Contract, today: date) -> str:
    """The API's `status`: the first that holds of cancelled, suspended, not_activated, not_started,
    expired, exhausted; else active."""
    if contract.cancelled_at is not None:
        return "cancelled"
    if contract.suspended_at is not None:
        return "suspended"
    if contract.activated_on is None or contract.starts_on is None or contract.ends_on is None:
        return "not_activated"
    if today < contract.starts_on:
        return "not_started"
    if today > contract.ends_on:
        return "expired"
    return "exhausted" if contract.incidents_left == 0 else "active"


# --- Plans ----------------------------------------------------------------------------------------
def plan_for(code: str) -> Plan:
    """The plan of that code, with its current terms. Raises UnknownPlan."""
    found = Plan.objects.select_related("current").filter(code=code).first()
    if found is None or found.current is None:
        raise UnknownPlan.named(code)
    return found


def plans() -> list[Plan]:
    """Every plan with its current terms, by code. One statement."""
    return list(Plan.objects.select_related("current").order_by("code"))


def plan_decision(plan: Plan, question: Question) -> Decision:
    """The decision for a contract of the plan as if issued and activated on the asked day, with
    incidents left (`opora eligibility`). OverflowError past the end of the calendar."""
    if plan.current is None:
        raise UnknownPlan.named(plan.code)
    terms = Terms.read(plan.current.terms)
    standing = Standing(
        plan=plan.names,
        activated_on=question.on,
        starts_on=question.on,
        ends_on=ends_on(question.on, terms),
        is_suspended=False,
        is_cancelled=False,
        incidents_left=terms.incidents or 1,
    )
    return decide(terms, standing, question)


def _with_plans() -> QuerySet[Contract]:
    return Contract.objects.select_related("plan_version__plan")


def _live(account: Account | Param) -> QuerySet[Registration]:
    return Registration.objects.filter(account=account, ended_at__isnull=True).select_related(
        "contract__plan_version__plan"
    )


_LIVE: Prepared[Registration] = Prepared(
    lambda: _live(Param("account", BigIntegerField())).filter(
        contract__public_id=Param("contract", UUIDField())
    )
)


def _registration(account: Account, public_id: str) -> Registration | None:
    key = parse_public_id(public_id)
    return _LIVE.first(account=account.pk, contract=key) if key else None
