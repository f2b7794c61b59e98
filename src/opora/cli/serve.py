"""`opora serve`: web workers and the background worker under one command and one signal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers
    from opora.cli.server import Child


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "serve",
        help="serve web and background jobs until stopped",
        description="Serve web and background jobs until stopped; prints one line `ready http://…` "
        "when it answers. One SIGTERM or SIGINT ends all of it.",
    )
    add_server_arguments(parser)
    parser.set_defaults(run=run, prepares=False)


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, metavar="N", help="default: OPORA_PORT, else 8000")
    parser.add_argument(
        "--workers", type=_positive, metavar="N", help="web workers; default: processors + 1"
    )


def run(args: argparse.Namespace) -> int:
    return serve(workers=args.workers)


def serve(*, workers: int | None = None, beside: Sequence[Child] = ()) -> int:
    """Prepare the installation, then supervise until stopped; the exit code.

    `beside`: processes to keep running besides web and worker (the demo's identity provider).
    """
    import os

    from django.conf import settings
    from django.db import connections

    from opora.cli import server, statics
    from opora.cli.preparation import prepare
    from opora.core import installation

    prepare(serves=True)
    installation.check_file()
    statics.collect()
    connections.close_all()
    count = workers or settings.ENVIRONMENT.workers or (os.cpu_count() or 1) + 1
    return server.supervise(port=settings.ENVIRONMENT.port, web_workers=count, beside=beside)


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
