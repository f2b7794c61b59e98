"""Who reads a case (I6): derived in one place, in SQL that both engines run.

Contacts are bound to the accounts that proved their addresses (S8.4); the accounts behind a case's
bindings are its readers, and so are the members of its group while their organisation has groups
switched on (S8.5). Each step is one statement, however many contacts or members there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from opora.accounts.models import GroupMember
from opora.cases.models import Case, CaseReader, ContactBinding
from opora.core import prepared

# Each account that has proved a contact's address, once a kind, who proved it first before others.
# An address that a bound account let go gives its next owner nothing.
_BIND = """
INSERT INTO cases_contactbinding (contact_id, account_id, account_kind, bound_at)
SELECT c.id, a.id, a.kind, {bound_at}
FROM cases_casecontact c
JOIN accounts_provedaddress p ON p.address_key = c.email_key AND p.released_at IS NULL
JOIN accounts_account a ON a.id = p.account_id AND a.kind IN ('personal', 'work')
WHERE {whose}
AND NOT EXISTS (
    SELECT 1 FROM cases_contactbinding b
    JOIN accounts_provedaddress gone
    ON gone.account_id = b.account_id AND gone.address_key = c.email_key
    WHERE b.contact_id = c.id AND gone.released_at IS NOT NULL
)
ORDER BY p.proved_at, p.id
ON CONFLICT DO NOTHING
RETURNING contact_id
"""
# Whoever submitted it has seen it; a member of its group who becomes a contact keeps what they saw.
_READ = """
INSERT INTO cases_casereader
    (case_id, account_id, is_contact, is_open, is_customers_turn, last_activity_at, seen_at)
SELECT DISTINCT k.id, b.account_id, TRUE, k.status <> 'closed',
    k.status IN ('waiting_for_customer', 'resolved'), k.last_activity_at,
    CASE WHEN k.submitted_by_id = b.account_id THEN k.submitted_at END
FROM cases_case k
JOIN cases_casecontact c ON c.case_id = k.id
JOIN cases_contactbinding b ON b.contact_id = c.id
WHERE {whose}
ON CONFLICT (case_id, account_id) DO UPDATE SET is_contact = TRUE
WHERE NOT cases_casereader.is_contact
RETURNING case_id, account_id
"""
_READ_AS_MEMBERS = """
INSERT INTO cases_casereader
    (case_id, account_id, is_contact, is_open, is_customers_turn, last_activity_at, seen_at)
SELECT k.id, m.account_id, FALSE, k.status <> 'closed',
    k.status IN ('waiting_for_customer', 'resolved'), k.last_activity_at,
    CASE WHEN k.submitted_by_id = m.account_id THEN k.submitted_at END
FROM cases_case k
JOIN accounts_group g ON g.id = k.group_id
JOIN accounts_organization o ON o.id = g.organization_id
JOIN accounts_groupmember m ON m.group_id = g.id
WHERE o.has_groups AND {whose}
ON CONFLICT DO NOTHING
RETURNING account_id
"""


# Outside of admit_account, whoever admits holds the one case already.
_LOCK = """
SELECT k.id FROM cases_case k
WHERE k.id IN (
    SELECT c.case_id FROM cases_casecontact c
    JOIN accounts_provedaddress p ON p.address_key = c.email_key AND p.released_at IS NULL
    WHERE p.account_id = %s
)
AND NOT EXISTS (
    SELECT 1 FROM cases_casereader r
    WHERE r.case_id = k.id AND r.account_id = %s AND r.is_contact
)
ORDER BY k.id
FOR NO KEY UPDATE
"""


def admit_contacts_of(case_pk: int, *, now: datetime) -> set[int]:
    """Bind a case's contacts to accounts and let them read; keys of the accounts that are new."""
    _insert(_BIND, whose="c.case_id = %s", params=[case_pk], bound_at=now)
    return {account for _case, account in _insert(_READ, whose="k.id = %s", params=[case_pk])}


def admit_account(account_pk: int, *, now: datetime) -> set[int]:
    """Bind an account to every contact whose address it has proved; keys of the cases it may read
    now and could not before.

    The cases are locked first, as every deed on a case does: a reader's row repeats the case's
    state, and must not repeat one that is just being changed.
    """
    _lock_cases_naming(account_pk)
    _insert(_BIND, whose="a.id = %s", params=[account_pk], bound_at=now)
    rows = _insert(_READ, whose="b.account_id = %s", params=[account_pk])
    return {case for case, _account in rows}


def _lock_cases_naming(account_pk: int) -> None:
    """Those that the account is about to read, in one order, to the end of the transaction."""
    if connection.vendor != "postgresql":
        return  # one writer at a time
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [account_pk, account_pk])


def admit_everybody(*, now: datetime) -> None:
    """The same for all contacts and groups of all cases, after rows were put in in bulk."""
    _insert(_BIND, whose="TRUE", params=[], bound_at=now)
    _insert(_READ, whose="TRUE", params=[])
    _insert(_READ_AS_MEMBERS, whose="TRUE", params=[])


def dismiss_strangers(case: Case) -> None:
    """Take the case from accounts that are behind none of its contacts any more, and in no group
    that it is shared with; who still is in its group keeps reading, and no more."""
    bound = ContactBinding.objects.filter(contact__case=case).values("account")
    strangers = CaseReader.objects.filter(case=case).exclude(account__in=bound)
    if case.group_id is None:
        strangers.delete()
        return
    members = GroupMember.objects.filter(
        group=case.group_id, group__organization__has_groups=True
    ).values("account")
    strangers.exclude(account__in=members).delete()
    strangers.filter(is_contact=True).update(is_contact=False)


def admit_group_of(case_pk: int) -> None:
    """Let the members of the case's group read it. The caller holds the case and the group."""
    _insert(_READ_AS_MEMBERS, whose="k.id = %s", params=[case_pk])


def admit_member(group_pk: int, account_pk: int) -> None:
    """Let a new member read what the group reads. The caller holds the group."""
    _lock_cases_of_groups([group_pk])
    _insert(
        _READ_AS_MEMBERS,
        whose="k.group_id = %s AND m.account_id = %s",
        params=[group_pk, account_pk],
    )


def admit_groups(group_pks: Sequence[int]) -> None:
    """Let the members of these groups read what is shared with them. The caller holds them."""
    _lock_cases_of_groups(group_pks)
    for group_pk in group_pks:
        _insert(_READ_AS_MEMBERS, whose="k.group_id = %s", params=[group_pk])


def dismiss_members(group_pks: Sequence[int], account_pk: int | None = None) -> None:
    """Take what is shared with these groups from their members, or from one of them, unless they
    are contacts of it. The caller holds the groups."""
    _lock_cases_of_groups(group_pks)
    rows = CaseReader.objects.filter(
        is_contact=False, case__in=Case.objects.filter(group__in=group_pks)
    )
    (rows if account_pk is None else rows.filter(account=account_pk)).delete()


def _lock_cases_of_groups(group_pks: Sequence[int]) -> None:
    """As every deed on a case does: a reader's row must not repeat a state that is changing."""
    list(Case.objects.filter(group__in=group_pks).locked().values_list("pk"))


def _insert(
    sql: str, *, whose: str, params: Sequence[Any], bound_at: datetime | None = None
) -> list[Any]:
    values = list(params)
    if bound_at is not None:
        values.insert(0, connection.ops.adapt_datetimefield_value(bound_at))
    # The cast only matters to PostgreSQL, which cannot see the type of a selected parameter.
    moment = "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"
    with prepared.cursor() as cursor:
        cursor.execute(sql.format(whose=whose, bound_at=moment), values)
        return list(cursor.fetchall())
