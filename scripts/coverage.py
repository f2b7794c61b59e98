"""docs/spec/coverage.md: which tests show each rule (S) and answer each complaint (P).

The tests are read, not run: `pytest.mark.shows("S4.2", "P3")` on a test or on its module.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "rules.toml"

HEAD = """# What shows each rule

Every rule of what Opora does (S) and every complaint of those who use such portals (P), with the
tests that show it. Abuses and faults have a list of their own: `make shows`. This page is written
by `make reference` from the tests' marks and `tests/rules.toml`.

| rule | what | shown by |
| --- | --- | --- |
"""


def titles() -> dict[str, str]:
    """Each rule's short title, in order."""
    groups = tomllib.loads(RULES.read_text(encoding="utf-8"))
    return {
        name: title
        for group, rules in groups.items()
        if group != "not_yet"
        for name, title in rules.items()
    }


def not_yet() -> dict[str, str]:
    """Rules whose feature has not landed, with the reason."""
    found: dict[str, str] = tomllib.loads(RULES.read_text(encoding="utf-8")).get("not_yet", {})
    return found


def shown() -> dict[str, list[tuple[str, str]]]:
    """The tests of each rule that any names: file below the root, and the test's name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for rule, test in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(rule, []).append((path.relative_to(ROOT).as_posix(), test))
    return found


def coverage() -> str:
    """The page."""
    tests, waiting = shown(), not_yet()
    rows = []
    for rule, title in titles().items():
        links = [f"[{_sentence(test)}](../../{path})" for path, test in tests.get(rule, [])]
        if rule in waiting:
            links.append(f"*{waiting[rule]}*")
        rows.append(f"| {rule} | {title} | {'; '.join(links)} |\n")
    return HEAD + "".join(rows)


def _marks(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Rules with the name of each test that shows them."""
    of_all = [
        rule
        for node in module.body
        if isinstance(node, ast.Assign) and any(_is(each, "pytestmark") for each in node.targets)
        for rule in _named_in(node.value)
    ]
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = [rule for mark in node.decorator_list for rule in _named_in(mark)]
            for rule in dict.fromkeys([*own, *of_all]):
                yield rule, node.name


def _named_in(expression: ast.expr) -> Iterator[str]:
    for node in ast.walk(expression):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "shows"
        ):
            yield from (str(word.value) for word in node.args if isinstance(word, ast.Constant))


def _is(target: ast.expr, name: str) -> bool:
    return isinstance(target, ast.Name) and target.id == name


def _sentence(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")
