"""Questions about who shares a contract: managers, registrants, invitations, benefits (S14.3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from opora.accounts.models import Account, Membership
from opora.contracts.errors import InvitationNotFound
from opora.contracts.ids import invitation_hashes
from opora.contracts.models import Contract, ContractManager, Invitation, Registration
from opora.contracts.queries import managers_of_holder, manages
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id
from opora.core.paging import LIMIT, Keyset, Page, clamp, following

NAMES = 5  # of managers, where somebody is told whom to ask

REGISTRANTS = Keyset("contract-registrants", datetime, int)
INVITATIONS = Keyset("contract-invitations", datetime, int)
BENEFITS = Keyset("benefits", datetime, int)
MANAGED = Keyset("managed-contracts", int)


# --- One contract ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sharing:
    """What a registrant may know: whether they manage the contract, and that others have it."""

    is_manager: bool
    has_others: bool


def sharing_of(contract: Contract, viewer: Account, *, is_manager: bool) -> Sharing:
    """For somebody who came through `open_contract`. One statement, however many registered it."""
    others = _live(contract).exclude(account=viewer)
    return Sharing(is_manager=is_manager, has_others=others.exists())


def managers_of(contract: Contract, limit: int = NAMES) -> list[Account]:
    """Active customers who manage the contract, by name: those named, and managers of the
    organisation that holds it. Empty: the vendor's agents act. One statement."""
    named = contract.managers.order_by().values("account")
    of_the_holder = managers_of_holder(contract).values("account")
    rows = Account.objects.filter(
        Q(pk__in=named.union(of_the_holder)) | Q(person=contract.holder_person_id),
        is_active=True,
    )
    return list(rows.order_by("person__family_name", "person__given_name", "pk")[:limit])


def registrants_of(
    contract: Contract, after: str | None = None, limit: int = LIMIT, *, live: bool = False
) -> Page[Registration]:
    """Who registered the contract, newest first: `live`, on whose accounts it stands now, else the
    ended and revoked ones too. For managers and agents, who were checked before. One statement."""
    limit = clamp(limit)
    rows = (
        (_live(contract) if live else contract.registrations.all())
        .select_related("account__person")
        .filter(following(REGISTRANTS.read(after), at="registered_at", tie="id"))
        .order_by("-registered_at", "-id")
    )
    return REGISTRANTS.page(list(rows[: limit + 1]), limit, lambda row: (row.registered_at, row.pk))


def registrant(contract: Contract, account_id: str) -> Registration:
    """The registration of the account with that public id on this contract, else NotFound."""
    key = parse_public_id(account_id)
    rows = contract.registrations.select_related("account__person")
    found = rows.filter(account__public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def is_live(account: Account, contract: Contract) -> bool:
    """Whether the contract stands on the account now."""
    return _live(contract).filter(account=account).exists()


def live_registrations(contract: Contract, most: int) -> int:
    """How many accounts the contract stands on; counted up to `most`."""
    return _live(contract)[:most].count()


def rotation_mark(contract: Contract) -> str:
    """Changes with each Access ID and says nothing of it; kept in a form that rotates it."""
    return hashlib.sha256(f"mark:{contract.access_id_hash}".encode()).hexdigest()[:32]


# --- Invitations ----------------------------------------------------------------------------------
def invitations_to(
    contract: Contract, after: str | None = None, limit: int = LIMIT
) -> Page[Invitation]:
    """Links that were made, newest first, with who made and who used them. One statement."""
    limit = clamp(limit)
    rows = (
        contract.invitations.select_related("made_by__person", "used_by__person")
        .filter(following(INVITATIONS.read(after), at="made_at", tie="id"))
        .order_by("-made_at", "-id")
    )
    return INVITATIONS.page(list(rows[: limit + 1]), limit, lambda row: (row.made_at, row.pk))


def invitation_on(contract: Contract, public_id: str) -> Invitation:
    """The invitation of that id to this contract, else NotFound."""
    key = parse_public_id(public_id)
    found = contract.invitations.filter(public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def invitation_for(account: Account, secret: str, *, now: datetime) -> Invitation:
    """The invitation that this secret opens for this account now, `.contract` with its plan.

    One answer, InvitationNotFound, for whatever opens nothing, and for an account whose
    registration a manager revoked. One that the account used itself is still found.
    """
    found = (
        Invitation.objects.select_related("contract__plan_version__plan", "made_by__person")
        .filter(secret_hash__in=invitation_hashes(secret))
        .first()
    )
    if found is None or (found.used_by_id != account.pk and found.state_at(now) != "open"):
        raise InvitationNotFound
    revoked = found.contract.registrations.filter(account=account, revoked_at__isnull=False)
    if revoked.exists():
        raise InvitationNotFound
    return found


# --- Benefits -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Benefit:
    """A contract that nobody has activated yet, and whether the viewer's role may (S2.6)."""

    contract: Contract
    may_activate: bool


def benefits_of(account: Account, after: str | None = None, limit: int = LIMIT) -> Page[Benefit]:
    """Benefits the account can see, not activated nor cancelled, newest first: of its own person,
    those it was named a manager of, and of the organisations it belongs to. One statement."""
    limit = clamp(limit)
    rows = (
        _benefits(account)
        .filter(following(BENEFITS.read(after), at="issued_at", tie="id"))
        .order_by("-issued_at", "-id")
    )
    page = BENEFITS.page(list(rows[: limit + 1]), limit, lambda row: (row.issued_at, row.pk))
    return page.map(_benefit)


def benefit_for(account: Account, public_id: str) -> Benefit:
    """The door to one benefit, activated ones too (who comes second is told so); else NotFound."""
    key = parse_public_id(public_id)
    found = _seen_by(account, public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return _benefit(found)


def may_activate(account: Account, contract: Contract) -> bool:
    """Managers of the contract and of the organisation that holds it, the person who holds it, and
    the vendor's agents."""
    return contract.holder_person_id == account.person_id or manages(account, contract)


def sees_benefit(account: Account, contract: Contract) -> bool:
    """Whether the benefit is shown to the account, if only with whom to ask."""
    return may_activate(account, contract) or _seen_by(account, pk=contract.pk).exists()


def managed_contracts(
    account: Account, after: str | None = None, limit: int = LIMIT
) -> Page[Contract]:
    """Activated contracts that the account manages without having added them, newest first, with
    their plans and holders. One statement."""
    limit = clamp(limit)
    rows = (
        Contract.objects.select_related("plan_version__plan", "holder_organization")
        .filter(
            pk__in=_named(account).union(
                _held(holder_organization__in=_organizations(account, managing=True))
            ),
            activated_on__isnull=False,
        )
        .exclude(
            Exists(
                Registration.objects.filter(
                    contract=OuterRef("pk"), account=account, ended_at__isnull=True
                )
            )
        )
    )
    if (key := MANAGED.read(after)) is not None:
        rows = rows.filter(pk__lt=key[0])
    return MANAGED.page(list(rows.order_by("-pk")[: limit + 1]), limit, lambda row: (row.pk,))


# --- Pieces ---------------------------------------------------------------------------------------
def _live(contract: Contract) -> QuerySet[Registration]:
    return contract.registrations.filter(ended_at__isnull=True)


Keys = QuerySet[Any, Any]


def _named(account: Account) -> Keys:
    return ContractManager.objects.filter(account=account).values("contract")


def _organizations(account: Account, *, managing: bool) -> Keys:
    rows = Membership.objects.filter(account=account)
    return (rows.filter(role=Membership.Role.MANAGER) if managing else rows).values("organization")


def _held(**holder: object) -> Keys:
    return Contract.objects.filter(**holder).values("pk")


def _benefits(account: Account) -> QuerySet[Contract]:
    return _seen_by(account, activated_on__isnull=True, cancelled_at__isnull=True)


def _seen_by(account: Account, **wanted: object) -> QuerySet[Contract]:
    """A union of keys, each found along an index; an OR over the table would read all of it."""
    of_members = _organizations(account, managing=False)
    seen = _named(account).union(
        _held(holder_person=account.person_id, **wanted),
        _held(holder_organization__in=of_members, **wanted),
    )
    if account.organization_id is not None:
        seen = seen.union(_held(holder_organization=account.organization_id, **wanted))
    is_for_viewer = (
        Q(pk__in=_named(account))
        | Q(holder_person=account.person_id)
        | Q(holder_organization__in=_organizations(account, managing=True))
    )
    return (
        Contract.objects.select_related("plan_version__plan", "holder_organization")
        .filter(pk__in=seen, **wanted)
        .annotate(is_for_viewer=Case(When(is_for_viewer, then=True), default=False))
    )


def _benefit(row: Contract) -> Benefit:
    return Benefit(row, bool(getattr(row, "is_for_viewer", False)))
