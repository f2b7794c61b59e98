"""An agent's search as `opora.cases.search` does it, by SQL written by hand."""

from __future__ import annotations

from typing import Any

from bench.sql import HOLDER, JOINS, LIST, PAGE, all_of, queue_of
from opora.core.stems import parse

FEW = 500  # rows that a rare word stands in, at most
_COMMON: set[str] = set()


def search(cursor: Any, agent: int, words: str) -> list[Any]:
    """A rare word by its matches; else among the newest 2,000, and if that does not fill the page by
    matches too."""
    query = parse(words)
    if query is None:
        return []
    asked = " & ".join("(" + " | ".join(f"'{s}'" for s in word) + ")" for word in query.words)
    key = queue_of(cursor, agent)
    newest = "ORDER BY last_activity_at DESC, id DESC LIMIT %s"
    hits = "SELECT case_id FROM cases_searchrow WHERE document @@ %s::tsquery LIMIT %s"
    among_hits = (
        f"WITH hits AS MATERIALIZED ({hits}) SELECT k.id, n.hits "
        "FROM (SELECT count(*) AS hits FROM hits) n "
        "LEFT JOIN (SELECT id FROM cases_case WHERE id IN (SELECT case_id FROM hits) "
        f"AND queue_id = %s {newest}) k ON TRUE"
    )
    found = []
    is_rare = not all(any(stem in _common(cursor) for stem in word) for word in query.words)
    if is_rare:
        found = all_of(cursor, among_hits, [asked, FEW + 1, key, PAGE])
        is_rare = found[0]["hits"] <= FEW
    if not is_rare:
        found = all_of(
            cursor,
            "SELECT id FROM (SELECT id, last_activity_at FROM cases_case WHERE queue_id = %s "
            f"{newest}) k WHERE EXISTS (SELECT 1 FROM cases_searchrow s WHERE s.case_id = k.id "
            f"AND s.document @@ %s::tsquery OFFSET 0) {newest}",
            [key, 2000, asked, PAGE],
        )
        if len(found) < PAGE:
            found = all_of(cursor, among_hits, [asked, 10_000, key, PAGE])
    return all_of(
        cursor,
        f"SELECT {LIST}, coalesce(g.name, h.given_name || ' ' || h.family_name) AS holder "
        f"FROM cases_case k {JOINS} {HOLDER} WHERE k.id = ANY(%s) "
        "ORDER BY k.last_activity_at DESC, k.id DESC",
        [[row["id"] for row in found if row["id"]]],
    )


def _common(cursor: Any) -> set[str]:
    """The stems that stand in more than a few texts, by the server's statistics; once a process."""
    if not _COMMON:
        rows = all_of(
            cursor,
            "SELECT e.stem FROM pg_stats s JOIN pg_class c ON c.oid = to_regclass('cases_searchrow') "
            "CROSS JOIN LATERAL unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) "
            "e (stem, frequency) WHERE s.tablename = c.relname AND s.attname = 'document' "
            "AND e.stem IS NOT NULL AND e.frequency * c.reltuples > %s",
            [FEW],
        )
        _COMMON.update(row["stem"] for row in rows)
    return _COMMON
