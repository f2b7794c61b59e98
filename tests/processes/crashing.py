"""`opora` whose processes kill themselves at a named step, when a test has asked for it.

`python -m tests.processes.crashing serve …` is `opora serve …` with these steps wrapped; nothing of
it is in the product. A test writes the step's name into the data folder's file `crash-at`; whoever
reaches the step takes the file away and is gone, as by kill -9. OPORA_TEST_LEASE shortens the lease
of jobs; the background worker writes its number into `worker.pid`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

# The reference flow Submit and the way of a file, as the code names it: (module, attribute).
STEPS = {
    "submit.checked": ("opora.cases.actions.opening", "check"),
    "submit.key taken": ("opora.core.idempotency", "_look_and_take"),
    "submit.rules asked": ("opora.cases.actions.opening", "resolve"),
    "submit.case written": ("opora.cases.actions.opening", "_insert_case"),
    "submit.contacts written": ("opora.cases.actions.opening", "_insert_contacts"),
    "submit.effects written": ("opora.core.outbox", "publish"),
    "submit.incident drawn": ("opora.cases.actions.opening", "consume_incident"),
    "submit.answer stored": ("opora.core.idempotency", "_store"),
    "file.synced": ("os", "fsync"),
    "file.renamed": ("pathlib", "Path.rename"),
    "file.folder synced": ("opora.cases.files", "_sync_folder"),
}
COMMITS = ("before commit", "after commit")
DATA_DIR = Path(os.environ["OPORA_DATA_DIR"])
ASKED = DATA_DIR / "crash-at"
deed = threading.local()
# The background worker dies at no step: it keeps mails in files too, and would die of what was
# asked of whoever answers a call.
answers_calls = True


def reach(step: str) -> None:
    """Die here, if it was asked for."""
    if not answers_calls:
        return
    try:
        asked = ASKED.read_text()
    except FileNotFoundError:
        return
    if asked == step:
        ASKED.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def wrap(step: str, module: str, attribute: str) -> None:
    place: Any = import_module(module)
    *path, name = attribute.split(".")
    for part in path:
        place = getattr(place, part)
    original: Callable[..., Any] = getattr(place, name)

    def wrapped(*args: Any, **named: Any) -> Any:
        reach(f"before {step}")
        result = original(*args, **named)
        deed.began = True
        reach(f"after {step}")
        return result

    setattr(place, name, wrapped)


def wrap_commits() -> None:
    """The commit that ends a wrapped step of the same thread."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    commit = BaseDatabaseWrapper.commit

    def committed(self: Any) -> None:
        ours = getattr(deed, "began", False)
        if ours:
            reach("before commit")
        commit(self)
        if ours:
            deed.began = False
            reach("after commit")

    BaseDatabaseWrapper.commit = committed  # type: ignore[method-assign]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opora.config.settings")
    import django

    django.setup()
    from opora.cli import worker
    from opora.cli.main import main as opora
    from opora.core import queue

    for step, (module, attribute) in STEPS.items():
        wrap(step, module, attribute)
    wrap_commits()
    if seconds := os.environ.get("OPORA_TEST_LEASE"):
        queue.LEASE = timedelta(seconds=float(seconds))
    work = worker.work

    def noted_work() -> int:
        global answers_calls
        answers_calls = False
        (DATA_DIR / "worker.pid").write_text(str(os.getpid()))
        return work()

    worker.work = noted_work
    return int(opora(sys.argv[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main())
