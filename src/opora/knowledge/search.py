"""Finding articles by words: the engine finds, `ranking` orders, so that both engines agree.

Rows are written in the transaction that publishes; stems are those of every search (ADR 0006).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from opora.core.stems import Query, stems_of, terms_of, without_accents, words_of
from opora.knowledge.models import KnownWord, SearchRow
from opora.knowledge.ranking import Found, nearest

MOST_FOUND = 300  # texts that are looked at; the engine's own order decides which
MOST_MENDED = 3  # mistyped words of one search
SHORTEST_MENDED = 4
LAST_POSITION = 16_383  # of a tsvector


def index(*, edition_pk: int, title: str, names: str, body: str) -> None:
    """Make an edition findable, instead of what it was found by before; writes what differs."""
    fields = [terms_of(text) for text in (title, names, body)]
    texts = [" ".join(terms) for terms in fields]
    known = SearchRow.objects.filter(edition=edition_pk).values_list("title", "names", "body")
    if list(known) == [tuple(texts)]:
        return
    forget(edition_pk=edition_pk)
    SearchRow.objects.create(edition_id=edition_pk, title=texts[0], names=texts[1], body=texts[2])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE knowledge_searchrow SET document = %s::tsvector WHERE edition_id = %s",
                [_document(fields), edition_pk],
            )
        else:
            cursor.execute(
                "INSERT INTO knowledge_search (rowid, title, names, body) VALUES (%s, %s, %s, %s)",
                [edition_pk, *texts],
            )
    KnownWord.objects.bulk_create(
        (KnownWord(word=word) for word in _known_words(f"{title} {names} {body}")),
        ignore_conflicts=True,
    )


def forget(*, edition_pk: int) -> None:
    """An edition is not found any more."""
    SearchRow.objects.filter(edition=edition_pk).delete()
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM knowledge_search WHERE rowid = %s", [edition_pk])


def found(query: Query, *, audiences: Sequence[str], product: str) -> tuple[list[Found], int]:
    """Published texts for these audiences that have at least one of the words, and how many texts
    there are in all. One statement."""
    marks = ", ".join(["%s"] * len(audiences))
    asked = query.loosely.for_engine(connection.vendor)
    if connection.vendor == "postgresql":
        source, match = "knowledge_searchrow r", "r.document @@ %s::tsquery"
        order, again = "ts_rank(r.document, %s::tsquery) DESC", [asked]
    else:
        source = (
            "knowledge_search JOIN knowledge_searchrow r ON r.edition_id = knowledge_search.rowid"
        )
        match = "knowledge_search MATCH %s"
        order, again = "bm25(knowledge_search, 10.0, 5.0, 1.0)", []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.slug, e.language, r.title, r.names, r.body, "  # noqa: S608 - our own names
            "EXISTS (SELECT 1 FROM knowledge_articlesubject s "
            "JOIN catalog_product p ON p.id = s.product_id "
            "WHERE s.article_id = a.id AND p.slug = %s), "
            "(SELECT count(*) FROM knowledge_searchrow) "
            f"FROM {source} JOIN knowledge_edition e ON e.id = r.edition_id "
            "JOIN knowledge_article a ON a.id = e.article_id "
            f"WHERE {match} AND e.state = 'published' AND a.audience IN ({marks}) "
            f"ORDER BY {order}, e.id LIMIT %s",
            [product, asked, *audiences, *again, MOST_FOUND],
        )
        rows = cursor.fetchall()
    return [_found(row) for row in rows], int(rows[0][-1]) if rows else 0


def mended(words: Sequence[str], unknown: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Stems of the known words that mistyped ones were meant to be, by position. A few
    statements if there is anything to mend."""
    typed = {at: without_accents(words[at]) for at in unknown}
    typed = {
        at: word for at, word in typed.items() if len(word) >= SHORTEST_MENDED and word.isalpha()
    }
    if not typed:
        return {}
    chosen = dict(list(typed.items())[:MOST_MENDED])
    beginnings = {word[:2] for word in chosen.values()} | {
        word[1] + word[0] for word in chosen.values()
    }
    known = [word for start in sorted(beginnings) for word in _starting_with(start)]
    mends = {at: nearest(word, known) for at, word in chosen.items()}
    return {at: stems_of(word) for at, word in mends.items() if word}


def _starting_with(start: str) -> list[str]:
    """Known words by their first two letters; a collation of its own order (ch) does not matter."""
    return list(KnownWord.objects.filter(word__startswith=start).values_list("word", flat=True))


def _found(row: tuple[Any, ...]) -> Found:
    slug, language, title, names, body, about, _total = row
    return Found(
        slug=slug,
        language=language,
        title=frozenset(title.split()),
        names=frozenset(names.split()),
        body=frozenset(body.split()),
        about=bool(about),
    )


def _known_words(text: str) -> list[str]:
    words = (without_accents(word) for word in words_of(text))
    fit = (word for word in words if SHORTEST_MENDED <= len(word) <= 60 and word.isalpha())
    return sorted(set(fit))


def _document(fields: Sequence[Sequence[str]]) -> str:
    """A tsvector's text: each stem with its positions, A in the title, B in the names, D in the
    body. Stems are letters, digits and underscores, so quoting is all they need."""
    places: dict[str, list[str]] = {}
    position = 0
    for weight, terms in zip("ABD", fields, strict=True):
        for term in terms:
            position = min(position + 1, LAST_POSITION)
            places.setdefault(term, []).append(f"{position}{'' if weight == 'D' else weight}")
    return " ".join(f"'{term}':{','.join(where)}" for term, where in places.items())
