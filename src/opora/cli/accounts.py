"""`opora accounts`: create and deactivate accounts."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers

KINDS = ("personal", "work", "agent", "administrator")


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("accounts", help="create and deactivate accounts")
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)

    create = deeds.add_parser(
        "create",
        help="an account with a proved address and a complete profile; password on standard input",
    )
    create.add_argument("--email", required=True)
    create.add_argument("--kind", required=True, choices=KINDS)
    create.add_argument("--given-name", required=True)
    create.add_argument("--family-name", required=True)
    create.add_argument("--country", default="", help="ISO 3166-1 code; default: the vendor's")
    create.add_argument("--time-zone", default="", help="IANA name; default: the vendor's")
    create.add_argument("--language", default="", help="cs or en")
    create.add_argument("--phone", default="")
    create.add_argument("--company", default="")
    create.set_defaults(run=_create)

    deactivate = deeds.add_parser(
        "deactivate", help="every session, token and queued mail of the account ends"
    )
    deactivate.add_argument("--email", required=True)
    deactivate.add_argument("--kind", choices=KINDS, help="needed if kinds share the address")
    deactivate.set_defaults(run=_deactivate)


def _create(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.accounts.actions import create_account

    account = create_account(
        email=args.email,
        kind=args.kind,
        given_name=args.given_name,
        family_name=args.family_name,
        password=secret_from_input(),
        country=args.country,
        time_zone=args.time_zone,
        language=args.language,
        phone=args.phone,
        company=args.company,
        by=None,
        now=timezone.now(),
    )
    print(f"created {account.kind} account {account.email}")


def _deactivate(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.accounts.actions import deactivate_account
    from opora.accounts.queries import account_by

    account = account_by(args.email, args.kind)
    deactivate_account(account=account, by=None, now=timezone.now())
    print(f"deactivated {account.kind} account {account.email}")


def secret_from_input() -> str:
    """The first line of standard input, "" when nothing is piped into it."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    return sys.stdin.readline().rstrip("\r\n")
