"""Where the words looked for stand in the requests of a list, for one page in one statement."""

from __future__ import annotations

from collections.abc import Sequence

from opora.cases import search
from opora.cases.excerpts import LOOKED_THROUGH, Part, excerpt, marked
from opora.cases.queries.rows import CaseRow
from opora.core.stems import Query


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


def _texts(query: Query, rows: Sequence[CaseRow]) -> dict[int, list[str]]:
    """By the case's key, the text that was found first; notes are never among them (AC-12)."""
    found: dict[int, list[str]] = {}
    keys = [row.key for row in rows]
    for key, text in search.first_texts(query, cases=keys, longest=LOOKED_THROUGH):
        found.setdefault(key, []).append(text)
    return found
