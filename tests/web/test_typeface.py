"""The typeface is small for Latin pages, and whole for the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont

SMALL = "web/open-sans.woff2"
pytestmark = [pytest.mark.rules]


def found(name: str) -> Path:
    path = finders.find(name)
    assert path, f"{name} is not there: `make install` cuts it"
    return Path(path)


def ranges(file: str) -> set[int]:
    """What the style sheet loads a file for."""
    rules = re.findall(r"@font-face \{(.*?)\}", found("web/opora.css").read_text(), re.DOTALL)
    [rule] = [rule for rule in rules if file in rule]
    written = re.search(r"unicode-range: ([^;]+);", rule)
    assert written
    codes: set[int] = set()
    for part in written[1].split(", "):
        first, _dash, last = part.removeprefix("U+").partition("-")
        codes.update(range(int(first, 16), int(last or first, 16) + 1))
    return codes


def test_the_small_file_has_what_it_is_loaded_for_and_czech_and_weighs_little() -> None:
    small = set(TTFont(found(SMALL)).getBestCmap())
    whole = set(TTFont(found("web/open-sans.ttf")).getBestCmap())
    assert small == whole & ranges("open-sans.woff2")
    assert {ord(c) for c in "ěščřžýáíéúůďťňĚŠČŘŽÝÁÍÉÚŮĎŤŇ„“–…’•€−"} <= small
    assert found(SMALL).stat().st_size < 60_000


def test_both_files_are_one_face() -> None:
    """Of two faces with other weights a browser would take one alone."""
    style = found("web/opora.css").read_text()
    faces = re.findall(r"@font-face \{(.*?)\}", style, re.DOTALL)
    assert len(faces) == 2
    weights = [re.findall(r"font-weight: ([^;]+);", face) for face in faces]
    assert weights[0] == weights[1] == ["400 800"]


def test_no_letter_is_loaded_twice() -> None:
    assert not ranges("open-sans.woff2") & ranges("open-sans.ttf")


def test_bold_words_are_bold_in_the_small_file() -> None:
    [weight] = TTFont(found(SMALL))["fvar"].axes
    assert (weight.axisTag, weight.minValue, weight.maxValue) == ("wght", 400, 800)
