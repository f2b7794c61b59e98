"""Run stages, each a make target under ten minutes, and print what each took.

    python3 scripts/stages.py install check durable+durable-postgresql …

Stages joined by + run side by side: they wait more than they work. Exits 1 if any is red. After a
red stage the others still run, but nothing runs without `install`. Needs no package: it is what
installs them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

BUDGET = 10 * 60  # what a stage may take on a quiet machine
LIMIT = 2 * BUDGET  # and when it is stopped, however busy the machine is
ROOT = Path(__file__).resolve().parent.parent


def run(stage: str, output: IO[bytes] | None = None) -> tuple[str, str, float]:
    """The stage, how it ended ("green", "red" or "too slow") and how many seconds it took. What it
    says goes to `output`, else where ours goes."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "--no-print-directory", stage],
        cwd=ROOT,
        start_new_session=True,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )
    try:
        status = process.wait(timeout=LIMIT)
        ended = "green" if status == 0 else "red"
    except subprocess.TimeoutExpired:
        ended = "too slow"
    finally:
        end(process)
    return stage, ended, time.monotonic() - began


def run_side_by_side(stages: list[str]) -> list[tuple[str, str, float]]:
    """All of them at once; what each says is told when all have ended."""
    with ExitStack() as stack:
        outputs = [stack.enter_context(tempfile.TemporaryFile()) for _ in stages]
        with ThreadPoolExecutor(len(stages)) as pool:
            results = list(pool.map(run, stages, outputs))
        for stage, output in zip(stages, outputs, strict=True):
            print(f"\n--- {stage} ---", flush=True)
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout.buffer)
            sys.stdout.flush()
    return results


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask what is left of the stage to stop, then make it."""
    for sign, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
        if process.poll() is None:
            os.killpg(process.pid, sign)
            try:
                process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                continue


def main(asked: list[str]) -> int:
    began = time.monotonic()
    results: list[tuple[str, str, float]] = []
    for stages in (each.split("+") for each in asked):
        print(f"\n=== {' and '.join(stages)} ===", flush=True)
        results += [run(stages[0])] if len(stages) == 1 else run_side_by_side(stages)
        if results[-1][0] == "install" and results[-1][1] != "green":
            break
    print("\n| stage | result | minutes |\n| --- | --- | --- |")
    for stage, ended, seconds in results:
        late = ", over its ten minutes" if seconds > BUDGET else ""
        print(f"| {stage} | {ended}{late} | {seconds / 60:.1f} |")
    print(f"| all | | {(time.monotonic() - began) / 60:.1f} |", flush=True)
    return int(any(ended != "green" for _, ended, _ in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
