"""`opora contracts`: issue, grant, invite, activate, suspend, resume, cancel, renew, rotate."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opora.cli.main import Subparsers
    from opora.contracts.actions import Issued
    from opora.contracts.models import Contract

WORDS = {
    "activate": "start a benefit's term and give it its two ids",
    "suspend": "stop a contract from being used",
    "resume": "let a suspended contract be used again",
    "cancel": "end a contract for good; what is left expires",
    "renew": "a new term today: what is left expires, a new grant",
    "rotate": "a new Access ID; registrations stay",
}


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "contracts", help="issue, grant, invite, activate, suspend, cancel, renew, rotate contracts"
    )
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", required=True)

    issue = deeds.add_parser(
        "issue",
        help="issue activated contracts; each Access ID is shown this once",
        description="Issue activated contracts. HOLDER is an organization of that name, else "
        "the person of a manager of that full name, else a new organization. A contract of a plan "
        "without Access ID is registered to its managers.",
    )
    _add_terms(issue)
    issue.add_argument("--starts", type=_day, metavar="DAY", help="first usable day; default today")
    issue.add_argument("--count", type=_count, default=1, metavar="N")
    issue.set_defaults(run=_issue)

    grant = deeds.add_parser("grant", help="a benefit that has to be activated before it is used")
    _add_terms(grant)
    grant.set_defaults(run=_grant)

    invitation = deeds.add_parser(
        "invite", help="a link that adds a contract to one account, once, within 72 hours"
    )
    invitation.add_argument("id", metavar="ID", help="the Contract ID")
    invitation.add_argument("--mail", default="", metavar="EMAIL", help="mail the link there too")
    invitation.add_argument("--json", action="store_true", help="one JSON object")
    invitation.set_defaults(run=_invite)

    for word, explanation in WORDS.items():
        deed = deeds.add_parser(word, help=explanation)
        deed.add_argument("id", metavar="ID", help="the Contract ID, or the id of a grant")
        deed.add_argument("--json", action="store_true", help="one JSON object")
        deed.set_defaults(run=_change, word=word)


def _add_terms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", required=True, metavar="CODE")
    parser.add_argument("--holder", required=True, type=_name, metavar="NAME")
    parser.add_argument(
        "--manager", action="append", default=[], metavar="EMAIL", help="may be repeated"
    )
    parser.add_argument("--incidents", type=_count, metavar="N", help="default: the plan's")
    parser.add_argument("--legacy", action="store_true", help="issue a plan that is only held")
    parser.add_argument("--json", action="store_true", help="one JSON object a contract")


def _issue(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.contracts.actions import issue_contracts, managers_named

    issued = issue_contracts(
        plan_code=args.plan,
        holder=args.holder,
        managers=managers_named(args.manager),
        incidents=args.incidents,
        starts_on=args.starts,
        count=args.count,
        legacy=args.legacy,
        by=None,
        now=timezone.now(),
    )
    for one in issued:
        _print_issued(one, as_json=args.json)


def _grant(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.contracts.actions import grant_benefit, managers_named

    contract = grant_benefit(
        plan_code=args.plan,
        holder=args.holder,
        managers=managers_named(args.manager),
        incidents=args.incidents,
        legacy=args.legacy,
        by=None,
        now=timezone.now(),
    )
    if args.json:
        print(json.dumps(_about(contract)))
    else:
        print(f"granted {contract.public_id.hex}; activate it with this id")


def _invite(args: argparse.Namespace) -> None:
    """Prints the link, alone on its line, this once."""
    from django.conf import settings
    from django.utils import timezone

    from opora.contracts.actions import invite
    from opora.contracts.queries import contract_named

    invited = invite(
        contract=contract_named(args.id), send_to=args.mail, by=None, now=timezone.now()
    )
    link = f"{settings.PUBLIC_URL.rstrip('/')}/invitations/{invited.secret}/"
    if args.json:
        expires_at = invited.invitation.expires_at.isoformat()
        print(json.dumps({"link": link, "expires_at": expires_at}))
    else:
        print(link)


def _change(args: argparse.Namespace) -> None:
    from django.utils import timezone

    from opora.contracts import actions
    from opora.contracts.queries import contract_named

    deeds: dict[str, Callable[..., Contract | Issued]] = {
        "activate": actions.activate_contract,
        "suspend": actions.suspend_contract,
        "resume": actions.resume_contract,
        "cancel": actions.cancel_contract,
        "renew": actions.renew_contract,
        "rotate": actions.rotate_access_id,
    }
    done = deeds[args.word](contract=contract_named(args.id), by=None, now=timezone.now())
    if isinstance(done, actions.Issued):
        _print_issued(done, as_json=args.json)
    elif args.json:
        print(json.dumps(_about(done)))
    else:
        print(_sentence(done))


def _print_issued(issued: Issued, *, as_json: bool) -> None:
    if as_json:
        about = _about(issued.contract)
        del about["status"]
        print(json.dumps({"id": about.pop("id"), "access_id": issued.access_id or None} | about))
        return
    access = f"Access ID {issued.access_id}" if issued.access_id else "no Access ID"
    print(f"{_sentence(issued.contract)}; {access}")


def _about(contract: Contract) -> dict[str, Any]:
    """The promised members but the Access ID, and where the contract stands."""
    from django.utils import timezone

    from opora.contracts.queries import status_of
    from opora.core.days import today

    return {
        "id": contract.public_id.hex,
        "contract_id": contract.shown_contract_id,
        "plan": contract.plan_version.plan.code,
        "incidents_granted": contract.incidents_granted,
        "starts_on": contract.starts_on.isoformat() if contract.starts_on else None,
        "ends_on": contract.ends_on.isoformat() if contract.ends_on else None,
        "status": status_of(contract, today(timezone.now())),
    }


def _sentence(contract: Contract) -> str:
    about = _about(contract)
    name = about["contract_id"] or about["id"]
    days = f", {about['starts_on']} to {about['ends_on']}" if contract.starts_on else ""
    return f"contract {name} ({about['plan']}): {about['status']}{days}"


def _day(text: str) -> date:
    """A day as an argument; argparse turns a ValueError into a usage error."""
    return date.fromisoformat(text)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and 100000")
    return number


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 200:
        raise argparse.ArgumentTypeError("a name has 1 to 200 characters")
    return name
