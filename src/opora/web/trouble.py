"""Whether the database lately took no writes here: then pages say that only reading works (F-05).

Known to each process for itself, from a write that just failed, so that no page has to try one.
"""

from __future__ import annotations

from time import monotonic

READ_ONLY, FULL = 8, 13  # of SQLite's result codes, whose low byte is the kind
SQL_STATES = {"25006", "53100"}  # PostgreSQL: read-only transaction, disk full
SAID_FOR = 60.0  # seconds

_seen_at = -SAID_FOR


def note(error: Exception) -> None:
    """A statement failed: remember it if that is because nothing can be written now."""
    global _seen_at
    cause = error.__cause__
    kind = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if kind in (READ_ONLY, FULL) or getattr(cause, "sqlstate", "") in SQL_STATES:
        _seen_at = monotonic()


def only_reading_works() -> bool:
    return monotonic() - _seen_at < SAID_FOR
