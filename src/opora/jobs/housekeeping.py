"""Periodic work on the house itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opora.accounts.models import Session
from opora.core import queue, sealing, throttle
from opora.core.models import Job

BATCHES = 10  # in one run; what is left comes right after, behind jobs that wait


def seal_audit_lines(payload: dict[str, Any], job: Job, now: datetime) -> bool:
    return all(sealing.seal_batch() == sealing.BATCH for _ in range(BATCHES))


def prune_jobs(payload: dict[str, Any], job: Job, now: datetime) -> bool:
    return all(queue.prune(now=now) for _ in range(BATCHES))


def prune_sessions(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Sessions that ran out, and windows of throttles that did."""
    Session.objects.filter(expire_date__lt=now).delete()
    throttle.prune(now=now)
