"""`opora release`: a restored copy becomes the installation that sends."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "release",
        help="let a restored copy send mail",
        description="Let a restored copy send mail. Mail that was waiting when the backup was made "
        "goes out too, unless it is discarded.",
    )
    parser.add_argument(
        "--discard-mail",
        action="store_true",
        help="cancel waiting mail: the original has sent it since",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from opora.core import installation

    released, discarded = installation.release(discard_mail=args.discard_mail, now=timezone.now())
    if not released:
        print("Nothing was held: this installation sends already.")
    elif discarded:
        print(f"Released; {discarded} waiting mails were discarded.")
    else:
        print("Released.")
    return 0
