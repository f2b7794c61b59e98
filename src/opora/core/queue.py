"""Rows of the queue as the worker handles them: look, claim, keep, finish, put off, park.

Each is one statement. A claim is a random name written on the rows; whoever lost it (the lease ran
out and another worker claimed the row) changes nothing any more. Every kind is safe to run twice,
so the worst that a killed worker costs is one more run.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Q

from opora.core.models import Job

LEASE = timedelta(seconds=90)
BATCH = 100
LAST_TRY = 8
PERIODIC = "periodic"  # the key of rows that start again instead of ending
FIRST_DELAY = 60.0  # seconds; times four with each try
LONGEST_DELAY = 10 * 3600.0  # so that eight tries outlast a day without mail (F-13)
KEEP_FINISHED = timedelta(days=14)


def has_due(*, now: datetime, without: Sequence[str] = ()) -> bool:
    """A cheap look before any write: is there a job to claim?"""
    return _due(now, without).exists()


def claim(*, now: datetime, limit: int = BATCH, without: Sequence[str] = ()) -> list[Job]:
    """Up to `limit` due jobs, oldest first, held by a fresh claim until `now` + LEASE.

    `without` are prefixes of kinds to leave alone. A job whose lease ran out counts one more try:
    what it did to its worker is not known.
    """
    lease = secrets.token_hex(16)
    table = Job._meta.db_table
    chosen = _due(now, without).order_by("run_after", "id").values("pk")[:limit]
    among = "id IN ({})"
    if connection.vendor == "postgresql":
        chosen = chosen.select_for_update(skip_locked=True)
        among = "id = ANY(ARRAY({}))"  # chosen once; the planner may run an IN again and again
    with transaction.atomic(), connection.cursor() as cursor:
        sql, params = chosen.query.sql_with_params()
        cursor.execute(
            f"UPDATE {table} SET lease = %s, leased_until = %s, "  # noqa: S608 - our own table name
            "tries = tries + CASE WHEN leased_until IS NULL THEN 0 ELSE 1 END "
            f"WHERE {among.format(sql)} RETURNING id",
            [lease, _stored(now + LEASE), *params],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    return list(Job.objects.filter(pk__in=ids, lease=lease).order_by("run_after", "id"))


def keep(lease: str, *, now: datetime) -> int:
    """Hold on to what a claim still has; how many jobs that is."""
    return _held(lease).update(leased_until=now + LEASE)


def finish(jobs: Sequence[Job], *, now: datetime) -> int:
    """Mark jobs of one claim as done, in one statement."""
    if not jobs:
        return 0
    return _held(jobs[0].lease, jobs).update(
        state=Job.State.DONE, finished_at=now, leased_until=None, lease="", last_error=""
    )


def start_again(job: Job, *, at: datetime) -> int:
    """A periodic job went well and runs next at `at`."""
    return _held(job.lease, [job]).update(
        run_after=at, leased_until=None, lease="", tries=0, last_error="", alarmed_at=None
    )


def give_back(jobs: Sequence[Job]) -> int:
    """Claimed but not begun: others may claim them at once."""
    if not jobs:
        return 0
    return _held(jobs[0].lease, jobs).update(leased_until=None, lease="")


def put_off(job: Job, *, error: str, chance: float, now: datetime) -> datetime | None:
    """The job failed: try again later, or None when that was its last try and it is parked.

    `chance` in [0, 1) spreads retries over a quarter of the delay. The caller sounds the alarm for
    a parked job; that it did is what `alarmed_at` says, so it is written here, in the same
    statement.
    """
    tries = job.tries + 1
    if tries >= LAST_TRY and job.key != PERIODIC:
        park(job, error=error, now=now)
        return None
    delay = min(FIRST_DELAY * 4 ** (min(tries, LAST_TRY) - 1), LONGEST_DELAY) * (1 + chance / 4)
    again_at = now + timedelta(seconds=delay)
    _held(job.lease, [job]).update(
        run_after=again_at,
        leased_until=None,
        lease="",
        tries=min(tries, LAST_TRY),
        last_error=error[:2000],
        alarmed_at=now if tries >= LAST_TRY else None,  # periodic: told, and tried again
    )
    return again_at


def park(job: Job, *, error: str, now: datetime) -> None:
    """No further try: dead, with the alarm sounded."""
    _held(job.lease, [job]).update(
        state=Job.State.DEAD,
        finished_at=now,
        alarmed_at=now,
        leased_until=None,
        lease="",
        tries=job.tries + 1,
        last_error=error[:2000],
    )


def seed(kinds: Iterable[str], *, now: datetime) -> None:
    """One row for each periodic kind; those that are there stay as they are."""
    Job.objects.bulk_create(
        (Job(kind=kind, key=PERIODIC, created_at=now, run_after=now) for kind in kinds),
        ignore_conflicts=True,
    )


def prune(*, now: datetime, limit: int = 1000) -> int:
    """Delete finished jobs that nobody asks about any more; dead ones stay until looked after."""
    old = (
        Job.objects.filter(
            state__in=[Job.State.DONE, Job.State.CANCELLED], finished_at__lt=now - KEEP_FINISHED
        )
        .order_by("finished_at")
        .values("pk")[:limit]
    )
    deleted, _ = Job.objects.filter(pk__in=old).delete()
    return deleted


def _due(now: datetime, without: Sequence[str]) -> models.QuerySet[Job]:
    due = Job.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lte=now),
        state=Job.State.OPEN,
        run_after__lte=now,
    )
    for prefix in without:
        due = due.exclude(kind__startswith=prefix)
    return due


def _held(lease: str, jobs: Sequence[Job] | None = None) -> models.QuerySet[Job]:
    held = Job.objects.filter(state=Job.State.OPEN, lease=lease)
    return held if jobs is None else held.filter(pk__in=[job.pk for job in jobs])


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
