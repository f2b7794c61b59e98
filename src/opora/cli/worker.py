"""`opora worker`: background jobs alone, for a machine that serves no pages."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "worker",
        help="run background jobs alone (opora serve does this for you)",
        description="Run background jobs until stopped.",
    )
    parser.set_defaults(run=lambda args: work())


def work() -> int:
    """Until SIGTERM or SIGINT; the job under way is finished first."""
    from opora.jobs.worker import Worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Worker(stop).run()
    return 0
