"""Which article answers best, the same on every engine: engines find, this rule orders.

A word counts by how rare it is among what was found, and by where it stands: the title says most,
then the names and keywords an article goes by, then its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

IN_TITLE, IN_NAMES, IN_BODY = 3.0, 2.0, 1.0
ABOUT_PRODUCT = 2.0  # the product that was chosen
OWN_LANGUAGE = 1.05  # of two texts alike, the reader's


@dataclass(frozen=True)
class Found:
    """One text that has at least one of the words. `about`: it is about the chosen product."""

    slug: str
    language: str
    title: frozenset[str]
    names: frozenset[str]
    body: frozenset[str]
    about: bool = False


@dataclass(frozen=True)
class Ranked:
    """An article by its best text. `worth`: its score without what the chosen product adds."""

    slug: str
    score: float
    worth: float


Words = Sequence[tuple[str, ...]]  # each word as its possible stems


def ranked(
    words: Words,
    found: Iterable[Found],
    *,
    total: int,
    language: str,
    emphasis: Sequence[float] | None = None,
) -> list[Ranked]:
    """The articles of `found`, best first; of two alike the one whose id comes first. `total`: how
    many texts there are; `emphasis`: how much each word counts, 1 by itself."""
    texts = list(found)
    weights = [
        _rarity(stems, texts, total) * (emphasis[at] if emphasis else 1)
        for at, stems in enumerate(words)
    ]
    whole = sum(weights)
    best: dict[str, Ranked] = {}
    for text in texts:
        one = _judged(text, words, weights, whole, language)
        if text.slug not in best or best[text.slug].score < one.score:
            best[text.slug] = one
    return sorted(best.values(), key=lambda one: (-one.score, one.slug))


def unknown(words: Words, found: Iterable[Found]) -> list[int]:
    """Positions of the words that no text has."""
    texts = list(found)
    return [at for at, stems in enumerate(words) if not any(_place(stems, t) for t in texts)]


def _judged(
    text: Found, words: Words, weights: Sequence[float], whole: float, language: str
) -> Ranked:
    score = held = 0.0
    for stems, weight in zip(words, weights, strict=True):
        if place := _place(stems, text):
            score += weight * place
            held += weight
    share = held / whole if whole else 0.0
    worth = score * (0.5 + share / 2) * (OWN_LANGUAGE if text.language == language else 1)
    score = worth * (ABOUT_PRODUCT if text.about else 1)
    return Ranked(text.slug, round(score, 6), round(worth, 6))


def _place(stems: tuple[str, ...], text: Found) -> float:
    if not text.title.isdisjoint(stems):
        return IN_TITLE
    if not text.names.isdisjoint(stems):
        return IN_NAMES
    return 0.0 if text.body.isdisjoint(stems) else IN_BODY


def _rarity(stems: tuple[str, ...], texts: Sequence[Found], total: int) -> float:
    having = sum(1 for text in texts if _place(stems, text))
    return log(1 + (total - having + 0.5) / (having + 0.5)) if having else 0.0


# --- Mistyped words -------------------------------------------------------------------------------


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that `word` was meant to be: the rest of what is being typed, or one slip away
    (two in a long word); "" if there is none."""
    slips = 2 if len(word) >= 8 else 1
    best: tuple[int, int, str] | None = None
    for other in known:
        if other.startswith(word) and len(other) - len(word) <= 4:
            away = (1, len(other) - len(word), other)
        else:
            steps = _steps(word, other, slips)
            if steps > slips:
                continue
            away = (steps, 0, other)
        if best is None or away < best:
            best = away
    return best[2] if best else ""


def _steps(one: str, other: str, most: int) -> int:
    """Letters to add, drop, change, or swap with their neighbor; `most` + 1 if it takes more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            step = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                step = min(step, older[j - 2] + 1)
            row.append(step)
        if min(row) > most:
            return most + 1
    return row[-1]
