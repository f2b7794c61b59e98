"""Run stages, each a make target under ten minutes, and print what each took.

    python3 scripts/stages.py install check …

Exits 1 if any is red. After a red stage the others still run, but nothing runs without `install`.
Needs no package: it is what installs them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

BUDGET = 10 * 60  # what a stage may take on a quiet machine
LIMIT = 2 * BUDGET  # and when it is stopped, however busy the machine is
ROOT = Path(__file__).resolve().parent.parent


def run(stage: str) -> tuple[str, float]:
    """How the stage ended ("green", "red" or "too slow") and how many seconds it took."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "--no-print-directory", stage], cwd=ROOT, start_new_session=True
    )
    try:
        status = process.wait(timeout=LIMIT)
        ended = "green" if status == 0 else "red"
    except subprocess.TimeoutExpired:
        ended = "too slow"
    finally:
        end(process)
    return ended, time.monotonic() - began


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask what is left of the stage to stop, then make it."""
    for sign, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
        if process.poll() is None:
            os.killpg(process.pid, sign)
            try:
                process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                continue


def main(stages: list[str]) -> int:
    results: list[tuple[str, str, float]] = []
    for stage in stages:
        print(f"\n=== {stage} ===", flush=True)
        ended, seconds = run(stage)
        results.append((stage, ended, seconds))
        if stage == "install" and ended != "green":
            break
    print("\n| stage | result | minutes |\n| --- | --- | --- |")
    for stage, ended, seconds in results:
        late = ", over its ten minutes" if seconds > BUDGET else ""
        print(f"| {stage} | {ended}{late} | {seconds / 60:.1f} |")
    print(f"| all | | {sum(seconds for _, _, seconds in results) / 60:.1f} |", flush=True)
    return int(any(ended != "green" for _, ended, _ in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
