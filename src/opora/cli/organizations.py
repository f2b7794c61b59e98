"""`opora organizations`: add one with its mail domains and identity provider; roles in it, and
groups of its people (S8.5)."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "organizations", help="add an organization, its provider; its managers, its groups"
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
    groups = deeds.add_parser(
        "groups", help="let its people share requests with groups, or end it; list its groups"
    )
    groups.add_argument("--name", required=True, help="the organization's")
    switch = groups.add_mutually_exclusive_group()
    switch.add_argument("--on", action="store_true", help="switch groups on")
    switch.add_argument("--off", action="store_true", help="end all sharing with groups, at once")
    groups.add_argument("--json", action="store_true")
    groups.set_defaults(run=_groups)
    group = deeds.add_parser("group", help="make a group, add its members, take members out")
    group.add_argument("--name", required=True, help="the organization's")
    group.add_argument("--group", required=True, help="the group's name; made if there is none")
    group.add_argument("--add", action="append", default=[], metavar="EMAIL")
    group.add_argument("--remove", action="append", default=[], metavar="EMAIL")
    group.set_defaults(run=_group)


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
    from opora.cases.actions import leave_organization

    organization, now = organization_named(args.name), timezone.now()
    account = account_by(args.email, args.kind)
    if args.role == "none":
        leave_organization(organization=organization, account=account, by=None, now=now)
    else:
        set_role(organization=organization, account=account, role=args.role, by=None, now=now)
    said = "has no role" if args.role == "none" else f"is a {args.role}"
    print(f"{args.email} {said} at {organization.name}")


def _groups(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.accounts.queries import groups_in, organization_named
    from opora.cases.actions import switch_groups

    organization = organization_named(args.name)
    if args.on or args.off:
        switch_groups(organization=organization, on=args.on, by=None, now=timezone.now())
    found = groups_in(organization)
    if args.json:
        for group, members in found:
            print(json.dumps({"group": group.name, "members": members}, ensure_ascii=False))
        return
    print(
        f"groups of {organization.name} are switched {'on' if organization.has_groups else 'off'}"
    )
    for group, members in found:
        print(f"{group.name}: {', '.join(members) or 'nobody'}")


def _group(args: argparse.Namespace) -> None:
    from django.db import transaction
    from django.utils import timezone

    from opora.accounts.queries import member_by, organization_named
    from opora.cases.actions import add_group, join_group, leave_group

    now = timezone.now()
    organization = organization_named(args.name)
    joining = [member_by(organization, email) for email in args.add]
    leaving = [member_by(organization, email) for email in args.remove]
    with transaction.atomic():
        group = add_group(organization=organization, name=args.group, by=None, now=now)
        for account in joining:
            join_group(group=group, account=account, by=None, now=now)
        for account in leaving:
            leave_group(group=group, account=account, by=None, now=now)
    print(f"group {group.name} of {organization.name} has {group.members.count()} members")
    if not organization.has_groups:
        print(f'groups are switched off: opora organizations groups --name "{args.name}" --on')
