"""`opora organizations`: add an organisation, its mail domains, its identity provider."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "organizations", help="add an organization, its mail domains, its identity provider"
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
