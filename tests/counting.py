"""What a page asks of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    ran = [query["sql"].strip() for query in captured.captured_queries]
    seen += [sql for sql in ran if not sql.startswith(CONTROL)]


def cost(question: Callable[[], object]) -> int:
    """How many statements a question takes."""
    with statements() as seen:
        question()
    return len(seen)


def writes(seen: list[str]) -> list[str]:
    return [sql for sql in seen if sql.startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))]
