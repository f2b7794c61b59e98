"""What a page asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that ran inside the block, without transaction control."""
    seen: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield seen
    seen += [
        query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)
    ]


def writes(seen: list[str]) -> list[str]:
    return [sql for sql in seen if sql.startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))]
