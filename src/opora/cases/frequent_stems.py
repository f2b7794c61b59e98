"""Which words are common: by PostgreSQL's own statistics of the texts, kept in the process.

They decide which way an agent's search goes, never what it finds. Going by the matches of a common
word would read them all before the first; SQLite stops at any number, so that nothing is common.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from opora.core.stems import Query

KEPT_FOR = 100  # so many searches; then the statistics are read anew


@dataclass
class _Kept:
    counts: dict[str, float]
    uses_left: int


_kept = _Kept({}, 0)


def is_common(query: Query, *, above: int) -> bool:
    """Whether every word of `query` is known to stand in more than `above` texts. A word without
    statistics is not known to. No statement; one, on PostgreSQL, in a hundred calls."""
    if connection.vendor != "postgresql":
        return False
    if not _kept.uses_left:
        _kept.counts, _kept.uses_left = _most_common(), KEPT_FOR
    _kept.uses_left -= 1
    return all(max(_kept.counts.get(stem, 0) for stem in stems) > above for stems in query.words)


def forget() -> None:
    """Read the statistics anew the next time."""
    _kept.uses_left = 0


def _most_common() -> dict[str, float]:
    """The stems that stand in most texts, about a thousand, and in how many; as of the database's
    last look at them (autovacuum's)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.stem, e.frequency * c.reltuples FROM pg_stats s "
            "JOIN pg_class c ON c.oid = to_regclass('cases_searchrow') "
            "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = s.schemaname "
            "CROSS JOIN LATERAL unnest("
            "s.most_common_elems::text::text[], s.most_common_elem_freqs) e (stem, frequency) "
            "WHERE s.tablename = c.relname AND s.attname = 'document' AND NOT s.inherited "
            "AND e.stem IS NOT NULL AND c.reltuples > 0"
        )
        return dict(cursor.fetchall())
