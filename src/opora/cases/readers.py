"""Who reads a case (I6): derived in one place, in SQL that both engines run.

Contacts are bound to the accounts that proved their addresses (S8.4); the accounts behind a case's
bindings are its readers. Each step is one statement, however many contacts there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

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
_READ = """
INSERT INTO cases_casereader (case_id, account_id, is_open, is_customers_turn, last_activity_at)
SELECT DISTINCT k.id, b.account_id, k.status <> 'closed',
    k.status IN ('waiting_for_customer', 'resolved'), k.last_activity_at
FROM cases_case k
JOIN cases_casecontact c ON c.case_id = k.id
JOIN cases_contactbinding b ON b.contact_id = c.id
WHERE {whose}
ON CONFLICT DO NOTHING
RETURNING case_id, account_id
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
    SELECT 1 FROM cases_casereader r WHERE r.case_id = k.id AND r.account_id = %s
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
    """The same for all contacts of all cases, after rows were put in in bulk."""
    _insert(_BIND, whose="TRUE", params=[], bound_at=now)
    _insert(_READ, whose="TRUE", params=[])


def dismiss_strangers(case: Case) -> None:
    """Take the case from accounts that are behind none of its contacts any more."""
    bound = ContactBinding.objects.filter(contact__case=case).values("account")
    CaseReader.objects.filter(case=case).exclude(account__in=bound).delete()


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
