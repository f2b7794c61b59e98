"""A worker process with one kind of its own, which takes longer than its lease (F-03).

`python -m tests.jobs.long_job publish` queues one such job; `… work SECONDS` is a worker that
notes in the data folder what it begins and ends.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import django

LEASE = 2.0
TAKES = 6.0


def act(payload: dict[str, Any], job: Any, now: datetime) -> None:
    from django.conf import settings

    with (settings.DATA_DIR / "long.log").open("a") as log:
        log.write(f"begun {os.getpid()}\n")
        log.flush()
        time.sleep(TAKES)
        log.write(f"ended {os.getpid()}\n")


def main(word: str, *arguments: str) -> None:
    django.setup()
    from django.utils import timezone

    from opora.core import outbox, queue
    from opora.jobs import worker

    if word == "publish":
        outbox.publish(outbox.Effect("test.long"), at=timezone.now())
        return
    queue.LEASE = timedelta(seconds=LEASE)
    vars(worker).update(handler_of=lambda kind: act, PERIODIC={})
    stop = threading.Event()
    threading.Timer(float(arguments[0]), stop.set).start()
    worker.Worker(stop).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
