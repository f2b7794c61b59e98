"""What must hold of cases, their readers and their incidents at every instant (I2, I4, I6).

Each check is one or two walks in SQL that both engines run; nothing is held but the breaches.
"""

from __future__ import annotations

from collections.abc import Callable

from opora.core.invariants import Check, Result, Snapshot

# --- I2: each case drew exactly one incident, each draw has its case ------------------------------

_UNPAID = """
    SELECT k.number FROM cases_case k LEFT JOIN contracts_incidententry e
    ON e.case_number = k.number AND e.kind = 'consumed' AND e.contract_id = k.contract_id
    WHERE e.id IS NULL
"""
_STRAY = """
    SELECT e.id, e.case_number FROM contracts_incidententry e
    LEFT JOIN cases_case k ON k.number = e.case_number
    WHERE e.kind IN ('consumed', 'returned') AND k.id IS NULL
"""
_RETURNED = """
    SELECT k.number FROM cases_case k LEFT JOIN contracts_incidententry e
    ON e.case_number = k.number AND e.kind = 'returned'
    WHERE (k.unit_returned_at IS NULL) <> (e.id IS NULL)
"""

# --- Shapes ---------------------------------------------------------------------------------------

_PRIMARIES = """
    SELECT k.number, count(c.id) FROM cases_case k
    LEFT JOIN cases_casecontact c ON c.case_id = k.id AND c.role = 'primary'
    GROUP BY k.id, k.number HAVING count(c.id) <> 1
"""
_STATES = """
    SELECT number, status FROM cases_case
    WHERE (status = 'closed') <> (closed_at IS NOT NULL)
    OR (status = 'closed') <> (outcome <> '')
    OR (status = 'submitted' AND owner_id IS NOT NULL)
    OR (status NOT IN ('submitted', 'closed') AND owner_id IS NULL)
    OR (owner_id IS NOT NULL AND NOT was_ever_owned)
    OR (proposed_outcome <> '' AND status <> 'resolved')
    OR (status = 'resolved' AND proposed_outcome = '')
    OR (third_party_reason <> '' AND status NOT IN ('submitted', 'assigned', 'in_progress'))
    OR (is_round_the_clock AND severity <> 'A')
    OR last_activity_at < submitted_at
    OR status_since < submitted_at
"""
_FIRST_RESPONSES = """
    SELECT k.number FROM cases_case k
    LEFT JOIN (
        SELECT case_id, min(at) AS first_at FROM cases_message
        WHERE side = 'agent' AND kind = 'message' GROUP BY case_id
    ) m ON m.case_id = k.id
    WHERE (k.first_responded_at IS NULL) <> (m.first_at IS NULL)
    OR k.first_responded_at <> m.first_at
"""
_CUSTOMERS_SECRETS = """
    SELECT m.id FROM cases_message m JOIN accounts_account a ON a.id = m.author_id
    WHERE (m.side = 'agent') <> (a.kind IN ('agent', 'administrator'))
"""

# --- I6: readers are exactly the accounts behind the contacts, and the members of the group ----

_DERIVED = """
    SELECT c.case_id, b.account_id FROM cases_casecontact c
    JOIN cases_contactbinding b ON b.contact_id = c.id
"""
_MISSING = f"""
    SELECT k.number, d.account_id FROM ({_DERIVED}) d
    JOIN cases_case k ON k.id = d.case_id
    WHERE NOT EXISTS (
        SELECT 1 FROM cases_casereader r
        WHERE r.case_id = d.case_id AND r.account_id = d.account_id AND r.is_contact)
"""  # noqa: S608 - our own statement
_IN_GROUP = """
    SELECT k.id AS case_id, k.number, m.account_id FROM cases_case k
    JOIN accounts_group g ON g.id = k.group_id
    JOIN accounts_organization o ON o.id = g.organization_id AND o.has_groups
    JOIN accounts_groupmember m ON m.group_id = g.id
"""
_MISSING_MEMBER = f"""
    SELECT d.number, d.account_id FROM ({_IN_GROUP}) d
    WHERE NOT EXISTS (
        SELECT 1 FROM cases_casereader r
        WHERE r.case_id = d.case_id AND r.account_id = d.account_id)
"""  # noqa: S608 - our own statement
# From the case to its few contacts: SQLite keeps the order of a CROSS JOIN. From the account it
# would look through all of its requests, for each of them.
_BEHIND_CONTACT = """
    EXISTS (
        SELECT 1 FROM cases_casecontact c CROSS JOIN cases_contactbinding b
        WHERE b.contact_id = c.id AND c.case_id = r.case_id AND b.account_id = r.account_id)
"""
_TOO_MANY = f"""
    SELECT k.number, r.account_id FROM cases_casereader r JOIN cases_case k ON k.id = r.case_id
    WHERE r.is_contact AND NOT {_BEHIND_CONTACT}
    OR NOT r.is_contact AND NOT EXISTS (
        SELECT 1 FROM ({_IN_GROUP}) d
        WHERE d.case_id = r.case_id AND d.account_id = r.account_id)
"""  # noqa: S608 - our own statement
# In a group are people of its organisation.
_STRANGE_MEMBERS = """
    SELECT g.name_key, m.account_id FROM accounts_groupmember m
    JOIN accounts_group g ON g.id = m.group_id
    WHERE NOT EXISTS (
        SELECT 1 FROM accounts_membership s
        WHERE s.account_id = m.account_id AND s.organization_id = g.organization_id)
"""
_COPIES = """
    SELECT k.number, r.account_id FROM cases_casereader r JOIN cases_case k ON k.id = r.case_id
    WHERE r.is_open <> (k.status <> 'closed')
    OR r.is_customers_turn <> (k.status IN ('waiting_for_customer', 'resolved'))
    OR r.last_activity_at <> k.last_activity_at
"""
# A binding without proof: the account never showed that the address was its own.
_UNPROVED = """
    SELECT b.id FROM cases_contactbinding b
    JOIN cases_casecontact c ON c.id = b.contact_id
    JOIN accounts_account a ON a.id = b.account_id
    WHERE a.kind <> b.account_kind OR a.kind NOT IN ('personal', 'work') OR NOT EXISTS (
        SELECT 1 FROM accounts_provedaddress p
        WHERE p.account_id = b.account_id AND p.address_key = c.email_key)
"""
# A proof without binding is under way while its job waits, and no breach: the job binds it.
_UNBOUND = """
    SELECT count(*) FROM cases_casecontact c
    JOIN accounts_provedaddress p ON p.address_key = c.email_key AND p.released_at IS NULL
    JOIN accounts_account a ON a.id = p.account_id AND a.kind IN ('personal', 'work')
    WHERE NOT EXISTS (
        SELECT 1 FROM cases_contactbinding b
        WHERE b.contact_id = c.id AND b.account_kind = a.kind)
"""

# --- Files --------------------------------------------------------------------------------------

_FILES = """
    SELECT a.id FROM cases_attachment a JOIN cases_draft d ON d.id = a.draft_id
    WHERE a.uploaded_by_id <> d.account_id
    OR (a.case_id IS NOT NULL AND (d.case_id IS NULL OR d.case_id <> a.case_id))
"""


def _walk(count: str, *found: tuple[str, str], under_way: str = "") -> Callable[[Snapshot], Result]:
    """A check that counts the rows of a table, and tells each row that a statement finds."""

    def run(snapshot: Snapshot) -> Result:
        return Result(
            counted=snapshot.number(f"SELECT count(*) FROM {count}"),  # noqa: S608 - our tables
            breaches=[told.format(*row) for sql, told in found for row in snapshot.rows(sql)],
            under_way=snapshot.number(under_way) if under_way else 0,
        )

    return run


CHECKS: tuple[Check, ...] = (
    Check(
        "I2 pairing",
        "every case drew one incident, every draw and return has its case",
        _walk(
            "cases_case",
            (_UNPAID, "case {0} drew no incident from its contract"),
            (_STRAY, "entry {0} names case {1}, which does not exist"),
            (_RETURNED, "case {0} and the ledger disagree on whether its incident came back"),
        ),
    ),
    Check(
        "I4 cases",
        "every case has one primary contact, and a state that fits its facts",
        _walk(
            "cases_case",
            (_PRIMARIES, "case {0} has {1} primary contacts"),
            (_STATES, "case {0} is {1}, and its facts do not fit that"),
            (_FIRST_RESPONSES, "case {0}: its first response is not its agents' first message"),
        ),
    ),
    Check(
        "I4 messages",
        "every message stands on its author's side",
        _walk("cases_message", (_CUSTOMERS_SECRETS, "message {0} is not on its author's side")),
    ),
    Check(
        "I6 readers",
        "exactly the accounts behind its contacts and in its group read a case, as it is now",
        _walk(
            "cases_casereader",
            (_MISSING, "case {0} is kept from account {1}, which is behind a contact"),
            (_MISSING_MEMBER, "case {0} is kept from account {1}, which is in its group"),
            (_TOO_MANY, "case {0} is open to account {1}, behind no contact and in no group of it"),
            (_COPIES, "case {0} is listed with another state for account {1}"),
        ),
    ),
    Check(
        "I6 groups",
        "the members of a group are people of its organization",
        _walk(
            "accounts_groupmember",
            (_STRANGE_MEMBERS, "group {0} holds account {1}, which is not of its organization"),
        ),
    ),
    Check(
        "I6 bindings",
        "contacts are bound to accounts that proved their addresses",
        _walk(
            "cases_contactbinding",
            (_UNPROVED, "binding {0} was never proved"),
            under_way=_UNBOUND,
        ),
    ),
    Check(
        "I6 files",
        "a draft's files are its account's, and go with it",
        _walk("cases_attachment", (_FILES, "file {0} is not its draft's")),
    ),
)
