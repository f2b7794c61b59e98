"""Finding articles: by what is asked for, and by what somebody is writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opora.accounts.models import Account
from opora.core.formats import language as readers_language
from opora.core.stems import Query, is_quiet, stems_of, words_of
from opora.knowledge import ranking, search
from opora.knowledge.models import Edition, audiences_of
from opora.knowledge.reading import summary_of

MOST_HITS = 20
MOST_WORDS = 12
MOST_WORDS_WRITTEN = 48  # of what is being written: the title and how it begins
WORTH_SHOWING = 0.3  # of the best hit's score
SUGGESTED = 3
LEAST_WORTH = 10.0  # of a suggestion: words that few articles have, some in title or names
LEAST_SHARE = 0.5  # of the best suggestion's score
DESCRIBED = 0.5  # a word of the description, beside one of the title


@dataclass(frozen=True)
class Hit:
    """An article that was found, in the reader's language where it has it."""

    slug: str
    title: str
    summary: str
    language: str


def articles_found(
    text: str, *, reader: Account | None, product: str = "", limit: int = MOST_HITS
) -> list[Hit]:
    """Articles that answer `text`, best first; those about `product` (a slug) count more. At most
    three statements, a few more if a word is mistyped."""
    words = _words(text, MOST_WORDS)
    best = _ranked(words, reader=reader, product=product, mends=True)
    if best:
        best = [one for one in best if one.score >= best[0].score * WORTH_SHOWING]
    return _hits([one.slug for one in best[:limit]], reader)


def articles_suggested(*, title: str, description: str, product: str, reader: Account) -> list[Hit]:
    """At most three articles that may solve what is being written; none rather than a wrong one."""
    words = _words(f"{title}\n{description}", MOST_WORDS_WRITTEN)
    named = set(_words(title, MOST_WORDS_WRITTEN))
    best = _ranked(
        words,
        reader=reader,
        product=product,
        mends=False,
        emphasis=[1 if word in named else DESCRIBED for word in words],
    )
    best = [one for one in best if one.worth >= LEAST_WORTH]
    if best:
        best = [one for one in best if one.score >= best[0].score * LEAST_SHARE]
    return _hits([one.slug for one in best[:SUGGESTED]], reader)


def _words(text: str, most: int) -> list[str]:
    """The first `most` words that say something, or if none does, of all; each once by what it is
    found by."""
    once: dict[tuple[str, ...], str] = {}
    quiet: dict[tuple[str, ...], str] = {}
    for word in words_of(text):
        kept = quiet if is_quiet(word) else once
        kept.setdefault(stems_of(word), word)
        if most in (len(once), len(quiet)):
            break
    return list((once or quiet).values())


def _ranked(
    words: Sequence[str],
    *,
    reader: Account | None,
    product: str,
    mends: bool,
    emphasis: Sequence[float] | None = None,
) -> list[ranking.Ranked]:
    if not words:
        return []
    audiences = audiences_of(reader)
    stems = [stems_of(word) for word in words]
    found, total = search.found(Query(tuple(stems)), audiences=audiences, product=product)
    if mends and (mended := search.mended(words, ranking.unknown(stems, found))):
        stems = [mended.get(at, one) for at, one in enumerate(stems)]
        found, total = search.found(Query(tuple(stems)), audiences=audiences, product=product)
    return ranking.ranked(stems, found, total=total, language=readers_language(), emphasis=emphasis)


def _hits(slugs: Sequence[str], reader: Account | None) -> list[Hit]:
    """These articles in this order. One statement."""
    if not slugs:
        return []
    mine = readers_language()
    rows = Edition.objects.filter(
        article__slug__in=slugs,
        article__audience__in=audiences_of(reader),
        state=Edition.State.PUBLISHED,
    ).select_related("article")
    texts: dict[str, Hit] = {}
    for edition in rows:
        slug = edition.article.slug
        if slug not in texts or edition.language == mine:
            texts[slug] = hit_of(edition)
    return [texts[slug] for slug in slugs if slug in texts]


def hit_of(edition: Edition) -> Hit:
    """An edition, with its article loaded, as lists show it."""
    summary = summary_of(edition.body)
    return Hit(edition.article.slug, edition.title, summary, edition.language)
