"""The reference page of the API names every call, and no call that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from opora.api.app import described

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"


def test_the_page_names_every_address_of_the_api() -> None:
    page = PAGE.read_text(encoding="utf-8")
    addresses = {
        re.sub(r"{\w*id}", "{id}", path.removeprefix("/api/v1")) for path in described()["paths"]
    }
    shown = set(re.findall(r"/[a-z]+(?:/{id}|/{number})?(?:/[a-z]+)?(?=[` ])", page))
    children = {"/cases/{number}/attachments/{id}", "/cases/{number}/contacts/{id}"}
    assert addresses - children <= shown
    assert page.count("…/{id}") == len(children)
