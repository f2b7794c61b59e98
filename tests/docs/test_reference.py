"""Reference pages say what the code does."""

from __future__ import annotations

import re

import pytest
from scripts import coverage
from scripts.reference import FOLDER, PAGES

from opora.cli.main import COMMANDS
from opora.jobs.kinds import KINDS, PERIODIC
from tests.databases import ROOT

REFERENCE = ROOT / "docs" / "reference"


def first_cells(name: str) -> list[str]:
    """The code spans that begin the rows of the page's tables."""
    text = (REFERENCE / name).read_text(encoding="utf-8")
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_that_follow_from_the_code_are_up_to_date(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make reference`"


def test_every_rule_is_shown_or_waits_with_a_reason() -> None:
    rules, waiting = set(coverage.titles()), set(coverage.not_yet())
    shown = set(coverage.shown())
    assert rules - shown - waiting == set(), "show it, or say in rules.toml why not yet"
    assert waiting & shown == set(), "take it out of rules.toml's not_yet"
    assert waiting <= rules
    named = {rule for rule in shown if rule[0] in "SP" and rule[1:2].isdigit()}
    assert named - rules == set(), "no such rule"


def test_every_kind_of_job_is_explained_once() -> None:
    assert sorted(first_cells("facts.md")) == sorted(KINDS)
    assert set(PERIODIC) <= set(KINDS)


def test_every_command_is_explained_once() -> None:
    assert sorted(first_cells("commands.md")) == sorted(COMMANDS)
