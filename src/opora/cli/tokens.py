"""`opora tokens`: issue API tokens."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from opora.cli.accounts import KINDS

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("tokens", help="issue API tokens")
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)
    issue = deeds.add_parser("issue", help="prints one bearer token, alone on its line")
    issue.add_argument("--email", required=True)
    issue.add_argument("--kind", choices=KINDS, help="needed if kinds share the address")
    issue.add_argument("--days", type=int, default=90)
    issue.add_argument("--scope", choices=("read", "write"), default="write")
    issue.add_argument("--name", default="", help="what the token is for")
    issue.set_defaults(run=_issue)


def _issue(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.accounts.actions import issue_token
    from opora.accounts.queries import account_by

    print(
        issue_token(
            account=account_by(args.email, args.kind),
            days=args.days,
            scope=args.scope,
            name=args.name,
            by=None,
            now=timezone.now(),
        )
    )
