"""The part of a text where what was looked for stands, cut to the length of a line or two.

Pure. A word counts as found by the same stems as in `core.stems`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from opora.core.stems import WORD, Query, stems_of, without_accents

BEFORE = 60  # characters of text shown before the first word found
LENGTH = 220
LOOKED_THROUGH = 20_000  # characters of one text
BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Part:
    """A piece of text; `is_found`: it is a word that was looked for."""

    text: str
    is_found: bool = False


def excerpt(text: str, query: Query) -> list[Part]:
    """The text around the first word found, on one line, with all such words told apart; empty if
    there is none in the first 20,000 characters."""
    text = BLANKS.sub(" ", text[:LOOKED_THROUGH]).strip()
    first = next(_found(text, query), None)
    if first is None:
        return []
    start = _at_a_word(text, first.start() - BEFORE)
    cut = text[start : start + LENGTH]
    if start + LENGTH < len(text):
        cut = cut[: cut.rfind(" ")] if cut.rfind(" ") > first.end() - start else cut
    parts = list(marked(cut, query))
    if start:
        parts.insert(0, Part("… "))
    if start + len(cut) < len(text):
        parts.append(Part(" …"))
    return parts


def marked(text: str, query: Query) -> Iterator[Part]:
    """The whole text in pieces, the words found told apart."""
    at = 0
    for word in _found(text, query):
        if word.start() > at:
            yield Part(text[at : word.start()])
        yield Part(word.group(), is_found=True)
        at = word.end()
    if at < len(text):
        yield Part(text[at:])


def _found(text: str, query: Query) -> Iterator[re.Match[str]]:
    wanted = {stem for stems in query.words for stem in stems}
    # A word begins like its stems: most are told apart without being taken to theirs.
    beginnings = {stem[0] for stem in wanted}
    for word in WORD.finditer(text):
        plain = word.group().casefold()
        if without_accents(plain[0])[:1] in beginnings and not wanted.isdisjoint(stems_of(plain)):
            yield word


def _at_a_word(text: str, position: int) -> int:
    """The start of the next word at or after `position`; the beginning, if that is near."""
    if position <= 0:
        return 0
    blank = text.find(" ", position)
    return blank + 1 if 0 <= blank < position + BEFORE else position
