"""`opora articles`: load articles and guided diagnoses."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("articles", help="load articles and guided diagnoses")
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)
    load = deeds.add_parser(
        "load",
        help="load articles and guided diagnoses from a file",
        description="Load articles and guided diagnoses. A text that differs becomes a new "
        "published version; the same file again writes nothing. Faults are named by JSON pointer, "
        "and then nothing is loaded.",
    )
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--json", action="store_true", help="what was loaded, as one JSON object")
    load.set_defaults(run=_load)


def _load(args: argparse.Namespace) -> int | None:
    from django.utils import timezone

    from opora.cli.main import fail
    from opora.knowledge.actions import load_articles

    try:
        document = json.loads(args.file.read_bytes())
    except (ValueError, RecursionError) as error:
        return fail(f"{args.file} cannot be read as JSON: {error}")
    report = load_articles(document, now=timezone.now())
    if args.json:
        counts = {
            "articles": report.articles,
            "diagnoses": report.diagnoses,
            "changed": report.changed,
        }
        print(json.dumps(counts))
    else:
        print(
            f"{report.articles} articles and {report.diagnoses} diagnoses; "
            f"{report.changed} changed."
        )
    return None
