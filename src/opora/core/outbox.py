"""The one queue: after-effects and timers leave through it, written in the deed's transaction.

A kind is a dotted name (`mail.receipt`, `case.remind`). What runs for it is registered in
`jobs.kinds`; the worker in `jobs.worker` claims, runs, retries and parks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opora.core.models import Job
from opora.core.prepared import insert


@dataclass(frozen=True)
class Effect:
    """Something to do after the deed, not before `run_after` (None: as soon as it is committed)."""

    kind: str
    key: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    run_after: datetime | None = None


def publish(*effects: Effect, at: datetime) -> None:
    """Queue effects in one statement. Nothing leaves unless the transaction commits."""
    jobs = [
        Job(
            kind=e.kind,
            key=e.key,
            payload=e.payload,
            created_at=at,
            run_after=e.run_after or at,
        )
        for e in effects
    ]
    if jobs:
        insert(*jobs)


def cancel(*, key: str, kinds: Iterable[str], at: datetime) -> int:
    """Call off open jobs about `key`; how many. One that runs is not stopped: it re-checks."""
    return Job.objects.filter(state=Job.State.OPEN, key=key, kind__in=list(kinds)).update(
        state=Job.State.CANCELLED, finished_at=at
    )


class Hopeless(Exception):
    """Raised by a job that no further try can help (a mailbox that does not exist): it is parked at
    once, with an alarm."""
