"""Who can see a case and since when, and whom an account has worked with before (S8.3–S8.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, OuterRef, QuerySet

from opora.accounts.models import Account, Group, GroupMember
from opora.cases.models import Case, CaseContact, CaseReader, ContactBinding
from opora.core.prepared import Param, Prepared

MOST_MEMBERS_NAMED = 20
MOST_KNOWN = 100
NEWEST_CASES = 100  # of which the people are known
NEWEST_CONTACTS = 300


@dataclass(frozen=True)
class GroupOnCase:
    """The group that reads a case. `names`: of its members, at most 20 by family name, for those
    who are in it themselves; to other contacts it is a name and a number (AC-11)."""

    public_id: str
    name: str
    organization: str
    since: datetime | None
    members: int
    has_viewer: bool
    names: tuple[str, ...]


def people_on(case: Case, viewer: Account) -> list[CaseContact]:
    """The contacts, primary first, with who added them; each says `is_viewer`, and `has_opened`:
    whether an account behind it has looked at the case. One statement.

    Whether an address has an account is told to nobody (AC-11).
    """
    return _PEOPLE.rows(case=case.pk, viewer=viewer.pk)


_CASE = Param("case", BigIntegerField())
_VIEWER = Param("viewer", BigIntegerField())
_PEOPLE: Prepared[CaseContact] = Prepared(
    lambda: (
        CaseContact.objects.filter(case=_CASE)
        .select_related("added_by__person")
        .annotate(
            is_viewer=Exists(
                ContactBinding.objects.filter(contact=OuterRef("pk"), account=_VIEWER)
            ),
            has_opened=Exists(
                CaseReader.objects.filter(
                    case=_CASE,
                    seen_at__isnull=False,
                    account__contact_bindings__contact=OuterRef("pk"),
                )
            ),
        )
        .order_by("-role", "pk")
    )
)


def group_on(case: Case, viewer: Account) -> GroupOnCase | None:
    """The group whose members read the case; None without one, or while its organisation has groups
    switched off. Two statements, none without a group."""
    if case.group_id is None:
        return None
    group: Any = (
        Group.objects.select_related("organization")
        .annotate(
            many=Count("members"),
            has_viewer=Exists(GroupMember.objects.filter(group=OuterRef("pk"), account=viewer)),
        )
        .filter(pk=case.group_id, organization__has_groups=True)
        .first()
    )
    if group is None:
        return None
    names: list[str] = []
    if group.has_viewer:
        rows = GroupMember.objects.filter(group=group).select_related("account__person")
        by_name = ("account__person__family_name", "account__person__given_name", "pk")
        names = [row.account.full_name for row in rows.order_by(*by_name)[:MOST_MEMBERS_NAMED]]
    return GroupOnCase(
        public_id=group.public_id.hex,
        name=group.name,
        organization=group.organization.name,
        since=case.group_named_at,
        members=group.many,
        has_viewer=group.has_viewer,
        names=tuple(names),
    )


# --- The address book ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Somebody whom the account named on a request, or with whom it shares one."""

    given_name: str
    family_name: str
    email: str
    email_key: str

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


def known_to(account: Account) -> list[Known]:
    """People whom this account itself named as contacts, and the contacts of the newest requests
    that it is a contact of; never anybody else (AC-11). Each address once, as it was written last,
    without the account's own; by name, at most 100. Two statements."""
    rows = [
        *_NAMED.rows(account=account.pk, limit=NEWEST_CONTACTS),
        *_SHARED_WITH.rows(account=account.pk),
    ]
    found: dict[str, Known] = {}
    for _key, *person in sorted(rows, reverse=True):
        known = Known(*person)
        if known.email_key != account.email_key:
            found.setdefault(known.email_key, known)
    newest = list(found.values())[:MOST_KNOWN]
    return sorted(newest, key=lambda one: (one.full_name.casefold(), one.email_key))


_ACCOUNT = Param("account", BigIntegerField())
_COLUMNS = ("pk", "given_name", "family_name", "email", "email_key")
_NAMED: Prepared[tuple[int, str, str, str, str]] = Prepared(
    lambda: CaseContact.objects.filter(added_by=_ACCOUNT).order_by("-pk").values_list(*_COLUMNS),
    limited=True,
)


def _newest_of() -> QuerySet[CaseReader, Any]:
    rows = CaseReader.objects.filter(account=_ACCOUNT, is_contact=True)
    return rows.order_by("-last_activity_at", "-case").values("case")[:NEWEST_CASES]


_SHARED_WITH: Prepared[tuple[int, str, str, str, str]] = Prepared(
    lambda: CaseContact.objects.filter(case__in=_newest_of()).values_list(*_COLUMNS)
)
