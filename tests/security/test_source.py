"""What no line of Opora may do, read in its source: each rule closes a whole class of holes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import PACKAGE

pytestmark = pytest.mark.rules

# Reading what somebody sent must never make an object, run a program or unpack an archive. The
# command line may: the operator's own backup, pg_dump.
NEVER = {
    "pickle", "shelve", "marshal", "dill", "yaml", "zipfile", "gzip", "bz2", "lzma", "PIL",
    "xml", "lxml", "imghdr", "code", "runpy",
}  # fmt: skip
ONLY_THE_OPERATOR = {"tarfile", "subprocess", "pty", "os.system"}
OF_THE_OPERATOR = {"cli", "core/archive.py", "cases/scanners.py"}  # the last: a command of theirs
# Markup made in Python: each of these was read for what goes into it.
MAKES_MARKUP = {"web/icons.py", "web/formats.py", "web/jinja.py", "web/markdown.py"}
# Statements whose text is put together: of our own table names and constants only.
MAKES_SQL = {
    "accounts", "cases/queries/lists.py", "cases/readers.py", "cases/search.py", "core/queue.py",
    "core/triggers.py", "core/invariants.py", "cli/dumps.py", "contracts/actions/ledger.py",
    "core/throttle.py", "core/sealing.py", "core/prepared.py", "core/postgresql/base.py",
    "knowledge/search.py",
}  # fmt: skip
# What opens connections, and who may: one client for addresses that others name. The rest goes
# where the operator said (the processor's own library, the scanner), or stays on the machine.
OPENS_CONNECTIONS = {
    "socket", "ssl", "requests", "urllib3", "urllib.request", "http.client", "httpx", "httpcore",
    "aiohttp", "asyncio", "ftplib", "telnetlib", "xmlrpc", "websockets", "pycurl",
}  # fmt: skip
MAY_OPEN_CONNECTIONS = {
    "core/outbound.py", "billing/providers/stripe.py", "cases/scanners.py", "cli/server.py",
    "cli/demo",
}  # fmt: skip
FROM_OUTSIDE = {"POST", "GET", "COOKIES", "META", "headers", "FILES", "body"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            name = path.relative_to(PACKAGE).as_posix()
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def may(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}/") for one in allowed)


@pytest.mark.shows("FI-02", "FI-05", "FI-06")
def test_what_is_uploaded_is_never_unpacked_revived_or_run() -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in modules()
        for module in imported(tree)
        if module.split(".")[0] in NEVER
        or (module in ONLY_THE_OPERATOR and not may(name, OF_THE_OPERATOR))
    ]
    assert wrong == []


@pytest.mark.shows("FI-06", "XS-08")
def test_nothing_is_compiled_or_evaluated() -> None:
    names = {"eval", "exec", "compile", "__import__", "from_string", "Template", "mark_safe"}
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                if isinstance(node.func, ast.Attribute) and node.func.attr in {
                    "from_string", "mark_safe", "Template",
                }:  # fmt: skip
                    called = node.func.attr
                if called in names:
                    wrong.append(f"{name}:{node.lineno} calls {called}")
    assert wrong == []


@pytest.mark.shows("XS-08", "XS-01")
def test_markup_is_made_in_reviewed_places() -> None:
    makers = {
        name
        for name, tree in modules()
        for module in imported(tree)
        if module == "markupsafe" or module in ("django.utils.html", "django.utils.safestring")
    }
    assert makers <= MAKES_MARKUP, makers - MAKES_MARKUP


@pytest.mark.shows("XS-08", "EM-11")
def test_templates_trust_no_value() -> None:
    """`|safe` may only stand behind a text of the template's own; escaping is never off in HTML."""
    trusted = re.compile(r"\|\s*safe\b")
    own = re.compile(r"""(?:"[^"{]*"|'[^'{]*'|\('[^{}]*\))\s*\|\s*safe\b""")
    wrong = []
    for path in sorted(PACKAGE.glob("*/jinja2/**/*")):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html" and "autoescape" in text:
            wrong.append(f"{path.name} switches escaping")
        if len(trusted.findall(text)) > len(own.findall(text)):
            wrong.append(f"{path.name} trusts a value")
    assert wrong == []


@pytest.mark.shows("IN-01")
def test_statements_are_put_together_in_reviewed_places_only() -> None:
    """Elsewhere a statement is one literal, and what people send is a parameter."""
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"execute", "executemany", "raw", "extra", "RawSQL"}
        and not (node.args and isinstance(node.args[0], ast.Constant))
        and not (node.func.attr == "extra" and not node.keywords)
        and not may(name, MAKES_SQL)
    ]
    assert wrong == []


@pytest.mark.shows("IN-02")
def test_what_is_sent_never_names_columns() -> None:
    """No `**request.POST` and no `**answers`: names of arguments are ours."""
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg is None
        and any(
            isinstance(part, ast.Attribute) and part.attr in FROM_OUTSIDE
            for part in ast.walk(keyword.value)
        )
    ]
    assert wrong == []


@pytest.mark.shows("WH-04")
def test_one_client_calls_what_others_name() -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in modules()
        for module in imported(tree)
        if may(module.replace(".", "/"), {one.replace(".", "/") for one in OPENS_CONNECTIONS})
        and not may(name, MAY_OPEN_CONNECTIONS)
    ]
    assert wrong == []


SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    r"|createContextualFragment|setHTMLUnsafe|\.setAttribute\(\s*[\"']on|javascript:"
    r"|setTimeout\(\s*[\"'`]|setInterval\(\s*[\"'`]"
)


@pytest.mark.shows("XS-07")
def test_our_scripts_make_no_markup_from_text() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}: {match[0]}"
        for path in sorted(PACKAGE.glob("*/static/**/*.js"))
        for match in SINKS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.shows("XS-07")
def test_trusted_types_let_only_the_librarys_parser_through() -> None:
    scripts = {
        path.name: path.read_text(encoding="utf-8") for path in PACKAGE.glob("*/static/**/*.js")
    }
    makers = [name for name, text in scripts.items() if "createPolicy" in text]
    assert makers == ["page.js"]
    assert scripts["page.js"].count("createPolicy") == 1
    assert "createScript:" not in scripts["page.js"]


def test_the_reviewed_places_are_there() -> None:
    for name in (MAKES_MARKUP | MAKES_SQL | MAY_OPEN_CONNECTIONS) - {"accounts", "cli/demo"}:
        assert (Path(PACKAGE) / name).is_file(), name
