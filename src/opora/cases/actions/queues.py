"""Queues of agents: so far the one that every installation has."""

from __future__ import annotations

from datetime import datetime

from opora.cases.models import Queue


def ensure_default_queue(*, now: datetime) -> Queue:
    """The queue that new cases go to; made, holding every agent, if there is none (S8.1)."""
    queue, _made = Queue.objects.get_or_create(
        is_default=True,
        defaults={
            "slug": "support",
            "names": {"cs": "Podpora", "en": "Support"},
            "holds_every_agent": True,
        },
    )
    return queue
