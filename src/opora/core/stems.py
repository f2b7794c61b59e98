"""What words are found by: Czech and English stems without accents, the same on both engines.

One analyser for every search (ADR 0006). What people type is taken apart into words and quoted;
none of it is query syntax.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import snowballstemmer

WORD = re.compile(r"\w+")
LONGEST_WORD = 60
MOST_TERMS = 5_000  # of one text; a pasted log is found by its first few thousand words
MOST_WORDS_ASKED = 12
# Words that say nothing about what a text is about.
_QUIET = """
a aby after again ale am an and ani are as asi at az be been bez but by byl byla can cannot chci
co could did do does doing dokola don for from get gets had has have ho how i if in into is it
its ja jak je jen ji jsem jsou k kam kde kdy ke keep keeps ktera ktere ktery mam me mi mohu moje
muze my na nad nam nas nebo nejde nejdou nelze nemohu nemuze nemuzu neni nic no not now o od of
on or our pak po pod podle porad pri pro proc prosim s sam se si so stale t ta tak take tam ten
tento than that the their then there they this to tu u until us uz v ve vsak was we what when
where which while who why will with won you your z za zase ze
"""
QUIET = frozenset(_QUIET.split())


@dataclass(frozen=True)
class Query:
    """What was asked: each word as its possible stems; a match has one of each."""

    words: tuple[tuple[str, ...], ...]

    @property
    def loosely(self) -> Query:
        """The same words, of which a match has at least one."""
        return Query((tuple(dict.fromkeys(stem for stems in self.words for stem in stems)),))

    def for_engine(self, vendor: str) -> str:
        """Every stem quoted: a tsquery on PostgreSQL, an FTS5 expression on SQLite."""
        if vendor == "postgresql":
            quote, either, both = "'", " | ", " & "
        else:
            quote, either, both = '"', " OR ", " AND "
        return both.join(
            "(" + either.join(f"{quote}{stem}{quote}" for stem in stems) + ")"
            for stems in self.words
        )


def parse(text: str, *, most: int = MOST_WORDS_ASKED) -> Query | None:
    """The first `most` words of what was typed; None if there are none to look for."""
    words = tuple(dict.fromkeys(stems_of(word) for word in words_of(text)))
    return Query(words[:most]) if words else None


def terms_of(text: str) -> list[str]:
    """The stems under which `text` is found, each once, in order of first appearance."""
    terms: dict[str, None] = {}
    for word in words_of(text):
        for stem in stems_of(word):
            terms[stem] = None
        if len(terms) >= MOST_TERMS:
            break
    return list(terms)


def words_of(text: str) -> Iterator[str]:
    """The words of `text` in lower case, one after the other, with their accents."""
    return (found[0] for found in WORD.finditer(text.casefold()))


def is_quiet(word: str) -> bool:
    """Whether a word says nothing about what a text is about, in Czech or in English."""
    return without_accents(word) in QUIET


@lru_cache(maxsize=100_000)
def stems_of(word: str) -> tuple[str, ...]:
    """A word's stems without accents: as Czech with and without them typed, and as English."""
    word = word[:LONGEST_WORD]
    bare = without_accents(word)
    if not bare.isalpha():
        return (bare,)
    czech, english = _stemmers()
    stems = (czech.stemWord(word), czech.stemWord(bare), english.stemWord(bare))
    return tuple(dict.fromkeys(without_accents(stem) for stem in stems))


def without_accents(text: str) -> str:
    """`text` with every letter bare. Compatibility forms are one: full-width letters are found by
    ordinary ones."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@cache
def _stemmers() -> tuple[Any, Any]:
    return snowballstemmer.stemmer("czech"), snowballstemmer.stemmer("english")
