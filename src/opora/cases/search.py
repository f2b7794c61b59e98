"""Finding cases by words: Czech and English stems, no diacritics, the same on both engines.

What people type is taken apart into words and quoted; none of it is query syntax. Rows are
written in the transaction of their text, so a case is found as soon as it is acknowledged.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from opora.cases.models import CaseReader
from opora.core import prepared
from opora.core.stems import Query, terms_of
from opora.core.stems import parse as parse  # lists ask here

NEWEST = 2_000  # agents' search looks through so many cases first
MOST_MATCHES = 10_000  # then through so many matching rows, wherever they are


def index(*, case_pk: int, text: str, at: datetime, is_internal: bool = False) -> None:
    """Make `text` findable under its case; one statement on PostgreSQL, two on SQLite."""
    terms = terms_of(text)
    with prepared.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "INSERT INTO cases_searchrow (case_id, is_internal, at, document) "
                "VALUES (%s, %s, %s, array_to_tsvector(%s))",
                [case_pk, is_internal, at, terms],
            )
            return
        cursor.execute(
            "INSERT INTO cases_searchrow (case_id, is_internal, at) VALUES (%s, %s, %s)",
            [case_pk, is_internal, connection.ops.adapt_datetimefield_value(at)],
        )
        cursor.execute(
            "INSERT INTO cases_search (rowid, stems) VALUES (%s, %s)",
            [cursor.lastrowid, " ".join(terms)],
        )


def reader_condition(query: Query) -> tuple[str, list[Any]]:
    """SQL for `extra(where=[…], params=…)` on a CaseReader queryset: rows whose case has a match
    that its contacts may see.

    On PostgreSQL it is asked row by row (OFFSET 0 keeps the planner from turning it round), so the
    cost follows the account's cases, never the word's matches in everybody's.
    """
    if connection.vendor == "postgresql":
        return (
            "EXISTS (SELECT 1 FROM cases_searchrow s WHERE s.case_id = cases_casereader.case_id "
            "AND NOT s.is_internal AND s.document @@ %s::tsquery OFFSET 0)",
            [_for_engine(query)],
        )
    return (
        "EXISTS (SELECT 1 FROM cases_searchrow s JOIN cases_search f ON f.rowid = s.id "
        "WHERE s.case_id = cases_casereader.case_id AND NOT s.is_internal "
        "AND f.stems MATCH %s)",
        [_for_engine(query)],
    )


def read_with_match(rows: QuerySet[CaseReader], query: Query) -> QuerySet[CaseReader]:
    """The reader rows among `rows` whose case has a match that its contacts may see."""
    where, params = reader_condition(query)
    return rows.extra(where=[where], params=params)  # noqa: S610 - written above


def first_texts(query: Query, *, cases: Sequence[int], longest: int) -> list[tuple[int, str]]:
    """Of each of these cases the beginning of the first text that matches and that contacts may
    see, its description or a message: (key, text). One statement.

    Two messages of one instant cannot be told apart: then both come.
    """
    marks = ", ".join(["%s"] * len(cases))
    if connection.vendor == "postgresql":
        source, match = "cases_searchrow s", "s.document @@ %s::tsquery"
    else:
        source = "cases_search f JOIN cases_searchrow s ON s.id = f.rowid"
        match = "f.stems MATCH %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH hits AS (SELECT min(s.id) AS id FROM {source} "  # noqa: S608 - our own names
            f"WHERE s.case_id IN ({marks}) AND NOT s.is_internal AND {match} GROUP BY s.case_id) "
            f"SELECT k.id, substr(coalesce(m.body, k.description), 1, {int(longest)}) "
            "FROM hits h JOIN cases_searchrow s ON s.id = h.id "
            "JOIN cases_case k ON k.id = s.case_id "
            "LEFT JOIN cases_message m "
            "ON m.case_id = s.case_id AND m.at = s.at AND m.kind = 'message'",
            [*cases, _for_engine(query)],
        )
        return list(cursor.fetchall())


def newest_for_agents(
    query: Query,
    *,
    queues: Sequence[int],
    owner: int,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> list[int]:
    """Keys of matching cases in `queues` or owned by `owner`: at most `limit`, newest first.

    `before` is the (last_activity_at, key) of the last one already shown. Looks through the newest
    cases first, which fills the page for any common word; a rare word is then found by its
    matches (capped), wherever they are.
    """
    found = _among_newest(query, queues, owner, before, limit)
    if len(found) < limit:
        found = _among_matches(query, queues, owner, before, limit)
    return found


def _among_newest(
    query: Query,
    queues: Sequence[int],
    owner: int,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[int]:
    older, older_params = _older_than(before)
    newest = f"ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {NEWEST}"
    parts, params = [], []
    for column, key in [*(("queue_id", q) for q in queues), ("owner_id", owner)]:
        parts.append(
            f"SELECT * FROM (SELECT c.id, c.last_activity_at FROM cases_case c "  # noqa: S608 - our own names
            f"WHERE c.{column} = %s {older} {newest}) p"
        )
        params += [key, *older_params]
    window = (
        f"SELECT id, last_activity_at FROM ({' UNION '.join(parts)}) u "  # noqa: S608 - our own names
        f"ORDER BY last_activity_at DESC, id DESC LIMIT {NEWEST}"
    )
    match, match_params = _match_of("w.id", query)
    return _keys(
        f"SELECT w.id FROM ({window}) w WHERE {match} "  # noqa: S608 - our own names
        f"ORDER BY w.last_activity_at DESC, w.id DESC LIMIT {int(limit)}",
        [*params, *match_params],
    )


def _among_matches(
    query: Query,
    queues: Sequence[int],
    owner: int,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[int]:
    older, older_params = _older_than(before)
    mine = "c.owner_id = %s"
    params: list[Any] = [_for_engine(query), owner]
    if queues:
        mine = f"({mine} OR c.queue_id IN ({', '.join(['%s'] * len(queues))}))"
        params += queues
    if connection.vendor == "postgresql":
        hits = "SELECT s.case_id FROM cases_searchrow s WHERE s.document @@ %s::tsquery"
    else:
        hits = (
            "SELECT s.case_id FROM cases_search f JOIN cases_searchrow s ON s.id = f.rowid "
            "WHERE f.stems MATCH %s"
        )
    return _keys(
        f"WITH hits AS MATERIALIZED ({hits} LIMIT {MOST_MATCHES}) "  # noqa: S608 - our own names
        "SELECT c.id FROM cases_case c "
        f"WHERE c.id IN (SELECT case_id FROM hits) AND {mine} {older} "
        f"ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {int(limit)}",
        [*params, *older_params],
    )


def _match_of(column: str, query: Query) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return (
            f"EXISTS (SELECT 1 FROM cases_searchrow s WHERE s.case_id = {column} "  # noqa: S608 - our own names
            "AND s.document @@ %s::tsquery OFFSET 0)",
            [_for_engine(query)],
        )
    return (
        f"{column} IN (SELECT s.case_id FROM cases_search f "  # noqa: S608 - our own names
        "JOIN cases_searchrow s ON s.id = f.rowid WHERE f.stems MATCH %s)",
        [_for_engine(query)],
    )


def _for_engine(query: Query) -> str:
    return query.for_engine(connection.vendor)


def _older_than(before: tuple[datetime, int] | None) -> tuple[str, list[Any]]:
    if before is None:
        return "", []
    moment = connection.ops.adapt_datetimefield_value(before[0])
    return "AND (c.last_activity_at, c.id) < (%s, %s)", [moment, before[1]]


def _keys(sql: str, params: Sequence[Any]) -> list[int]:
    with prepared.cursor() as cursor:
        cursor.execute(sql, params)
        return [key for (key,) in cursor.fetchall()]
