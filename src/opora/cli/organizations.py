"""`opora organizations`: add one with its mail domains and identity provider; roles in it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "organizations", help="add an organization, its provider; say who manages its contracts"
    )
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)
    add = deeds.add_parser("add", help="client secret of the provider on standard input")
    add.add_argument("--name", required=True)
    add.add_argument(
        "--domain", required=True, action="append", help="a mail domain; may be given again"
    )
    add.add_argument("--issuer", default="", help="address of its OpenID provider")
    add.add_argument("--client-id", default="")
    add.set_defaults(run=_add)
    role = deeds.add_parser("role", help="who manages an organization's contracts and benefits")
    role.add_argument("--name", required=True)
    role.add_argument("--email", required=True, help="of the account")
    role.add_argument("--kind", choices=("personal", "work"), help="if the address has both")
    role.add_argument("--role", required=True, choices=("manager", "member", "none"))
    role.set_defaults(run=_role)


def _add(args: argparse.Namespace) -> None:
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from opora.accounts.actions import add_organization
    from opora.cli.accounts import secret_from_input

    organization = add_organization(
        name=args.name,
        domains=args.domain,
        issuer=args.issuer,
        client_id=args.client_id,
        client_secret=secret_from_input() if args.issuer else "",
        by=None,
        now=timezone.now(),
    )
    print(f"added organization {organization.name}")
    if args.issuer:
        slug = organization.identity_provider.slug
        path = reverse("openid_connect_callback", kwargs={"provider_id": slug})
        print(f"its provider returns to {settings.PUBLIC_URL}{path}")


def _role(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.accounts.actions import set_role
    from opora.accounts.queries import account_by, organization_named

    organization = organization_named(args.name)
    set_role(
        organization=organization,
        account=account_by(args.email, args.kind),
        role=None if args.role == "none" else args.role,
        by=None,
        now=timezone.now(),
    )
    said = "has no role" if args.role == "none" else f"is a {args.role}"
    print(f"{args.email} {said} at {organization.name}")
