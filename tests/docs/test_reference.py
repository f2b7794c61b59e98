"""Reference pages say what the code does."""

from __future__ import annotations

import re

import pytest
from scripts.reference import PAGES

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
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make reference`"


def test_every_kind_of_job_is_explained_once() -> None:
    assert sorted(first_cells("facts.md")) == sorted(KINDS)
    assert set(PERIODIC) <= set(KINDS)


def test_every_command_is_explained_once() -> None:
    assert sorted(first_cells("commands.md")) == sorted(COMMANDS)
