"""Links between pages of the repository lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.databases import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", text)
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_an_adr_is_one_page_and_its_title_is_the_decision() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    for number, page in enumerate(pages, start=1):
        title, *lines = page.read_text(encoding="utf-8").splitlines()
        assert page.name.startswith(f"{number:04d}-")
        assert re.fullmatch(rf"# {number}\. .{{20,}}", title), page.name
        assert not title.endswith("."), page.name
        assert len(lines) < 60, f"{page.name} is longer than a page"
