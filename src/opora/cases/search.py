"""Finding cases by words: Czech and English stems, no diacritics, the same on both engines.

What people type is taken apart into words and quoted; none of it is query syntax. Rows are
written in the transaction of their text, so a case is found as soon as it is acknowledged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from opora.cases import frequent_stems
from opora.cases.models import CaseReader
from opora.core import prepared
from opora.core.stems import Query, terms_of
from opora.core.stems import parse as parse  # lists ask here

# Agents' search: a word with so few matching rows is looked up by them, all of them; another one
FEW = 500
NEWEST = 2_000  # among so many of the newest cases first,
MOST_MATCHES = 10_000  # then in so many matching rows, wherever they are.


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


def words_found(words: Sequence[Query], *, cases: Sequence[int]) -> set[tuple[int, int]]:
    """Which of `words` (each a query of one word) stand in which of these cases, in any text that
    contacts may see: (key, position of the word). One statement, over these cases' texts alone."""
    if not words or not cases:
        return set()
    marks = ", ".join(["%s"] * len(cases))
    mine = (
        "WITH mine AS MATERIALIZED (SELECT * FROM cases_searchrow "  # noqa: S608 - our own names
        f"WHERE case_id IN ({marks}) AND NOT is_internal) "
    )
    if connection.vendor == "postgresql":
        found = "SELECT m.case_id, {} FROM mine m WHERE m.document @@ %s::tsquery"
    else:
        found = (
            "SELECT m.case_id, {} FROM cases_search f JOIN mine m ON m.id = f.rowid "
            "WHERE f.stems MATCH %s AND f.rowid >= (SELECT min(id) FROM mine)"
        )
    legs = " UNION ".join(found.format(position) for position in range(len(words)))
    with connection.cursor() as cursor:
        cursor.execute(mine + legs, [*cases, *(_for_engine(word) for word in words)])
        return set(cursor.fetchall())


def newest_for_agents(
    query: Query,
    *,
    queues: Sequence[int],
    owner: int,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> list[int]:
    """Keys of matching cases in `queues` or owned by `owner`: at most `limit`, newest first.

    `before` is the (last_activity_at, key) of the last one already shown. A rare word goes by its
    matches, and what is found is complete. A common one goes through the newest cases, which fill
    the page; what is neither is looked for among the newest and then in so many matches, wherever
    they are (ADR 21). One statement, two for words in between.
    """
    asked = _Asked(query, queues, owner, before, int(limit))
    found = None if frequent_stems.is_common(query, above=FEW) else _if_few(asked)
    return _newest_first(asked) if found is None else found


@dataclass(frozen=True)
class _Asked:
    """What an agent looks for, and the parts of SQL that say so."""

    query: Query
    queues: Sequence[int]
    owner: int
    before: tuple[datetime, int] | None
    limit: int

    @property
    def readable(self) -> tuple[str, list[Any]]:
        """What the agent sees of `cases_case c`, after what was already shown."""
        mine, params = "c.owner_id = %s", [self.owner]
        if self.queues:
            mine = f"({mine} OR c.queue_id IN ({', '.join(['%s'] * len(self.queues))}))"
            params += self.queues
        older, older_params = self.older
        return f"{mine} {older}", [*params, *older_params]

    @property
    def older(self) -> tuple[str, list[Any]]:
        if self.before is None:
            return "", []
        moment = connection.ops.adapt_datetimefield_value(self.before[0])
        return "AND (c.last_activity_at, c.id) < (%s, %s)", [moment, self.before[1]]

    @property
    def window(self) -> tuple[str, list[Any]]:
        """The newest cases: a walk along an index for each queue and for the owner."""
        older, older_params = self.older
        walks, params = [], []
        for column, key in [*(("queue_id", q) for q in self.queues), ("owner_id", self.owner)]:
            walks.append(
                "SELECT * FROM (SELECT c.id, c.last_activity_at FROM cases_case c "  # noqa: S608 - our own names
                f"WHERE c.{column} = %s {older} "
                f"ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {NEWEST}) p"
            )
            params += [key, *older_params]
        return (
            f"SELECT DISTINCT id, last_activity_at FROM ({' UNION ALL '.join(walks)}) u "  # noqa: S608 - our own names
            f"ORDER BY last_activity_at DESC, id DESC LIMIT {NEWEST}",
            params,
        )


def _if_few(asked: _Asked) -> list[int] | None:
    """By the word's matches, wherever they are: exact, or None if there are more than a FEW."""
    readable, params = asked.readable
    with prepared.cursor() as cursor:
        cursor.execute(
            f"WITH hits AS MATERIALIZED ({_hits()} LIMIT {FEW + 1}) "  # noqa: S608 - our own names
            "SELECT t.hits, k.id FROM (SELECT count(*) AS hits FROM hits) t LEFT JOIN ("
            "SELECT c.id, c.last_activity_at FROM cases_case c "
            f"WHERE (SELECT count(*) FROM hits) <= {FEW} "
            f"AND c.id IN (SELECT case_id FROM hits) AND {readable} "
            f"ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {asked.limit}) k ON TRUE "
            "ORDER BY k.last_activity_at DESC, k.id DESC",
            [_for_engine(asked.query), *params],
        )
        rows = cursor.fetchall()
    if rows[0][0] > FEW:
        return None
    return [key for _hits_in_all, key in rows if key is not None]


def _newest_first(asked: _Asked) -> list[int]:
    """Among the newest cases; if these do not fill the page, among so many matches too."""
    window, window_params = asked.window
    match, match_params = _match_of("w.id", asked.query)
    readable, params = asked.readable
    with prepared.cursor() as cursor:
        cursor.execute(
            f"WITH newest AS MATERIALIZED (SELECT w.id FROM ({window}) w WHERE {match} "  # noqa: S608 - our own names
            f"ORDER BY w.last_activity_at DESC, w.id DESC LIMIT {asked.limit}), "
            # Nothing at all is read where the page is full.
            f"hits AS MATERIALIZED ({_hits()} LIMIT (SELECT CASE WHEN count(*) < {asked.limit} "
            f"THEN {MOST_MATCHES} ELSE 0 END FROM newest)) "
            "SELECT c.id FROM cases_case c "
            "WHERE c.id IN (SELECT id FROM newest UNION SELECT case_id FROM hits) "
            f"AND {readable} ORDER BY c.last_activity_at DESC, c.id DESC LIMIT {asked.limit}",
            [*window_params, *match_params, _for_engine(asked.query), *params],
        )
        return [key for (key,) in cursor.fetchall()]


def _hits() -> str:
    """The cases of rows that match; one parameter."""
    if connection.vendor == "postgresql":
        return "SELECT s.case_id FROM cases_searchrow s WHERE s.document @@ %s::tsquery"
    return (
        "SELECT s.case_id FROM cases_search f JOIN cases_searchrow s ON s.id = f.rowid "
        "WHERE f.stems MATCH %s"
    )


def _match_of(column: str, query: Query) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return (
            f"EXISTS (SELECT 1 FROM cases_searchrow s WHERE s.case_id = {column} "  # noqa: S608 - our own names
            "AND s.document @@ %s::tsquery OFFSET 0)",
            [_for_engine(query)],
        )
    return f"{column} IN ({_hits()})", [_for_engine(query)]


def _for_engine(query: Query) -> str:
    return query.for_engine(connection.vendor)
