"""Each abuse and fault is shown by a test, or listed with the reason why not yet."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import ROOT

pytestmark = pytest.mark.rules

HERE = Path(__file__).parent


def known() -> set[str]:
    groups = tomllib.loads((HERE / "ids.toml").read_text(encoding="utf-8"))
    return {name for group in groups.values() for name in group}


def not_yet() -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((HERE / "not_yet.toml").read_text(encoding="utf-8"))
    return found


def shown() -> set[str]:
    """The ids in marks of all tests; read, not run, so that every stage agrees."""
    return {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in _marked(ast.parse(path.read_text(encoding="utf-8")))
    }


def _marked(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "shows"
        ):
            for word in node.args:
                if isinstance(word, ast.Constant):
                    yield str(word.value)


def test_every_id_is_shown_or_listed_with_a_reason() -> None:
    assert known() - shown() - set(not_yet()) == set(), "show it, or say in not_yet.toml why not"


def test_what_is_shown_leaves_the_list() -> None:
    assert set(not_yet()) & shown() == set(), "take it out of not_yet.toml"


def test_the_list_names_known_ids_and_reasons() -> None:
    assert set(not_yet()) - known() == set()
    assert all(len(reason) > 10 for reason in not_yet().values())


def test_marks_name_known_ids() -> None:
    """A typing error would show nothing. Rules of SPEC (S2.3) and facts of DOMAIN are not ours."""
    ours = {name for name in shown() if "-" in name or (name[0] == "I" and name[1:].isdigit())}
    assert ours - known() == set()
