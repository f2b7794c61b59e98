"""`opora`: one entry, one module a command.

A command `name` is the module `opora.cli.<name>` (its line in COMMANDS is all that announces it):

    def add_parser(subparsers: Subparsers) -> None:
        parser = subparsers.add_parser("name", help=...)
        parser.set_defaults(run=function)          # function(args) -> int | None, an exit code

Only the module of the command that was typed is imported, and its parser is built before Django is
set up: so a command module imports Django and the domain inside its functions. When `run` is
called, settings are loaded and the database is up to date (unless the parser sets
`prepares=False`).

Exit codes: 0 done, 1 refused or failed with one sentence on standard error, 2 usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import opora

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

COMMANDS: dict[str, str] = {
    "serve": "serve web and background jobs until stopped",
    "demo": "build a demo vendor in an empty data folder and serve it",
    "catalog": "load products, versions and dates; override a date",
    "plans": "load and list support plans",
    "channels": "load and list ways to help outside product support",
    "articles": "load articles and guided diagnoses",
    "organizations": "add an organization, its provider; its managers, its groups",
    "accounts": "create and deactivate accounts",
    "tokens": "issue and revoke API tokens",
    "contracts": "issue, grant, invite, activate, suspend, cancel, renew, rotate contracts",
    "eligibility": "decide whether a plan covers a version, and say why not",
    "verify": "check every invariant of the installation's data",
    "backup": "write everything into one file",
    "restore": "bring everything back from such a file, into an empty installation",
    "release": "let a restored copy send mail",
    "worker": "run background jobs alone (opora serve does this for you)",
}

DESCRIPTION = (
    "Opora, a self-hosted portal for professional support. Settings come from the environment "
    "(OPORA_DATA_DIR, OPORA_DATABASE_URL, OPORA_PUBLIC_URL, …), each also as NAME_FILE."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Usage errors leave through argparse with 2."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = command_parser(words)
    if any("\ud800" <= letter <= "\udfff" for word in words for letter in word):
        parser.error("what is typed has to be UTF-8")
    args = parser.parse_args(words)
    try:
        code = _run(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # `opora … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def command_parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of all commands, of which only the typed one is filled in."""
    parser = argparse.ArgumentParser(prog="opora", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"opora {opora.__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    typed = next((word for word in words if not word.startswith("-")), None)
    if typed in COMMANDS:
        import_module(f"opora.cli.{typed}").add_parser(subparsers)
    else:
        for name, explanation in COMMANDS.items():
            subparsers.add_parser(name, help=explanation)
    return parser


def _run(args: argparse.Namespace) -> int:
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    try:
        _set_up(args)
    except ValidationError as error:
        return fail(_settings_sentence(error))
    except SettingsError as error:  # a NAME_FILE that cannot be read
        return fail(f"Settings: {error.__cause__ or error}")
    except OSError as error:
        return fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))

    import structlog
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    from opora.cli.preparation import prepare
    from opora.core.errors import InvalidInput, Refusal

    try:
        if getattr(args, "prepares", True):
            prepare()
        return args.run(args) or 0
    except InvalidInput as refusal:
        return fail(*(f"{e['field']}: {e['message']}" for e in refusal.errors))
    except Refusal as refusal:
        return fail(refusal.detail)
    except (OperationalError, ImproperlyConfigured) as error:
        return fail(f"The database cannot be used: {str(error).strip()}")
    except BrokenPipeError:
        raise
    except OSError as error:
        return fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except Exception as error:  # ours: the log has the whole story
        structlog.get_logger("opora.cli").exception("cli.failed")
        return fail(f"An error of Opora's own: {type(error).__name__}; see the log above.")


def _set_up(args: argparse.Namespace) -> None:
    """Settings, applications, logs. `--port` decides before settings are read: the default public
    address follows it."""
    port: Any = getattr(args, "port", None)
    if port is not None:
        os.environ["OPORA_PORT"] = str(port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opora.config.settings")
    import django

    django.setup()
    from django.conf import settings

    from opora.web import logs

    logs.configure()
    settings.DATA_DIR.mkdir(mode=0o750, parents=True, exist_ok=True)


def _settings_sentence(error: Any) -> str:
    """What is wrong with the environment; never the value of a secret."""
    parts = []
    for problem in error.errors(include_input=False, include_url=False):
        name = "OPORA_" + "_".join(str(part) for part in problem["loc"]).upper()
        message = problem["msg"].removeprefix("Value error, ")
        parts.append(f"{name}: {message}" if problem["loc"] else message)
    return "Settings: " + "; ".join(parts)


def fail(*sentences: str) -> int:
    """Say on standard error why it was not done; the exit code."""
    for sentence in sentences:
        print(f"opora: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
