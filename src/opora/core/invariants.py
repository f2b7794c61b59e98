"""What must always hold (SECURITY 1), and the checks of core's own part of it.

A context states its invariants in a module `invariants` of its own, as `CHECKS`; `opora verify`
runs them all on one snapshot of the database, beside a running server, and changes nothing. A check
streams: it holds a few rows at a time, whatever there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from opora.core.models import AuditLine, Job, Throttle
from opora.core.queue import LAST_TRY, PERIODIC
from opora.core.sealing import FIRST, seal_of

CHUNK = 2000
SEALED_WITHIN = timedelta(minutes=10)  # I7
SKEW = timedelta(hours=1)


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database. The ORM reads it too (use `.iterator()`), while it is open."""

    now: datetime

    def rows(self, sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, a chunk at a time."""
        if connection.vendor == "postgresql":
            # A named cursor stays on the server; a plain one would fetch everything at once.
            with connection.chunked_cursor() as cursor:
                cursor.execute(sql, params)
                while chunk := cursor.fetchmany(CHUNK):
                    yield from chunk
        else:
            with connection.cursor() as cursor:
                cursor.execute(sql, params)
                while chunk := cursor.fetchmany(CHUNK):
                    yield from chunk

    def number(self, sql: str, params: Sequence[Any] = ()) -> int:
        """The one number that a statement gives."""
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.fetchone()[0] or 0)


@dataclass
class Result:
    """What a check saw: how many things it looked at, a sentence for each breach, and how many are
    only under way (queued, leased, not yet sealed), which is no breach."""

    counted: int = 0
    breaches: list[str] = field(default_factory=list)
    under_way: int = 0


@dataclass(frozen=True)
class Check:
    """`name` begins with the invariant's id ("I1 balance"); `description` is what holds."""

    name: str
    description: str
    run: Callable[[Snapshot], Result]


@contextmanager
def snapshot(*, now: datetime) -> Iterator[Snapshot]:
    """One read-only moment of the database, however long the reading takes."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield Snapshot(now=now)
        return
    mode = connection.transaction_mode  # type: ignore[attr-defined]
    connection.transaction_mode = "DEFERRED"  # type: ignore[attr-defined] # readers block nobody
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = ON")
            cursor.execute("SELECT count(*) FROM sqlite_master")  # the moment is taken here
            yield Snapshot(now=now)
    finally:
        connection.transaction_mode = mode  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")


# --- Core's own ----------------------------------------------------------------------------------


def jobs_end(snapshot: Snapshot) -> Result:
    """I5: an after-effect ends done, cancelled, or dead with an alarm; none is silently lost."""
    opened = Job.objects.filter(state=Job.State.OPEN).exclude(key=PERIODIC)
    silent = Job.objects.filter(
        Q(state=Job.State.DEAD)
        | Q(state=Job.State.OPEN, tries__gte=LAST_TRY, leased_until__isnull=True),
        alarmed_at__isnull=True,
    )
    return Result(
        counted=Job.objects.count(),
        breaches=[
            f"job {job.pk} ({job.kind}) is past its last try, and no alarm was sounded"
            for job in silent.only("kind").iterator(CHUNK)
        ],
        under_way=opened.count(),
    )


def seals_match(snapshot: Snapshot) -> Result:
    """I7: every seal is the hash of its line and the seal before; no line is missing in between."""
    result = Result()
    before, expected = FIRST, 1
    sealed = AuditLine.objects.exclude(seal="").order_by("sequence")
    for line in sealed.iterator(CHUNK):
        result.counted += 1
        if line.sequence != expected:
            result.breaches.append(
                f"audit line {line.pk} has sequence {line.sequence} where {expected} is due"
            )
            expected = line.sequence or expected
        if line.seal != seal_of(line, sequence=expected, before=before):
            result.breaches.append(f"the seal of audit line {line.pk} does not match")
        before, expected = line.seal, expected + 1
    return result


def lines_get_sealed(snapshot: Snapshot) -> Result:
    """I7: the worker seals lines within ten minutes.

    Judged by when the worker last came to seal: while nothing runs, lines wait and are under way.
    """
    result = Result()
    run_after = (
        Job.objects.filter(kind="audit.seal", key=PERIODIC)
        .values_list("run_after", flat=True)
        .first()
    )
    came = min(run_after, snapshot.now) if run_after else None
    for line in AuditLine.objects.filter(seal="").only("at").order_by("pk").iterator(CHUNK):
        result.counted += 1
        if came is not None and line.at < came - SEALED_WITHIN:
            result.breaches.append(f"audit line {line.pk} of {line.at.isoformat()} is not sealed")
        else:
            result.under_way += 1
    return result


def evidence_is_guarded(snapshot: Snapshot) -> Result:
    """I7: the database itself refuses to change or delete evidence."""
    guards = ("auditline_is_never_deleted", "auditline_is_only_sealed")
    found = triggers(snapshot)
    return Result(
        counted=len(guards),
        breaches=[f"the trigger {name} is missing" for name in guards if name not in found],
    )


def throttles_make_sense(snapshot: Snapshot) -> Result:
    """EN-02: a throttle counts tries of a window that has begun."""
    wrong = Throttle.objects.filter(
        Q(count__lt=1) | Q(window_started_at__gt=snapshot.now + SKEW)
    ).values_list("key", flat=True)
    return Result(
        counted=Throttle.objects.count(),
        breaches=[f"throttle {key} counts nothing or begins in the future" for key in wrong],
    )


def triggers(snapshot: Snapshot) -> set[str]:
    """Names of the database's own triggers, switched on."""
    if connection.vendor == "postgresql":
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return {row[0] for row in snapshot.rows(sql)}


CHECKS: tuple[Check, ...] = (
    Check("I5 jobs", "every after-effect ends, or sounds an alarm", jobs_end),
    Check("I7 seals", "every seal matches its line and the seal before", seals_match),
    Check("I7 sealing", "audit lines are sealed within ten minutes of work", lines_get_sealed),
    Check("I7 evidence", "the database refuses to change evidence", evidence_is_guarded),
    Check("EN-02 throttles", "wrong tries are counted in a window", throttles_make_sense),
)
