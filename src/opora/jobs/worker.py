"""The background worker: looks, claims, runs, marks; for as long as the process lives.

It reads before it writes: an idle worker costs one small SELECT every half second. While jobs run,
a second thread keeps the claim alive, so that a job longer than its lease is not begun by another
worker (F-03).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.utils import timezone, translation

from opora.core import installation, queue
from opora.core.models import Job
from opora.core.outbox import Hopeless
from opora.jobs.kinds import LEAVES_THE_HOUSE, PERIODIC, handler_of

log = structlog.get_logger("opora.jobs")

IDLE = 0.5  # seconds between two looks
TROUBLE = 5.0  # seconds to wait when the database does not answer


class Worker:
    """One process's worker. `stop` is set by a signal; the job under way is finished first."""

    def __init__(self, stop: threading.Event, *, keep_every: float | None = None) -> None:
        self.stop = stop
        self.keep_every = keep_every or queue.LEASE.total_seconds() / 3

    def run(self) -> None:
        """Until stopped. A database that is away is waited for; nothing else ends it."""
        seeded = False
        while not self.stop.is_set():
            try:
                if not seeded:
                    queue.seed(PERIODIC, now=timezone.now())
                    seeded = True
                if not self.run_batch():
                    self.stop.wait(IDLE)
            except Exception:
                log.exception("jobs.trouble")
                connection.close()
                self.stop.wait(TROUBLE)
        connection.close()

    def run_batch(self) -> int:
        """Run what is due; how many jobs were claimed."""
        now = timezone.now()
        if not queue.has_due(now=now):
            return 0
        without = installation.OUTWARD if installation.is_held() else ()
        if without and not queue.has_due(now=now, without=without):
            return 0
        jobs = queue.claim(now=now, without=without)
        if jobs:
            with _kept(jobs[0].lease, every=self.keep_every) as claim:
                self._run(jobs, claim)
        return len(jobs)

    def _run(self, jobs: Sequence[Job], claim: _Claim) -> None:
        finished: list[Job] = []
        for place, job in enumerate(jobs):
            if self.stop.is_set() or claim.is_lost():
                queue.give_back(jobs[place:])
                break
            if run_one(job):
                finished.append(job)
        queue.finish(finished, now=timezone.now())


def run_one(job: Job) -> bool:
    """Run one claimed job; True if the caller still has to mark it done, with others."""
    if job.tries >= queue.LAST_TRY and job.key != queue.PERIODIC:
        queue.park(job, error="its worker died each time", now=timezone.now())
        log.error("jobs.parked", alarm=True, job=job.pk, kind=job.kind, tries=job.tries)
        return False
    started = time.monotonic()
    with (
        structlog.contextvars.bound_contextvars(job=job.pk, kind=job.kind),
        translation.override("en"),
    ):
        try:
            has_more = handler_of(job.kind)(job.payload, job, timezone.now())
        except Hopeless as error:
            queue.park(job, error=str(error), now=timezone.now())
            log.error("jobs.parked", alarm=True, reason=str(error))
            return False
        except Exception as error:
            connection.close_if_unusable_or_obsolete()
            _put_off(job, error)
            return False
        note = log.debug if job.key == queue.PERIODIC else log.info
        note("jobs.done", took_ms=round((time.monotonic() - started) * 1000))
    if job.key == queue.PERIODIC:
        queue.start_again(job, at=_next_run(job.kind, has_more=bool(has_more)))
        return False
    if job.kind.startswith(LEAVES_THE_HOUSE):
        queue.finish([job], now=timezone.now())
        return False
    return True


def _put_off(job: Job, error: Exception) -> None:
    again_at = queue.put_off(
        job,
        error=f"{type(error).__name__}: {error}",
        chance=random.random(),  # noqa: S311 - spreads retries, guards nothing
        now=timezone.now(),
    )
    if again_at is None or job.tries + 1 >= queue.LAST_TRY:
        log.error("jobs.parked", alarm=True, tries=job.tries + 1, exc_info=error)
    else:
        log.warning(
            "jobs.failed", tries=job.tries + 1, again_at=again_at.isoformat(), exc_info=error
        )


def _next_run(kind: str, *, has_more: bool) -> datetime:
    every = PERIODIC.get(kind, timedelta(hours=1))
    return timezone.now() + (timedelta() if has_more else every)


class _Claim:
    """What a keeper thread knows about a claim."""

    def __init__(self) -> None:
        self.kept_at = time.monotonic()
        self.done = threading.Event()

    def is_lost(self) -> bool:
        """The lease may have run out: whatever was not begun belongs to others now."""
        return time.monotonic() - self.kept_at > queue.LEASE.total_seconds() * 0.9


@contextmanager
def _kept(lease: str, *, every: float) -> Iterator[_Claim]:
    """Keep a claim alive from a second thread until the block ends."""
    claim = _Claim()

    def keep() -> None:
        try:
            while not claim.done.wait(every):
                try:
                    queue.keep(lease, now=timezone.now())
                    claim.kept_at = time.monotonic()
                except Exception:
                    log.exception("jobs.lease_not_kept")
                    connection.close()
        finally:
            connection.close()

    keeper = threading.Thread(target=keep, name="lease-keeper", daemon=True)
    keeper.start()
    try:
        yield claim
    finally:
        claim.done.set()
        keeper.join()
