"""`opora demo`: a ready vendor in an empty folder, with people to sign in as, served.

The folder is reused; one that the demo did not make is refused. A build that was cut short starts
over.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import socket
from typing import TYPE_CHECKING, Any

from opora.cli.serve import add_server_arguments

if TYPE_CHECKING:
    from opora.cli.main import Subparsers
    from opora.cli.server import Child


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="build a demo vendor in an empty data folder and serve it",
        description="Build a demo vendor (catalogue, plans, customers, contracts, agents, a busy "
        "year of support requests) in an empty data folder, print addresses and sign-ins, and "
        "serve it. A folder that the demo made is used again.",
    )
    add_server_arguments(parser)
    parser.add_argument("--build-only", action="store_true", help="build, print, do not serve")
    parser.set_defaults(run=run, prepares=False)


def run(args: argparse.Namespace) -> int:
    from django.conf import settings

    from opora.cli.main import fail
    from opora.cli.preparation import prepare
    from opora.core import demo
    from opora.web import logs

    logs.configure(logging.WARNING)  # the terminal is for the addresses and sign-ins
    sells = not settings.PAYMENTS  # who says how the demo is paid, is paid that way
    note = demo.read_note()
    if note is None or note["state"] == "building":
        if note is None and not _is_empty():
            return fail(
                f"{settings.DATA_DIR} is not empty and no demo made it; "
                "name an empty folder in OPORA_DATA_DIR."
            )
        if settings.ENVIRONMENT.database_url and not _database_is_empty():
            return fail("The database is not empty; the demo needs one of its own.")
        _clear()
        demo.write_note({"state": "building"})
        prepare(serves=True)
        note = _build(sells=sells)
    else:
        prepare(serves=True)
    _print_welcome(note)
    if args.build_only:
        return 0
    return _serve(note, workers=args.workers, sells=sells)


def _is_empty() -> bool:
    """The settings may have made the secret already; nothing else may be there."""
    from django.conf import settings

    folder = settings.DATA_DIR
    return not folder.exists() or all(path.name == "secret" for path in folder.iterdir())


def _database_is_empty() -> bool:
    from django.db import connection

    return not connection.introspection.table_names()


def _clear() -> None:
    """Take away what a build that was cut short left behind."""
    from django.conf import settings

    if not settings.DATA_DIR.exists():
        return
    for path in settings.DATA_DIR.iterdir():
        if path.name == "secret":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _build(*, sells: bool) -> dict[str, Any]:
    from django.utils import timezone

    from opora.cli.demo.build import build
    from opora.cli.demo.till import Till, shown_cards
    from opora.core import demo

    print("Building the demo vendor; this takes less than a minute …", flush=True)
    if sells:
        till = Till(_free_port())
        till.open()
        with till.processor() as processor:
            note = build(now=timezone.now(), processor=processor)
        note["cards"] = shown_cards()
    else:
        note = build(now=timezone.now())
    demo.write_note(note)
    return note


def _serve(note: dict[str, Any], *, workers: int | None, sells: bool) -> int:
    from django.conf import settings

    from opora.cli.demo.build import point_to_provider
    from opora.cli.serve import serve

    port = _free_port()
    note["provider"]["issuer"] = f"http://127.0.0.1:{port}"
    point_to_provider(note)
    count = workers or settings.ENVIRONMENT.workers or (os.cpu_count() or 1)
    beside = [_provider(note, port)]
    if sells:
        beside.append(_card_processor())
    return serve(workers=count, beside=beside)


def _card_processor() -> Child:
    """The stand-in for Stripe; the settings of all that is forked from now on lead to it."""
    from opora.cli.demo.till import Till
    from opora.cli.server import Child

    till = Till(_free_port())
    till.open()
    return Child("card-processor", till.serve)


def _provider(note: dict[str, Any], port: int) -> Child:
    from django.conf import settings

    from opora.cli.server import Child

    def work() -> int:
        from opora.cli.demo.provider import Employee, Provider, server_for

        known = note["provider"]
        provider = Provider(
            issuer=known["issuer"],
            organization=known["organization"],
            client_id=known["client_id"],
            client_secret=known["client_secret"],
            redirect_prefixes=_own_addresses(settings.PUBLIC_URL),
            employees=[Employee(**known["employee"])],
        )
        server_for(provider, port).serve_forever()
        return 0

    return Child("identity-provider", work)


def _own_addresses(public_url: str) -> tuple[str, ...]:
    """Where codes may go: the public address, and 127.0.0.1 where that is localhost."""
    return (f"{public_url}/", f"{public_url.replace('//localhost', '//127.0.0.1')}/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _print_welcome(note: dict[str, Any]) -> None:
    from django.conf import settings

    from opora.cli.demo import people

    address = settings.PUBLIC_URL
    lines = [
        "",
        f"  Opora, the demo        {address}",
        f"  Mails and agent's code {address}/demo/",
        f"  REST API, to try       {address}/api/v1/docs",
        "",
        f"  Personal account  {people.PERSONAL}   password: {people.PASSWORD}",
        f"  Work account      {people.WORK}   password: {people.PASSWORD}",
        f"  Support agent     {people.AGENT}   password: {people.PASSWORD}",
        f"  Administrators    {people.ADMINISTRATOR}, {people.SECOND_ADMINISTRATOR}",
        f"                    password: {people.PASSWORD}",
        f"                    (second factor of these three: the code at {address}/demo/)",
        "",
        "  A contract to register yourself:",
    ]
    pairs = [
        f"    Access ID {p['access_id']}   Contract ID {p['contract_id']}" for p in note["spare"]
    ]
    if cards := note.get("cards"):
        words = {
            "paid": "pays",
            "declined": "is declined",
            "insufficient_funds": "has too little money",
            "expired_card": "has expired",
            "wrong_cvc": "has a wrong security code",
            "asks": "asks the bank (3-D Secure)",
        }
        pairs += ["", "  Cards to buy support with (no money moves; any day to come, any code):"]
        pairs += [f"    {card['number']}  {words[card['ends']]}" for card in cards]
    print("\n".join([*lines, *pairs, ""]), flush=True)
