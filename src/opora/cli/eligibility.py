"""`opora eligibility`: decide whether a plan covers a version, one question or a file of them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opora.catalog.models import Version
    from opora.cli.main import Subparsers
    from opora.contracts.eligibility import Decision
    from opora.contracts.models import Plan

SEVERITIES = ("A", "B", "C")
NEEDED = ("plan", "product", "version")
MEMBERS = (*NEEDED, "severity", "non_production", "on")


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "eligibility",
        help="decide whether a plan covers a version, and say why not",
        description="Decide for a contract of the plan as if issued and activated on the day, with "
        "incidents left. With --batch: one JSON object a line, "
        '{"plan","product","version","severity","non_production","on"}, the last three optional; '
        "one answer a line, in order, and exit 1 if any line could not be answered.",
    )
    parser.add_argument("--plan", metavar="CODE")
    parser.add_argument("--product", metavar="ID")
    parser.add_argument("--version", metavar="ID")
    parser.add_argument("--severity", choices=SEVERITIES, help="not judged if left out")
    parser.add_argument("--non-production", action="store_true")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="default: today")
    parser.add_argument("--batch", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=lambda args: _run(parser, args))


def _run(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    if args.batch is not None:
        if args.plan or args.product or args.version or args.severity or args.on:
            parser.error("--batch takes its questions from the file")
        return _batch(args.batch)
    if not (args.plan and args.product and args.version):
        parser.error("--plan, --product and --version are needed, or --batch")
    members = {name: getattr(args, name) for name in NEEDED}
    members |= {"severity": args.severity, "non_production": args.non_production, "on": args.on}
    decision = _Desk().decide(members)
    if args.json:
        print(_as_json(decision))
    elif decision.usable:
        print("usable")
    else:
        for reason in decision.reasons:
            print(f"{reason.code}: {reason.message} {reason.remedy}")
    return 0


def _batch(path: Path) -> int:
    from opora.core.errors import Refusal

    desk = _Desk()
    has_failed = False
    for line in _lines(path):
        try:
            print(_as_json(desk.decide(_read(line))))
        except Refusal as refusal:
            has_failed = True
            errors = getattr(refusal, "errors", None)
            message = " ".join(e["message"] for e in errors) if errors else refusal.detail
            error = {"code": "invalid-input", "message": message}
            print(json.dumps({"error": error}, ensure_ascii=False))
    return 1 if has_failed else 0


class _Desk:
    """Answers questions on the plans and versions of one run, each looked up once."""

    def __init__(self) -> None:
        from django.utils import timezone

        from opora.core.days import today

        self._today = today(timezone.now())
        self._plan = cache(_plan)
        self._version = cache(_version)

    def decide(self, members: dict[str, Any]) -> Decision:
        """The decision; InvalidInput for an unknown plan, product or version."""
        from django.utils.translation import gettext

        from opora.catalog.queries import subject_of
        from opora.contracts.eligibility import Question
        from opora.contracts.queries import plan_decision
        from opora.core.errors import InvalidInput

        plan = self._plan(members["plan"])
        version = self._version(members["product"], members["version"])
        on = members["on"] or self._today
        question = Question(
            on=on,
            subject=subject_of(version, on),
            is_production=not members["non_production"],
            severity=members["severity"],
        )
        try:
            return plan_decision(plan, question)
        except OverflowError:
            raise InvalidInput.on("on", gettext("The day is out of range.")) from None


def _plan(code: str) -> Plan:
    from opora.contracts.queries import plan_for

    return plan_for(code)


def _version(product: str, version: str) -> Version:
    from opora.catalog.queries import version_for

    return version_for(product, version)


def _lines(path: Path) -> Iterator[bytes]:
    """The lines that hold a question; bytes, so that one bad line costs no other its answer."""
    with path.open("rb") as file:
        yield from (line for line in file if line.strip())


def _read(line: bytes) -> dict[str, Any]:
    """A question's members, defaults filled in. Raises InvalidInput naming each bad one."""
    from django.utils.translation import gettext

    from opora.core.errors import InvalidInput

    try:
        found = json.loads(line)
        if "\\u0000" in json.dumps(found, ensure_ascii=False).encode().decode():
            found = None  # no engine keeps it, so nothing is called so; nor by half a character
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidInput.on("", gettext("The line is no JSON object."))
    errors = [
        {"field": name, "message": gettext("“%(member)s” is no member.") % {"member": name}}
        for name in found
        if name not in MEMBERS
    ]
    errors += [
        {"field": name, "message": gettext("“%(member)s” is missing.") % {"member": name}}
        for name in NEEDED
        if not isinstance(found.get(name), str)
    ]
    severity, non_production, on = (found.get(name) for name in MEMBERS[3:])
    if severity is not None and severity not in SEVERITIES:
        errors.append({"field": "severity", "message": gettext("A severity is A, B or C.")})
    if non_production is not None and not isinstance(non_production, bool):
        errors.append(
            {"field": "non_production", "message": gettext("“non_production” is true or false.")}
        )
    day = _day(on)
    if on is not None and day is None:
        errors.append({"field": "on", "message": gettext("A day is written YYYY-MM-DD.")})
    if errors:
        raise InvalidInput(errors=errors)
    plain = {name: found[name] for name in NEEDED}
    return plain | {"severity": severity, "non_production": bool(non_production), "on": day}


def _day(value: object) -> date | None:
    if not isinstance(value, str) or len(value) != 10:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _as_json(decision: Decision) -> str:
    from opora.contracts.errors import reasons_as_json

    answer = {"usable": decision.usable, "reasons": reasons_as_json(decision.reasons)}
    return json.dumps(answer, ensure_ascii=False)
