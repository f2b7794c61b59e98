"""`python -m bench`: measure, print the tables, write them as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime

from bench import report
from bench.cluster import FOLDER
from bench.flows import FLOWS
from bench.run import Plan, measure

SIZES = (10_000, 1_000_000)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 cases only, short rounds")
    parser.add_argument("--flow", action="append", choices=FLOWS, help="only this one; repeatable")
    parser.add_argument("--rounds", type=int, help="default: 5, quick 2")
    parser.add_argument("--seconds", type=float, help="of a flow in a round; default: 3, quick 1.5")
    parser.add_argument("--workers", type=int, help="web workers; default: processors + 1")
    asked = parser.parse_args()
    plan = Plan(
        sizes=SIZES[:1] if asked.quick else SIZES,
        flows=tuple(asked.flow or FLOWS),
        rounds=asked.rounds or (2 if asked.quick else 5),
        seconds=asked.seconds or (1.5 if asked.quick else 3.0),
        workers=asked.workers or (os.cpu_count() or 1) + 1,
    )
    at = datetime.now(UTC)
    measured = measure(plan)
    result = FOLDER / f"result-{at:%Y%m%d-%H%M%S}.json"
    result.write_text(json.dumps(report.as_json(plan, measured, at), indent=1), encoding="utf-8")
    print(f"{report.machine()}; {plan.rounds} rounds of {plan.seconds} s, {at:%d %B %Y}\n")
    print(report.table(plan, measured))
    print(f"\nwritten to {result}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
