"""Contracts begin: issued or bought, granted and activated.

`by` None is the operator at the command line. An account may do what it manages (S14.3); the
vendor's agents may do all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from opora.accounts.addresses import address_key
from opora.accounts.models import Account, Organization, Person
from opora.accounts.queries import accounts_with_address, organization_called
from opora.contracts.actions.change import held, record, refuse_cancelled
from opora.contracts.actions.ledger import grant_incidents
from opora.contracts.actions.registrations import begin_registration
from opora.contracts.errors import (
    AlreadyActivated,
    ContractIsSuspended,
    IncidentsRequired,
    ManagerRequired,
    MayNotActivate,
    PlanIsLegacy,
    TermOutOfRange,
    UnknownManager,
)
from opora.contracts.ids import access_id_hash, new_access_id, new_contract_id
from opora.contracts.models import Contract, Plan, PlanVersion, Registration
from opora.contracts.queries import plan_for, terms_of
from opora.contracts.sharing import may_activate, sees_benefit
from opora.contracts.terms import Terms, ends_on
from opora.core.days import today
from opora.core.errors import NotFound

MOST_INCIDENTS = 100_000
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9000, 1, 1)  # a term lies between


@dataclass(frozen=True)
class Issued:
    """A contract and its Access ID as it is shown, this once; "" if it has none (S7.5)."""

    contract: Contract
    access_id: str


@transaction.atomic
def issue_contracts(
    *,
    plan_code: str,
    holder: str | Organization | Person,
    managers: Sequence[Account] = (),
    incidents: int | None = None,
    starts_on: date | None = None,
    count: int = 1,
    legacy: bool = False,
    by: Account | None,
    now: datetime,
) -> list[Issued]:
    """Contracts activated at once. `incidents` None: as many as the plan has.

    A holder given by name is an organisation of that name, else the person of a manager of that
    full name, else a new organisation without domains. Under a plan without Access ID the contracts
    are registered to the managers. Raises UnknownPlan, PlanIsLegacy, IncidentsRequired,
    ManagerRequired, TermOutOfRange.
    """
    version, terms, granted = _terms_to_issue(plan_code, incidents, legacy=legacy)
    if not terms.has_access_id and not managers:
        raise ManagerRequired(plan=plan_code)
    owner = _holder(holder, managers, now=now)
    issued = []
    for _number in range(count):
        contract = _insert(version, owner, managers, granted, by=by, now=now)
        access_id = _activate(contract, terms, starts_on, by=by, now=now)
        if not terms.has_access_id:
            Registration.objects.bulk_create(
                Registration(contract=contract, account=manager, registered_at=now)
                for manager in managers
            )
        issued.append(Issued(contract, access_id))
    return issued


@transaction.atomic
def issue_bought_contract(
    *, version: PlanVersion, buyer: Account, has_round_the_clock: bool, now: datetime
) -> Contract:
    """What a captured payment grants (S7.5): a contract under the terms it was sold by, usable at
    once, registered to the buyer alone. Part of the transaction that captures."""
    terms = Terms.read(version.terms)
    if not terms.incidents:
        raise IncidentsRequired(plan=version.plan.code)
    contract = _insert(version, buyer.person, [buyer], terms.incidents, by=buyer, now=now)
    if not has_round_the_clock:
        contract.has_round_the_clock = False
        contract.save(update_fields=["has_round_the_clock"])
    _activate(contract, terms, None, reason="bought", by=buyer, now=now)
    begin_registration(contract=contract, account=buyer, earlier=None, now=now)
    return contract


@transaction.atomic
def grant_benefit(
    *,
    plan_code: str,
    holder: str | Organization | Person,
    managers: Sequence[Account] = (),
    incidents: int | None = None,
    legacy: bool = False,
    by: Account | None,
    now: datetime,
) -> Contract:
    """A benefit that is there but cannot be used or added before somebody activates it (S2.6)."""
    version, _terms, granted = _terms_to_issue(plan_code, incidents, legacy=legacy)
    return _insert(version, _holder(holder, managers, now=now), managers, granted, by=by, now=now)


@transaction.atomic
def activate_contract(*, contract: Contract, by: Account | None, now: datetime) -> Issued:
    """Start a benefit's term today, give it its two ids, and post what it grants (S2.6).

    A customer who activates it manages it from then on, and has it on the account at once. Under a
    plan without Access ID it stands on the accounts of its managers. Raises AlreadyActivated,
    MayNotActivate (whoever sees it without the role), ContractIsCancelled, ContractIsSuspended.
    """
    contract = held(contract.pk)
    if by is not None and not may_activate(by, contract):
        raise MayNotActivate if sees_benefit(by, contract) else NotFound
    if contract.activated_on is not None:
        raise AlreadyActivated
    refuse_cancelled(contract)
    if by is not None and contract.suspended_at is not None:
        raise ContractIsSuspended
    terms = terms_of(contract)
    access_id = _activate(contract, terms, None, by=by, now=now)
    owners = (
        set()
        if terms.has_access_id
        else {row.account for row in contract.managers.select_related("account")}
    )
    if by is not None and not by.is_agent:
        contract.managers.get_or_create(account=by)
        owners.add(by)
    for owner in sorted(owners, key=lambda account: account.pk):
        begin_registration(contract=contract, account=owner, earlier=None, now=now)
    return Issued(contract, access_id)


def managers_named(addresses: Sequence[str]) -> list[Account]:
    """The active accounts that have proved these addresses, each once. Raises UnknownManager."""
    found: dict[int, Account] = {}
    for address in addresses:
        accounts = [a for a in accounts_with_address(address_key(address)) if a.is_active]
        if not accounts:
            raise UnknownManager(address=address)
        found.update((account.pk, account) for account in accounts)
    return list(found.values())


# --- Pieces ---------------------------------------------------------------------------------------
def _terms_to_issue(
    plan_code: str, incidents: int | None, *, legacy: bool
) -> tuple[PlanVersion, Terms, int]:
    plan: Plan = plan_for(plan_code)
    if plan.legacy and not legacy:
        raise PlanIsLegacy(plan=plan_code)
    version = plan.current
    terms = Terms.read(version.terms) if version else None
    granted = incidents if incidents is not None else terms and terms.incidents
    if version is None or terms is None or not granted or not 0 < granted <= MOST_INCIDENTS:
        raise IncidentsRequired(plan=plan_code)
    return version, terms, granted


def _holder(
    holder: str | Organization | Person, managers: Sequence[Account], *, now: datetime
) -> Organization | Person:
    if not isinstance(holder, str):
        return holder
    name = " ".join(holder.split())
    key = name.casefold()
    if known := organization_called(name):
        return known
    for manager in managers:
        if manager.full_name.casefold() == key:
            return manager.person
    return Organization.objects.create(name=name, name_key=key, created_at=now)


def _insert(
    version: PlanVersion,
    owner: Organization | Person,
    managers: Sequence[Account],
    incidents: int,
    *,
    by: Account | None,
    now: datetime,
) -> Contract:
    contract = Contract.objects.create(
        plan_version=version,
        holder_organization=owner if isinstance(owner, Organization) else None,
        holder_person=owner if isinstance(owner, Person) else None,
        issued_at=now,
        incidents_granted=incidents,
    )
    for manager in managers:
        contract.managers.create(account=manager)
    record("contract.granted", contract, by=by, now=now, plan_version=version.pk)
    return contract


def _activate(
    contract: Contract,
    terms: Terms,
    starts_on: date | None,
    *,
    reason: str = "activated",
    by: Account | None,
    now: datetime,
) -> str:
    """Days, ids and the grant of a contract; its Access ID, "" if its plan has none."""
    access_id = new_access_id() if terms.has_access_id else ""
    contract.activated_on = today(now)
    contract.starts_on = starts_on or contract.activated_on
    contract.ends_on = last_day(contract.starts_on, terms)
    contract.contract_id = _free_contract_id()
    contract.access_id_hash = access_id_hash(access_id) if access_id else ""
    contract.save(
        update_fields=["activated_on", "starts_on", "ends_on", "contract_id", "access_id_hash"]
    )
    grant_incidents(contract=contract, reason=reason, by=by, now=now)
    record("contract.activated", contract, by=by, now=now)
    contract.refresh_from_db(fields=["incidents_left", "entry_count"])
    return access_id


def _free_contract_id() -> str:
    """A Contract ID that no contract has. Two that meet in the same instant are refused by the
    database; with 9·10¹¹ numbers that is left to chance."""
    while True:
        number = new_contract_id()
        if not Contract.objects.filter(contract_id=number).exists():
            return number


def last_day(starts_on: date, terms: Terms) -> date:
    """`terms.ends_on`; TermOutOfRange for days that no calendar or clock of ours reaches."""
    try:
        last = ends_on(starts_on, terms)
    except OverflowError:
        raise TermOutOfRange(day=starts_on.isoformat()) from None
    if not (starts_on >= FIRST_DAY and last <= LAST_DAY):
        raise TermOutOfRange(day=starts_on.isoformat())
    return last
