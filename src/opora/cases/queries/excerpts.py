"""Where the words looked for stand in the requests of a list, for one page in one statement."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from opora.cases import search
from opora.cases.excerpts import LOOKED_THROUGH, Part, excerpt, marked
from opora.cases.queries.rows import CaseRow


class Findings:
    """What was found in the requests of one page: their titles and an excerpt of the first text."""

    def __init__(self, q: str, rows: Sequence[CaseRow]) -> None:
        self._query = search.parse(q)
        self._texts = _texts(self._query, rows) if self._query and rows else {}

    def title(self, row: CaseRow) -> list[Part]:
        """The title in pieces, the words found told apart."""
        return list(marked(row.title, self._query)) if self._query else [Part(row.title)]

    def excerpt(self, row: CaseRow) -> list[Part]:
        """A line of the first text that was found, description or message; empty if the words
        stand in title and number alone."""
        if self._query is None:
            return []
        found = (excerpt(text, self._query) for text in self._texts.get(row.key, []))
        return next((parts for parts in found if parts), [])


def _texts(query: search.Query, rows: Sequence[CaseRow]) -> dict[int, list[str]]:
    """By the case's key, the beginning of the first text that was found: the description, or what
    contacts may read of the messages; notes are never among them (AC-12). One statement."""
    keys = [row.key for row in rows]
    marks = ", ".join(["%s"] * len(keys))
    if connection.vendor == "postgresql":
        source, match = "cases_searchrow s", "s.document @@ %s::tsquery"
    else:
        source = "cases_search f JOIN cases_searchrow s ON s.id = f.rowid"
        match = "f.stems MATCH %s"
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH hits AS (SELECT min(s.id) AS id FROM {source} "  # noqa: S608 - our own names
            f"WHERE s.case_id IN ({marks}) AND NOT s.is_internal AND {match} GROUP BY s.case_id) "
            f"SELECT k.id, substr(coalesce(m.body, k.description), 1, {LOOKED_THROUGH}) "
            "FROM hits h JOIN cases_searchrow s ON s.id = h.id "
            "JOIN cases_case k ON k.id = s.case_id "
            "LEFT JOIN cases_message m "
            "ON m.case_id = s.case_id AND m.at = s.at AND m.kind = 'message'",
            [*keys, query.for_engine],
        )
        for key, text in cursor.fetchall():
            found.setdefault(key, []).append(text)
    return found
