"""Groups of an organisation's people, and the one that a request is shared with (S8.5).

Whoever changes a group holds its row first and the cases after it, so that a request shared with a
group just as somebody joins it is missed by neither.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.actions import set_role
from opora.accounts.errors import NotOfTheOrganization
from opora.accounts.models import Account, Group, GroupMember, Membership, Organization
from opora.cases import readers
from opora.cases.actions.change import Change, changing
from opora.cases.errors import NotAllowed
from opora.cases.models import Case, CaseContact
from opora.cases.texts import one_line
from opora.core import audit
from opora.core.errors import InvalidInput, NotFound

LONGEST_NAME = 100


@transaction.atomic
def switch_groups(
    *, organization: Organization, on: bool, by: Account | None, now: datetime
) -> None:
    """Let an organisation's people share requests with their groups, or end it at once: what was
    shared stays named, and is read again when groups are switched on again. Safe to repeat."""
    groups = [group.pk for group in organization.groups.locked()]
    changed = Organization.objects.filter(pk=organization.pk, has_groups=not on)
    if not changed.update(has_groups=on):
        return
    organization.has_groups = on
    if on:
        readers.admit_groups(groups)
    else:
        readers.dismiss_members(groups)
    audit.record(
        "organization.groups_switched",
        target=("organization", organization.public_id.hex),
        by=by.pk if by else None,
        at=now,
        on=on,
    )


@transaction.atomic
def add_group(*, organization: Organization, name: str, by: Account | None, now: datetime) -> Group:
    """A group of the organisation, empty; the one that has this name already, if there is one.

    Raises InvalidInput on `name`.
    """
    name = one_line(name)
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput.on("name", _("Enter a name of at most 100 characters."))
    group, is_new = organization.groups.get_or_create(
        name_key=name.casefold(), defaults={"name": name, "created_at": now}
    )
    if is_new:
        _record("group.added", group, by=by, now=now)
    return group


@transaction.atomic
def join_group(*, group: Group, account: Account, by: Account | None, now: datetime) -> None:
    """Add somebody of the organisation: they read what is shared with the group, at once. Safe to
    repeat. Raises NotOfTheOrganization."""
    held = _held(group)
    belongs = Membership.objects.filter(organization=held.organization_id, account=account)
    if not belongs.exists():
        raise NotOfTheOrganization(address=account.email, organization=held.organization.name)
    _row, is_new = GroupMember.objects.get_or_create(
        group=held, account=account, defaults={"added_at": now}
    )
    if is_new:
        readers.admit_member(held.pk, account.pk)
        _record("group.member_added", held, by=by, now=now, account=account.pk)


@transaction.atomic
def leave_group(*, group: Group, account: Account, by: Account | None, now: datetime) -> None:
    """Take somebody out: from the next call on they read only what they are a contact of (AC-13).
    Safe to repeat."""
    held = _held(group)
    gone, _rows = GroupMember.objects.filter(group=held, account=account).delete()
    if gone:
        readers.dismiss_members([held.pk], account.pk)
        _record("group.member_removed", held, by=by, now=now, account=account.pk)


@transaction.atomic
def leave_organization(
    *, organization: Organization, account: Account, by: Account | None, now: datetime
) -> None:
    """End an account's role in an organisation, and with it what it reads through its groups. Safe
    to repeat."""
    for group in list(organization.groups.locked()):
        leave_group(group=group, account=account, by=by, now=now)
    set_role(organization=organization, account=account, role=None, by=by, now=now)


@transaction.atomic
def name_group(
    *,
    case: Case,
    group: Group | None,
    by: Account,
    now: datetime,
    revision: int | None = None,
) -> Case:
    """Share a case with one group, or with none: its members read it, and no more.

    A contact shares it with a group that they are in themself. Whoever may take away what stands
    there may put another in its place: the primary contact, and a contact in the group named now.
    Naming the same one again changes nothing. Raises NotAllowed, NotFound, CaseHasChanged.
    """
    if group is not None:
        _held(group)
    with changing(case, by=by, now=now, revision=revision) as change:
        before = change.case.group_id
        if before == (group.pk if group else None):
            return change.case
        if by.is_agent or not (_may_take_away(change, by) and _may_name(group, by)):
            raise NotAllowed
        change.set(group=group, group_named_at=now if group else None)
        change.case.save(update_fields=["group", "group_named_at"])
        if before is not None:
            readers.dismiss_strangers(change.case)
        if group is not None:
            readers.admit_group_of(change.case.pk)
            change.record("case.group_named", group=group.public_id.hex)
        else:
            change.record("case.group_taken_away")
    return change.case


def _may_name(group: Group | None, by: Account) -> bool:
    if group is None:
        return True
    return GroupMember.objects.filter(
        group=group, account=by, group__organization__has_groups=True
    ).exists()


def _may_take_away(change: Change, by: Account) -> bool:
    """Whether `by`, a contact, may end what the case is shared with now."""
    if change.case.group_id is None:
        return True
    is_primary = change.case.contacts.filter(
        role=CaseContact.Role.PRIMARY, bindings__account=by
    ).exists()
    return is_primary or GroupMember.objects.filter(group=change.case.group_id, account=by).exists()


def _held(group: Group) -> Group:
    """The group, locked to the end of the transaction. NotFound if it is gone."""
    found = Group.objects.locked().select_related("organization").filter(pk=group.pk).first()
    if found is None:
        raise NotFound
    return found


def _record(
    code: str, group: Group, *, by: Account | None, now: datetime, **facts: int | None
) -> None:
    audit.record(
        code,
        target=("group", group.public_id.hex),
        by=by.pk if by else None,
        at=now,
        **facts,
    )
