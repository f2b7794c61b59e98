"""Fills an empty, prepared database with cases in bulk: the same rows that the deeds leave.

`python -m bench.filling N` in an environment that names the database. Rows are made by the database
itself, from the number of the case; audit lines pass through here for their seals. Everything
follows from N: who owns what is skewed (a few customers have most of the cases), old cases are
closed, and a few accounts are there to be measured with (`bench.cast`).
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import django

from bench import cast

TEXTS = 500
WORDS = """
mailbox calendar backup certificate gateway cluster replica firewall license update printer
profile driver storage snapshot domain policy session timeout kernel export import report index
query deadlock tunnel router password token sync delegate archive quota attachment schránka
kalendář záloha certifikát brána klíč tiskárna úložiště přihlášení chyba výpadek oprava
aktualizace skupina pravidlo spojení fronta zpráva příloha uživatel oprávnění
""".split()
BIG = """
cases_case cases_casecontact cases_contactbinding cases_casereader cases_message cases_searchrow
contracts_incidententry core_auditline accounts_person accounts_account accounts_provedaddress
contracts_contract contracts_registration
""".split()

# Who is the contact of case i, of :n; every part of it is told in bench.cast.
CUSTOMER = f"""
CASE WHEN i <= 2 * {cast.MANY} AND i % 2 = 0 THEN {cast.OLD}
     WHEN i % (:n / 10) = 7 THEN {cast.TEN}
     WHEN i > :n - {100 * cast.TALKS} AND i % 100 = 0 THEN {cast.TALKER}
     WHEN i > :n - {2 * cast.REPLIES} AND i % 2 = 1 THEN {cast.REPLIER}
     ELSE {cast.CROWD} + floor(:crowd * power((hashint8(i)::bigint & 2147483647) / 2147483648.0, 3))
END::bigint
"""

STEPS: tuple[tuple[str, str], ...] = (
    (
        "people",
        f"""
INSERT INTO accounts_person (id, public_id, given_name, family_name)
SELECT a, gen_random_uuid(), (ARRAY['Jana','Petr','Eva','Marie','Tomáš','Alice','John'])[1 + a % 7],
       (ARRAY['Nováková','Svoboda','Malá','Smith','Dvořák','Černá','Brown','Veselý'])[1 + a % 8]
FROM generate_series(1, {cast.CROWD} + :crowd) a;
INSERT INTO accounts_account (id, public_id, person_id, kind, email, email_key, login_email,
    is_active, created_at, country, time_zone, language, phone, company, profile_completed_at,
    password)
SELECT a, gen_random_uuid(), a, CASE WHEN a <= {cast.AGENTS} THEN 'agent' ELSE 'personal' END,
       'p' || a || '@bench.example', 'p' || a || '@bench.example', 'p' || a || '@bench.example',
       TRUE, :now - interval '1200 days', 'CZ', 'Europe/Prague', 'cs', '+420 601 123 456', '',
       :now - interval '1200 days', '!' || a
FROM generate_series(1, {cast.CROWD} + :crowd) a;
INSERT INTO accounts_provedaddress (account_id, address_key, how, proved_at)
SELECT id, email_key, 'operator', created_at FROM accounts_account ORDER BY id;
""",
    ),
    (
        "cases",
        f"""
INSERT INTO cases_case (id, number, title, description, product_id, version_id, is_production,
    contract_id, plan_version_id, admitted_phase, admitted_by, severity, is_round_the_clock,
    country, time_zone, language, status, status_since, third_party_reason, queue_id, owner_id,
    was_ever_owned, submitted_by_id, submitted_at, response_due_at, first_responded_at,
    proposed_outcome, outcome, closed_at, last_activity_at, revision)
SELECT i, to_char(at AT TIME ZONE 'Europe/Prague', 'YYMMDD') || lpad(i::text, 10, '0'),
       t.title, t.description, v.product_id, v.id, TRUE, customer, :plan, 'mainstream',
       jsonb_build_object('plan', :code, 'on', (at AT TIME ZONE 'Europe/Prague')::date,
           'reasons', '[]'::jsonb),
       (ARRAY['B','C','C','A'])[1 + h % 4], FALSE, 'CZ', 'Europe/Prague', 'cs',
       CASE WHEN NOT is_open THEN 'closed' WHEN is_new THEN 'submitted' ELSE 'in_progress' END,
       CASE WHEN NOT is_open THEN said_at + interval '1 hour' WHEN is_new THEN at
            ELSE at + interval '20 minutes' END,
       '', :queue, CASE WHEN NOT (is_open AND is_new) THEN 1 + h % {cast.AGENTS} END,
       NOT (is_open AND is_new), customer, at, at + interval '8 hours',
       CASE WHEN NOT (is_open AND is_new) THEN at + interval '20 minutes' END, '',
       CASE WHEN NOT is_open THEN 'solved' ELSE '' END,
       CASE WHEN NOT is_open THEN said_at + interval '1 hour' END,
       CASE WHEN NOT is_open THEN said_at + interval '1 hour' ELSE said_at END,
       1 + talk + (NOT is_open)::int
FROM (
    SELECT i, h, at, talk, customer, at + talk * interval '20 minutes' AS said_at,
           customer IN ({cast.REPLIER}, {cast.TALKER})
               OR (i > :n * 95 / 100 AND h % 5 = 0) OR h % 9973 = 1 AS is_open,
           talk = 1 AND h % 2 = 0 AS is_new
    FROM (
        SELECT i, hashint8(i::bigint * 7919)::bigint & 1073741823 AS h, {CUSTOMER} AS customer,
               :now - (:n - i + 1) * (interval '1095 days' / :n) AS at,
               CASE WHEN i % 100 = 0 THEN {cast.TALK} ELSE 1 END AS talk
        FROM generate_series(1, :n) i
    ) b
) c
JOIN bench_text t ON t.id = CASE WHEN i % (:n / {cast.RARE_CASES}) = 11 THEN 0
                                 ELSE 1 + h % {TEXTS} END
JOIN bench_version v ON v.place = h % (SELECT count(*) FROM bench_version)
ORDER BY i;
""",
    ),
    (
        "contracts",
        f"""
INSERT INTO contracts_contract (id, public_id, contract_id, access_id_hash, plan_version_id,
    holder_person_id, issued_at, activated_on, starts_on, ends_on, term_number, incidents_granted,
    incidents_left, entry_count)
SELECT a.id, gen_random_uuid(), (700000000000 + a.id)::text, '', :plan, a.person_id,
       :now - interval '1190 days', (:now - interval '1190 days')::date,
       (:now - interval '1190 days')::date, (:now + interval '300 days')::date, 1,
       coalesce(n, 0) + left_over, left_over, coalesce(n, 0) + 1
FROM (SELECT *, CASE WHEN id < {cast.CROWD} THEN 1000000 ELSE 20 END AS left_over
      FROM accounts_account WHERE kind = 'personal') a
LEFT JOIN (SELECT contract_id, count(*) AS n FROM cases_case GROUP BY contract_id) k
ON k.contract_id = a.id ORDER BY a.id;
INSERT INTO contracts_registration (contract_id, account_id, registered_at)
SELECT id, id, issued_at FROM contracts_contract ORDER BY id;
INSERT INTO contracts_incidententry (contract_id, sequence, kind, quantity, balance_after, reason,
    at)
SELECT id, 1, 'granted', incidents_granted, incidents_granted, 'activated', issued_at
FROM contracts_contract ORDER BY id;
INSERT INTO contracts_incidententry (contract_id, sequence, kind, quantity, balance_after, reason,
    case_number, actor_id, at)
SELECT contract_id, 1 + place, 'consumed', -1, incidents_granted - place, 'case_opened', number,
       submitted_by_id, submitted_at
FROM (SELECT k.*, c.incidents_granted,
             row_number() OVER (PARTITION BY k.contract_id ORDER BY k.id) AS place
      FROM cases_case k JOIN contracts_contract c ON c.id = k.contract_id) d
ORDER BY d.id;
""",
    ),
    (
        "contacts and readers",
        """
INSERT INTO cases_casecontact (id, public_id, case_id, role, given_name, family_name, email,
    email_key, phone, preferred_contact, language, added_at, added_by_id)
SELECT k.id, gen_random_uuid(), k.id, 'primary', p.given_name, p.family_name, a.email, a.email_key,
       a.phone, 'email', 'cs', k.submitted_at, a.id
FROM cases_case k JOIN accounts_account a ON a.id = k.submitted_by_id
JOIN accounts_person p ON p.id = a.person_id ORDER BY k.id;
INSERT INTO cases_contactbinding (contact_id, account_id, account_kind, bound_at)
SELECT id, submitted_by_id, 'personal', submitted_at FROM cases_case ORDER BY id;
INSERT INTO cases_casereader (case_id, account_id, is_contact, is_open, is_customers_turn,
    last_activity_at, seen_at)
SELECT id, submitted_by_id, TRUE, status <> 'closed', FALSE, last_activity_at,
       CASE WHEN id % 20 = 0 THEN submitted_at ELSE last_activity_at END
FROM cases_case ORDER BY id;
""",
    ),
    (
        "messages",
        f"""
INSERT INTO cases_message (public_id, case_id, kind, side, author_id, asks, body, attachments, at)
SELECT gen_random_uuid(), k.id, 'message', CASE WHEN by_agent THEN 'agent' ELSE 'customer' END,
       CASE WHEN by_agent THEN k.owner_id ELSE k.submitted_by_id END, FALSE, t.description, '[]',
       k.submitted_at + place * interval '20 minutes'
FROM cases_case k
CROSS JOIN LATERAL (
    SELECT place, k.owner_id IS NOT NULL AND place % 2 = 1 AS by_agent
    FROM generate_series(1, CASE WHEN k.id % 100 = 0 THEN {cast.TALK} ELSE 1 END) place) m
JOIN bench_text t ON t.id = 1 + (k.id * 31 + place) % {TEXTS}
ORDER BY k.id, place;
""",
    ),
    (
        "search rows",
        f"""
INSERT INTO cases_searchrow (case_id, is_internal, at, document)
SELECT k.id, FALSE, k.submitted_at, array_to_tsvector(t.terms || k.number::text)
FROM cases_case k JOIN bench_text t ON t.title = k.title ORDER BY k.id;
INSERT INTO cases_searchrow (case_id, is_internal, at, document)
SELECT m.case_id, FALSE, m.at, t.document
FROM cases_message m JOIN cases_case k ON k.id = m.case_id
JOIN bench_text t ON t.id = 1 + (k.id * 31
    + extract(epoch FROM m.at - k.submitted_at)::bigint / 1200) % {TEXTS}
ORDER BY m.id;
""",
    ),
)

LINES = """
SELECT k.number, k.submitted_by_id, k.owner_id, k.submitted_at, k.closed_at, k.severity,
       c.public_id, array_agg(m.public_id ORDER BY m.id), array_agg(m.side::text ORDER BY m.id),
       array_agg(m.author_id ORDER BY m.id), array_agg(m.at ORDER BY m.id)
FROM cases_case k JOIN contracts_contract c ON c.id = k.contract_id
JOIN cases_message m ON m.case_id = k.id GROUP BY k.id, c.id ORDER BY k.id
"""
PARAMETER = re.compile(r"(?<!:):(now|n|crowd|plan|code|queue)\b")


def fill(count: int) -> None:
    """Fill the database of Django's settings with `count` cases."""
    from django.db import connection
    from django.utils import timezone
    from psycopg import sql

    from opora.cases.models import Queue
    from opora.cli.preparation import prepare
    from opora.contracts.models import Plan

    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"    {time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)

    prepare(serves=True)
    plan = Plan.objects.get(code=cast.PLAN)
    values = {
        # The newest case and its answers lie in the past whenever this is used.
        "now": timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2),
        "n": count,
        "crowd": count // 20,
        "plan": plan.current_id,
        "code": plan.code,
        "queue": Queue.objects.get(is_default=True).pk,
    }

    def literal(found: re.Match[str]) -> str:
        return sql.Literal(values[found[1]]).as_string(None)

    with connection.cursor() as cursor:
        cursor.execute(
            "SET statement_timeout = 0; SET lock_timeout = 0; SET synchronous_commit = off; "
            "SET idle_in_transaction_session_timeout = 0; SET work_mem = '256MB'; "
            # No triggers and no foreign keys: `opora verify` says whether the rows are right.
            "SET maintenance_work_mem = '1GB'; SET session_replication_role = replica"
        )
        _write_texts(cursor)
        with _without_indexes(cursor, tell):
            for name, statements in STEPS:
                for statement in statements.strip().rstrip(";").split(";\n"):
                    cursor.execute(PARAMETER.sub(literal, statement))
                tell(name)
            _write_sealed_lines(cursor)
            tell("sealed audit lines")
        for table in BIG:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        cursor.execute("VACUUM ANALYZE")
        tell("analyzed")
        cursor.execute("CHECKPOINT")


def _write_texts(cursor: Any) -> None:
    from opora.catalog.models import Version
    from opora.core.stems import terms_of

    random = Random(20261122)
    cursor.execute(
        "CREATE TEMP TABLE bench_text (id int PRIMARY KEY, title text UNIQUE, description text, "
        "terms text[], document tsvector);"
        "CREATE TEMP TABLE bench_version (place int PRIMARY KEY, id bigint, product_id bigint)"
    )
    for key in range(TEXTS + 1):
        title = " ".join([*random.sample(WORDS, 5), str(key)]).capitalize()
        words = [random.choice(WORDS) for _ in range(60)]
        words[10] = cast.COMMON
        if key == 0:
            words[20] = cast.RARE
        lines = [" ".join(words[at : at + 10]).capitalize() + "." for at in range(0, 60, 10)]
        text = "\n".join(lines)
        terms = terms_of(f"{title}\n{text}")
        cursor.execute(
            "INSERT INTO bench_text VALUES (%s, %s, %s, %s, array_to_tsvector(%s))",
            [key, title, text, terms, terms_of(text)],
        )
    versions = Version.objects.filter(product__deployment="on_premises").order_by("pk")[:40]
    for place, version in enumerate(versions):
        cursor.execute(
            "INSERT INTO bench_version VALUES (%s, %s, %s)", [place, version.pk, version.product_id]
        )
    cursor.execute("ANALYZE bench_text, bench_version")


@contextmanager
def _without_indexes(cursor: Any, tell: Callable[[str], None]) -> Iterator[None]:
    """Indexes that serve no constraint are built when the rows are there."""
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = ANY(%s) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
        [BIG],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for name, definition in found:
        cursor.execute(definition)
        tell(f"index {name}")


def _write_sealed_lines(cursor: Any) -> None:
    """The audit line of every deed, in the order of the cases, each with its seal."""
    from django.db import connection
    from psycopg.types.json import Jsonb

    from opora.core.sealing import FIRST, seal_of

    cursor.execute("SELECT coalesce(max(id), 0) FROM core_auditline")
    key, sequence, seal = int(cursor.fetchone()[0]), 0, FIRST
    lines: list[tuple[object, ...]] = []
    with connection.chunked_cursor() as reader:
        reader.execute(LINES)
        columns = "id, at, actor_id, code, target_kind, target_id, facts, sequence, seal"
        while rows := reader.fetchmany(5000):
            lines.clear()
            for row in rows:
                for at, actor, code, facts in _lines_of(row):
                    key, sequence = key + 1, sequence + 1
                    line: Any = SimpleNamespace(
                        pk=key,
                        at=at,
                        actor_id=actor,
                        code=code,
                        target_kind="case",
                        target_id=row[0],
                        facts=facts,
                    )
                    seal = seal_of(line, sequence=sequence, before=seal)
                    lines.append(
                        (key, at, actor, code, "case", row[0], Jsonb(facts), sequence, seal)
                    )
            with cursor.copy(f"COPY core_auditline ({columns}) FROM STDIN") as copy:
                for written in lines:
                    copy.write_row(written)


def _lines_of(row: Sequence[Any]) -> Iterator[tuple[datetime, int, str, dict[str, Any]]]:
    _number, customer, owner, opened_at, closed_at, severity, contract, *said = row
    yield opened_at, customer, "case.opened", {"contract": contract.hex, "severity": severity}
    for message, side, author, at in zip(*said, strict=True):
        yield at, author, "case.message_written", {"message": message.hex, "side": side}
    if closed_at:
        yield closed_at, owner or customer, "case.closed", {"outcome": "solved"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    django.setup()
    fill(parser.parse_args().count)
