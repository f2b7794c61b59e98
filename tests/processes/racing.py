"""Many processes that do one deed at the same instant.

The parent loads the code, closes its connections and forks; the children live through all rounds
and meet at a barrier. What they did is read afterwards, over another connection.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from django.db import connections

PROCESSES = 32
ROUNDS = int(os.environ.get("OPORA_TEST_ROUNDS", "3"))
Deed = Callable[[int, int], str]  # of (process, round), what came of it


def race(deed: Deed) -> list[Counter[str]]:
    """What came of `deed` in each round, done by every process at the same instant."""
    forking = multiprocessing.get_context("fork")
    barrier = forking.Barrier(PROCESSES)
    connections.close_all()
    pipes: list[Connection] = []
    children = []
    for number in range(PROCESSES):
        mine, theirs = forking.Pipe(duplex=False)
        child = forking.Process(target=_run, args=(deed, number, barrier, theirs))
        child.start()
        theirs.close()
        pipes.append(mine)
        children.append(child)
    outcomes: list[Counter[str]] = [Counter() for _ in range(ROUNDS)]
    for pipe in pipes:
        assert pipe.poll(120), "a process did not come to its end"
        for at, outcome in enumerate(pipe.recv()):
            outcomes[at][outcome] += 1
    for child in children:
        child.join(timeout=20)
        assert child.exitcode == 0
    return outcomes


def _run(deed: Deed, number: int, barrier: Any, pipe: Connection) -> None:
    outcomes = []
    for at in range(ROUNDS):
        barrier.wait(60)
        try:
            outcomes.append(deed(number, at))
        except Exception:
            outcomes.append(traceback.format_exc())
    pipe.send(outcomes)
    pipe.close()
    connections.close_all()
