"""`opora plans`: load and list support plans."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("plans", help="load and list support plans")
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)

    load = deeds.add_parser(
        "load",
        help="load plans from a file",
        description="Load plans. Other terms make a new version of the plan, which contracts "
        "issued from then on are under; names and aliases do not. Faults are named by JSON "
        "pointer, and then nothing is loaded.",
    )
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--json", action="store_true", help="what was loaded, as one JSON object")
    load.set_defaults(run=_load)

    listing = deeds.add_parser("list", help="every plan with its current terms")
    listing.add_argument("--json", action="store_true", help="the shape that `load` takes")
    listing.set_defaults(run=_list)


def _load(args: argparse.Namespace) -> int | None:
    from django.utils import timezone

    from opora.cli.main import fail
    from opora.contracts.actions import load_plans

    try:
        document = json.loads(args.file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, or not JSON
        return fail(f"{args.file} is no JSON: {error}")
    report = load_plans(document, timezone.now())
    if args.json:
        print(json.dumps({"plans": report.plans, "new_terms": list(report.new_terms)}))
    else:
        news = ", ".join(report.new_terms) or "none"
        print(f"{report.plans} plans loaded; new terms: {news}")
    return None


def _list(args: argparse.Namespace) -> None:
    from opora.contracts.plan_files import listed
    from opora.contracts.queries import plans
    from opora.core.wording import in_language

    if args.json:
        print(json.dumps(listed(plans()), ensure_ascii=False))
        return
    for plan in plans():
        formerly = f" (formerly {', '.join(plan.aliases)})" if plan.aliases else ""
        print(f"{plan.code:32}{in_language(plan.names)}{formerly}")
