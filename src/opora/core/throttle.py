"""Counting wrong tries: a table of ours, one atomic upsert, on both engines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from opora.core.models import Throttle

WINDOW = timedelta(hours=1)


def hold(keys: Sequence[str]) -> None:
    """Let no other transaction judge a try under one of these keys before this one ends.

    Without it, tries at once would all be judged before any is counted. SQLite's one writer needs
    no lock; PostgreSQL takes advisory ones, which leave no rows behind.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for number in sorted(_number(key) for key in keys):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def count(keys: Sequence[str], *, now: datetime) -> dict[str, int]:
    """One more wrong try under each key; how many each has now. A window that ran out starts again
    at one."""
    table = Throttle._meta.db_table
    counts = {}
    with connection.cursor() as cursor:
        for key in sorted(keys):  # one order, so that two tries never wait for each other
            cursor.execute(
                f"INSERT INTO {table} AS t (key, window_started_at, count) VALUES (%s, %s, 1) "  # noqa: S608 - our own table name
                "ON CONFLICT (key) DO UPDATE SET "
                "count = CASE WHEN t.window_started_at <= %s THEN 1 ELSE t.count + 1 END, "
                "window_started_at = CASE WHEN t.window_started_at <= %s "
                "THEN excluded.window_started_at ELSE t.window_started_at END "
                "RETURNING count",
                [key, _stored(now), _stored(now - WINDOW), _stored(now - WINDOW)],
            )
            counts[key] = int(cursor.fetchone()[0])
    return counts


def seconds_to_wait(keys: Sequence[str], *, limit: int, now: datetime) -> int:
    """0 if every key is under `limit` tries in its window, else seconds until the last is free."""
    full = Throttle.objects.filter(
        key__in=keys, count__gte=limit, window_started_at__gt=now - WINDOW
    ).values_list("window_started_at", flat=True)
    return max((int((start + WINDOW - now).total_seconds()) + 1 for start in full), default=0)


def prune(*, now: datetime) -> int:
    """Forget windows that ran out; how many."""
    return Throttle.objects.filter(window_started_at__lte=now - WINDOW).delete()[0]


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"throttle:{key}".encode()).digest()[:8], signed=True)
