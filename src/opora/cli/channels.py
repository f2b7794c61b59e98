"""`opora channels`: load and list ways to help outside product support."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "channels", help="load and list ways to help outside product support"
    )
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)

    load = deeds.add_parser(
        "load",
        help="load channels from a file",
        description="Make the page of contacts (/help/contacts/) say what the file says. Channels "
        "that the file does not have are taken away. Faults are named by JSON pointer, and then "
        "nothing is loaded.",
    )
    load.add_argument("file", type=Path, metavar="FILE")
    load.add_argument("--json", action="store_true", help="the counts, as one JSON object")
    load.set_defaults(run=_load)

    listing = deeds.add_parser("list", help="every channel, in the order of the page")
    listing.add_argument("--json", action="store_true", help="the shape that `load` takes")
    listing.set_defaults(run=_list)


def _load(args: argparse.Namespace) -> int | None:
    from django.utils import timezone

    from opora.catalog.actions import load_channels
    from opora.cli.main import fail

    try:
        document = json.loads(args.file.read_bytes())
    except (ValueError, RecursionError) as error:
        return fail(f"{args.file} cannot be read as JSON: {error}")
    report = load_channels(document, now=timezone.now())
    if args.json:
        counts = {
            "channels": report.channels,
            "changed": report.changed,
            "removed": report.removed,
        }
        print(json.dumps(counts))
    else:
        print(f"{report.channels} channels; {report.changed} changed, {report.removed} taken away.")
    return None


def _list(args: argparse.Namespace) -> None:
    from opora.catalog.channel_files import listed
    from opora.catalog.queries import channels
    from opora.core.wording import in_language

    if args.json:
        print(json.dumps(listed(channels()), ensure_ascii=False))
        return
    for channel in channels():
        ways = ", ".join(filter(None, (channel.url, channel.email, channel.phone)))
        print(f"{channel.slug:24}{in_language(channel.names)}: {ways}")
