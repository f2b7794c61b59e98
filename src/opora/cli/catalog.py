"""`opora catalog`: load a catalogue file, override a fact of a version."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "catalog", help="load products, versions and dates; override a date"
    )
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)
    load = deeds.add_parser("load", help="loads or updates products, versions and dates")
    load.add_argument("file", metavar="FILE", type=Path, help="JSON in the shape of lifecycle.json")
    load.add_argument("--json", action="store_true", help="print the counts as JSON")
    load.set_defaults(run=_load)
    override = deeds.add_parser("override", help="corrects a fact of a version; survives reloads")
    override.add_argument("--product", required=True, metavar="ID")
    override.add_argument("--version", required=True, metavar="ID")
    override.add_argument(
        "--field", required=True, help="mainstream_end, extended_end, generation, …"
    )
    override.add_argument(
        "--value", required=True, help="YYYY-MM-DD, a number, a policy, or null for not set"
    )
    override.add_argument("--reason", required=True, help="why, for those who read it later")
    override.set_defaults(run=_override)


def _load(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from opora.catalog.actions import load_catalog
    from opora.cli.main import fail

    try:
        document = json.loads(args.file.read_bytes())
    except (ValueError, RecursionError) as error:
        return fail(f"{args.file} cannot be read as JSON: {error}")
    report = load_catalog(document, now=timezone.now())
    if args.json:
        counts = {
            "products": report.products,
            "versions": report.versions,
            "changed": report.changed,
        }
        print(json.dumps(counts))
    else:
        print(
            f"{report.products} products with {report.versions} versions; "
            f"{report.changed} rows changed."
        )
    return 0


def _override(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.catalog.actions import override_fact

    version = override_fact(
        product=args.product,
        version=args.version,
        field=args.field,
        value=args.value,
        reason=args.reason,
        now=timezone.now(),
    )
    print(f"{version.name}: {args.field} is now {args.value}.")
