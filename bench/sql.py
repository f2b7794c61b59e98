"""The statements that do the measured work, with nothing around them: what the least app runs, and
the floor without a web layer. A cursor of Django's and one of psycopg's are the same to them."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from opora.core.stems import terms_of

PAGE = 26  # 25 rows, and one that says whether there are more
LIST = """
    k.id, k.number, k.title, p.name AS product_name, v.name AS version_name, k.severity,
    k.is_round_the_clock, k.status, k.third_party_reason, k.submitted_at, k.response_due_at,
    k.first_responded_at, k.last_activity_at, k.closed_at, k.outcome,
    w.given_name || ' ' || w.family_name AS owner"""
JOINS = """
    JOIN catalog_product p ON p.id = k.product_id JOIN catalog_version v ON v.id = k.version_id
    LEFT JOIN accounts_account o ON o.id = k.owner_id
    LEFT JOIN accounts_person w ON w.id = o.person_id"""
HOLDER = """
    JOIN contracts_contract c ON c.id = k.contract_id
    LEFT JOIN accounts_organization g ON g.id = c.holder_organization_id
    LEFT JOIN accounts_person h ON h.id = c.holder_person_id"""


def account(cursor: Any, key: int) -> Any:
    return _one(
        cursor,
        "SELECT a.id, a.kind, a.email, p.given_name, p.family_name FROM accounts_account a "
        "JOIN accounts_person p ON p.id = a.person_id WHERE a.id = %s AND a.is_active",
        [key],
    )


def account_of_token(cursor: Any, token: str, now: datetime) -> Any:
    return _one(
        cursor,
        "SELECT a.id, a.kind FROM accounts_apitoken t JOIN accounts_account a ON a.id = t.account_id "
        "WHERE t.secret_hash = %s AND t.revoked_at IS NULL AND t.expires_at > %s AND a.is_active",
        [hashlib.sha256(token.encode()).hexdigest(), now],
    )


def list_of(cursor: Any, account: int) -> list[Any]:
    return all_of(
        cursor,
        f"SELECT {LIST} FROM cases_casereader r JOIN cases_case k ON k.id = r.case_id {JOINS} "
        "WHERE r.account_id = %s ORDER BY r.last_activity_at DESC, r.case_id DESC LIMIT %s",
        [account, PAGE],
    )


def figures(cursor: Any, account: int) -> Any:
    return _one(
        cursor,
        "SELECT (SELECT count(*) FROM cases_casereader WHERE account_id = %(a)s AND is_open) open, "
        "(SELECT count(*) FROM cases_casereader WHERE account_id = %(a)s AND is_customers_turn) "
        "waiting, sum(c.incidents_left) AS left, "
        "count(*) FILTER (WHERE c.ends_on <= current_date + 60) AS ending "
        "FROM contracts_registration r JOIN contracts_contract c ON c.id = r.contract_id "
        "WHERE r.account_id = %(a)s AND r.ended_at IS NULL AND c.starts_on <= current_date "
        "AND c.ends_on >= current_date AND c.suspended_at IS NULL AND c.cancelled_at IS NULL",
        {"a": account},
    )


def drafts(cursor: Any, account: int) -> list[Any]:
    return all_of(
        cursor,
        "SELECT public_id, answers ->> 'title' AS title, updated_at FROM cases_draft "
        "WHERE account_id = %s AND case_id IS NULL ORDER BY updated_at DESC LIMIT 25",
        [account],
    )


def queue(cursor: Any, agent: int) -> list[Any]:
    """Open cases of the agents' queues: unanswered ones first, then by when they are due; one walk
    along the index that has this order."""
    return all_of(
        cursor,
        f"SELECT {LIST}, coalesce(g.name, h.given_name || ' ' || h.family_name) AS holder "
        f"FROM cases_case k {JOINS} {HOLDER} WHERE k.queue_id = %s AND NOT (k.status = 'closed') "
        "ORDER BY CASE WHEN k.first_responded_at IS NULL THEN 0 ELSE 1 END, k.response_due_at, k.id "
        "LIMIT %s",
        [queue_of(cursor, agent), PAGE],
    )


def queue_of(cursor: Any, agent: int) -> int:
    row = _one(
        cursor,
        "SELECT id FROM cases_queue q WHERE holds_every_agent OR EXISTS (SELECT 1 "
        "FROM cases_queuemember m WHERE m.queue_id = q.id AND m.account_id = %s) LIMIT 1",
        [agent],
    )
    return int(row["id"])


def case(cursor: Any, account: int, number: str) -> Any:
    return _one(
        cursor,
        f"SELECT {LIST}, k.description, n.names AS plan, c.contract_id FROM cases_case k {JOINS} "
        "JOIN contracts_contract c ON c.id = k.contract_id "
        "JOIN contracts_planversion b ON b.id = k.plan_version_id "
        "JOIN contracts_plan n ON n.id = b.plan_id "
        "WHERE k.number = %s AND EXISTS (SELECT 1 FROM cases_casereader r "
        "WHERE r.case_id = k.id AND r.account_id = %s)",
        [number, account],
    )


def messages(cursor: Any, case: int) -> list[Any]:
    return all_of(
        cursor,
        "SELECT m.public_id, m.side, m.body, m.at, m.attachments, p.given_name, p.family_name "
        "FROM cases_message m JOIN accounts_account a ON a.id = m.author_id "
        "JOIN accounts_person p ON p.id = a.person_id "
        "WHERE m.case_id = %s AND m.kind = 'message' ORDER BY m.id LIMIT 101",
        [case],
    )


def contacts(cursor: Any, case: int) -> list[Any]:
    return all_of(
        cursor,
        "SELECT given_name, family_name, email, role FROM cases_casecontact WHERE case_id = %s "
        "ORDER BY role DESC, id",
        [case],
    )


def files(cursor: Any, case: int) -> list[Any]:
    return all_of(
        cursor,
        "SELECT public_id, name, size FROM cases_attachment WHERE case_id = %s "
        "AND NOT is_internal ORDER BY id",
        [case],
    )


def products(cursor: Any) -> list[Any]:
    return all_of(
        cursor, "SELECT slug, name, family FROM catalog_product ORDER BY family, name", []
    )


# --- Writing -------------------------------------------------------------------------------------


def reply(cursor: Any, account: int, number: str, body: str, now: datetime) -> bool:
    """A contact's message on an open case, with all that a message leaves."""
    found = _one(
        cursor,
        "UPDATE cases_case k SET last_activity_at = %s, revision = revision + 1 WHERE number = %s "
        "AND status <> 'closed' AND EXISTS (SELECT 1 FROM cases_casereader r "
        "WHERE r.case_id = k.id AND r.account_id = %s) RETURNING id",
        [now, number, account],
    )
    if found is None:
        return False
    key, message = found["id"], UUID(bytes=secrets.token_bytes(16))
    cursor.execute(
        "UPDATE cases_casereader SET last_activity_at = %s WHERE case_id = %s", [now, key]
    )
    cursor.execute(
        "INSERT INTO cases_message (public_id, case_id, kind, side, author_id, asks, body, "
        "attachments, at) VALUES (%s, %s, 'message', 'customer', %s, FALSE, %s, '[]', %s)",
        [message, key, account, body, now],
    )
    _index(cursor, key, body, now)
    facts = {"message": message.hex, "side": "customer"}
    _audit(cursor, "case.message_written", number, account, facts, now)
    return True


def draft(cursor: Any, account: int, key: str) -> Any:
    return _one(
        cursor,
        "SELECT id, case_id, answers, updated_at FROM cases_draft "
        "WHERE public_id = %s AND account_id = %s",
        [UUID(hex=key), account],
    )


def open_case(
    cursor: Any, account: int, wanted: dict[str, Any], now: datetime, draft: str = ""
) -> dict[str, Any]:
    """A case with everything that opening one leaves; the incident is drawn last."""
    named = _one(
        cursor,
        "SELECT v.id AS version, v.product_id AS product, c.id AS contract, c.contract_id, "
        "c.plan_version_id AS plan_version, n.code, q.id AS queue FROM catalog_version v "
        "JOIN catalog_product p ON p.id = v.product_id, contracts_contract c "
        "JOIN contracts_registration r ON r.contract_id = c.id AND r.ended_at IS NULL "
        "JOIN contracts_planversion b ON b.id = c.plan_version_id "
        "JOIN contracts_plan n ON n.id = b.plan_id, cases_queue q "
        "WHERE p.slug = %s AND v.slug = %s AND c.public_id = %s AND r.account_id = %s "
        "AND q.is_default AND c.ends_on >= current_date AND c.suspended_at IS NULL "
        "AND c.cancelled_at IS NULL AND c.incidents_left > 0",
        [wanted["product"], wanted["version"], UUID(hex=wanted["contract"]), account],
    )
    number = f"{now:%y%m%d}{secrets.randbelow(10**10):010d}"
    due_at = now + timedelta(hours=8)
    plan = json.dumps({"plan": named["code"], "reasons": []})
    case = _one(
        cursor,
        "INSERT INTO cases_case (number, title, description, product_id, version_id, is_production, "
        "contract_id, plan_version_id, admitted_phase, admitted_by, severity, is_round_the_clock, "
        "country, time_zone, language, status, status_since, third_party_reason, queue_id, "
        "was_ever_owned, submitted_by_id, submitted_at, response_due_at, proposed_outcome, outcome, "
        "last_activity_at, revision) VALUES (%s, %s, %s, %s, %s, TRUE, %s, %s, 'mainstream', %s, %s, "
        "FALSE, %s, %s, 'cs', 'submitted', %s, '', %s, FALSE, %s, %s, %s, '', '', %s, 1) "
        "RETURNING id",
        [
            *(number, wanted["title"], wanted["description"], named["product"], named["version"]),
            *(named["contract"], named["plan_version"], plan, wanted["severity"]),
            *(wanted["country"], wanted["time_zone"], now, named["queue"], account, now),
            *(due_at, now),
        ],
    )
    key = case["id"]
    if draft:
        cursor.execute(
            "INSERT INTO cases_draft (public_id, account_id, answers, confirmed, created_at, "
            "updated_at, case_id) VALUES (%s, %s, %s, '[]', %s, %s, %s)",
            [UUID(hex=draft), account, json.dumps(wanted), now, now, key],
        )
    contact = _one(
        cursor,
        "INSERT INTO cases_casecontact (public_id, case_id, role, given_name, family_name, email, "
        "email_key, phone, preferred_contact, language, added_at, added_by_id) "
        "VALUES (%s, %s, 'primary', %s, %s, %s, %s, '', 'email', 'cs', %s, %s) RETURNING id",
        [
            *(UUID(bytes=secrets.token_bytes(16)), key, wanted["primary_contact.given_name"]),
            *(wanted["primary_contact.family_name"], wanted["primary_contact.email"]),
            *(wanted["primary_contact.email"].casefold(), now, account),
        ],
    )
    cursor.execute(
        "INSERT INTO cases_contactbinding (contact_id, account_id, account_kind, bound_at) "
        "SELECT c.id, a.id, a.kind, %s FROM cases_casecontact c "
        "JOIN accounts_provedaddress p ON p.address_key = c.email_key AND p.released_at IS NULL "
        "JOIN accounts_account a ON a.id = p.account_id WHERE c.case_id = %s RETURNING account_id",
        [now, key],
    )
    readers = cursor.fetchall()
    cursor.execute(
        "INSERT INTO cases_casereader (case_id, account_id, is_contact, is_open, "
        "is_customers_turn, last_activity_at) "
        "SELECT c.case_id, b.account_id, TRUE, TRUE, FALSE, %s FROM cases_casecontact c "
        "JOIN cases_contactbinding b ON b.contact_id = c.id WHERE c.case_id = %s",
        [now, key],
    )
    _index(cursor, key, f"{number} {wanted['title']}\n{wanted['description']}", now)
    facts = {"contract": wanted["contract"], "severity": wanted["severity"]}
    _audit(cursor, "case.opened", number, account, facts, now)
    cursor.execute(
        "INSERT INTO core_job (kind, key, payload, state, created_at, run_after, lease, tries, "
        "last_error) VALUES ('mail.case_receipt', %s, %s, 'open', %s, %s, '', 0, '')",
        [
            f"case:{number}:contact:{contact['id']}",
            json.dumps({"case": key, "contact": contact["id"]}),
            *(now, now),
        ],
    )
    drawn = _one(
        cursor,
        "UPDATE contracts_contract SET incidents_left = incidents_left - 1, "
        "entry_count = entry_count + 1 WHERE id = %s AND incidents_left > 0 "
        "AND suspended_at IS NULL AND cancelled_at IS NULL AND ends_on >= current_date "
        "RETURNING incidents_left, entry_count",
        [named["contract"]],
    )
    cursor.execute(
        "INSERT INTO contracts_incidententry (contract_id, sequence, kind, quantity, balance_after, "
        "reason, case_number, actor_id, at) "
        "VALUES (%s, %s, 'consumed', -1, %s, 'case_opened', %s, %s, %s)",
        [
            *(named["contract"], drawn["entry_count"], drawn["incidents_left"]),
            *(number, account, now),
        ],
    )
    return {
        "number": number,
        "submitted_at": now.isoformat(),
        "response_due_at": due_at.isoformat(),
        "contract": {"id": wanted["contract"], "contract_id": named["contract_id"]},
        "readable": any(reader for reader in readers),
    }


def receipt(cursor: Any, account: int, key: str) -> Any:
    return _one(
        cursor,
        "SELECT k.id, k.number, k.title, k.response_due_at, c.contract_id, EXISTS (SELECT 1 "
        "FROM cases_casereader r WHERE r.case_id = k.id AND r.account_id = d.account_id) AS readable "
        "FROM cases_draft d JOIN cases_case k ON k.id = d.case_id "
        "JOIN contracts_contract c ON c.id = k.contract_id "
        "WHERE d.public_id = %s AND d.account_id = %s",
        [UUID(hex=key), account],
    )


def stored_answer(cursor: Any, account: int, key: str) -> str | None:
    number = int.from_bytes(hashlib.sha256(f"{account}:{key}".encode()).digest()[:8], signed=True)
    row = _one(
        cursor,
        "SELECT pg_try_advisory_xact_lock(%s), s.body FROM (SELECT 1) one "
        "LEFT JOIN core_storedanswer s ON s.account_id = %s AND s.call = 'cases' AND s.key = %s",
        [number, account, key],
    )
    return None if row["body"] is None else str(row["body"])


def store_answer(
    cursor: Any, account: int, key: str, asked: bytes, answer: str, now: datetime
) -> None:
    cursor.execute(
        "INSERT INTO core_storedanswer (account_id, call, key, body_hash, status, body, at) "
        "VALUES (%s, 'cases', %s, %s, 201, %s, %s)",
        [account, key, hashlib.sha256(asked).hexdigest(), answer, now],
    )


def _index(cursor: Any, case: int, text: str, now: datetime) -> None:
    cursor.execute(
        "INSERT INTO cases_searchrow (case_id, is_internal, at, document) "
        "VALUES (%s, FALSE, %s, array_to_tsvector(%s))",
        [case, now, terms_of(text)],
    )


def _audit(
    cursor: Any, code: str, number: str, account: int, facts: dict[str, str], now: datetime
) -> None:
    cursor.execute(
        "INSERT INTO core_auditline (at, actor_id, code, target_kind, target_id, facts, seal) "
        "VALUES (%s, %s, %s, 'case', %s, %s, '')",
        [now, account, code, number, json.dumps(facts)],
    )


# --- Rows as dictionaries ------------------------------------------------------------------------


def _one(cursor: Any, statement: str, params: Any) -> Any:
    rows = all_of(cursor, statement, params)
    return rows[0] if rows else None


def all_of(cursor: Any, statement: str, params: Any) -> list[Any]:
    cursor.execute(statement, params)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
