"""How good search is: a labelled set of queries over the demo's articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import translation

from opora.knowledge.queries import articles_found

QUERIES = Path(__file__).with_name("queries.tsv")


@dataclass(frozen=True)
class Labelled:
    language: str
    words: str
    slug: str


@dataclass
class Figures:
    """`ranks`: at which place the right article came, from 1; 0 if it did not."""

    ranks: list[int] = field(default_factory=list)

    def hit_at(self, place: int) -> float:
        return sum(1 for rank in self.ranks if 0 < rank <= place) / len(self.ranks)

    @property
    def mrr(self) -> float:
        return sum(1 / rank for rank in self.ranks if rank) / len(self.ranks)


def labelled() -> Iterator[Labelled]:
    for line in QUERIES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield Labelled(*line.split("\t"))


def found(one: Labelled, *, limit: int = 10) -> list[str]:
    """Ids of what a visitor who is not signed in finds, best first."""
    with translation.override(one.language):
        return [hit.slug for hit in articles_found(one.words, reader=None, limit=limit)]


def measured() -> tuple[dict[str, Figures], list[str]]:
    """Figures by language, and what did not come first."""
    figures: dict[str, Figures] = {}
    misses = []
    for one in labelled():
        slugs = found(one)
        rank = slugs.index(one.slug) + 1 if one.slug in slugs else 0
        figures.setdefault(one.language, Figures()).ranks.append(rank)
        if rank != 1:
            misses.append(f"{one.language}: {one.words}: {one.slug} at {rank}, {slugs[:3]}")
    return figures, misses
