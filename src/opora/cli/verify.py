"""`opora verify`: every invariant, on one snapshot, beside a running server."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opora.cli.main import Subparsers
    from opora.core.invariants import Check, Result

# Every context that states invariants; the order of SECURITY 1 within each.
MODULES: tuple[str, ...] = (
    "opora.contracts.invariants",
    "opora.billing.invariants",
    "opora.cases.invariants",
    "opora.core.invariants",
)
SHOWN = 20  # breaches of one check, on the screen; --json has them all


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "verify",
        help="check every invariant of the installation's data",
        description="Check every invariant on one snapshot of the database, beside a running "
        "server too. Exits 1 on any breach; work under way is none.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from opora.core import invariants

    started = time.monotonic()
    results: list[tuple[Check, Result]] = []
    with invariants.snapshot(now=timezone.now()) as snapshot:
        for check in all_checks():
            result = check.run(snapshot)
            results.append((check, result))
            if not args.json:
                _print(check, result)
    broken = sum(len(result.breaches) for _, result in results)
    if args.json:
        print(json.dumps(_document(results), ensure_ascii=False))
    else:
        seconds = time.monotonic() - started
        verdict = f"{broken} breaches" if broken else "every invariant holds"
        print(f"{len(results)} checks in {seconds:.1f} s: {verdict}")
    return 1 if broken else 0


def all_checks() -> list[Check]:
    from importlib import import_module

    return [check for name in MODULES for check in import_module(name).CHECKS]


def _print(check: Check, result: Result) -> None:
    state = "BREACH" if result.breaches else "ok"
    waiting = f", {result.under_way:,} under way" if result.under_way else ""
    print(f"{state:<7} {check.name:<22} {result.counted:>9,} checked{waiting}: {check.description}")
    for sentence in result.breaches[:SHOWN]:
        print(f"        - {sentence}")
    if len(result.breaches) > SHOWN:
        print(f"        - and {len(result.breaches) - SHOWN} more")


def _document(results: list[tuple[Check, Result]]) -> dict[str, Any]:
    return {
        "holds": not any(result.breaches for _, result in results),
        "checks": [
            {
                "name": check.name,
                "description": check.description,
                "counted": result.counted,
                "under_way": result.under_way,
                "breaches": result.breaches,
            }
            for check, result in results
        ],
    }
