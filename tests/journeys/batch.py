"""Many `opora` commands in one process, so that a house is furnished in seconds.

Run as `python batch.py`, with a JSON list of [arguments, standard input] on standard input. Prints
a JSON list of what each command printed; fails with the first that fails.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

from opora.cli.main import main


def run(arguments: list[str], given: str) -> str:
    sys.stdin = io.StringIO(given)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = main(arguments)
    if code:
        raise SystemExit(f"opora {' '.join(arguments)} exited {code}")
    return printed.getvalue()


if __name__ == "__main__":
    json.dump([run(arguments, given) for arguments, given in json.load(sys.stdin)], sys.stdout)
