"""What publishing comes down to: one edition a language stands, and is found by its words.

Parts of deeds: whoever calls has opened the transaction, and writes the audit line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max

from opora.knowledge import search
from opora.knowledge.models import Article, Edition


def put_in_place(
    *, article: Article, language: str, title: str, body: str, now: datetime
) -> Edition:
    """Publish a text that came from a file, instead of the one that stands."""
    edition = Edition(
        article=article,
        language=language,
        number=next_number(article, language),
        title=title,
        body=body,
        created_at=now,
        changed_at=now,
    )
    take_place(edition=edition, now=now)
    return edition


def take_place(*, edition: Edition, now: datetime) -> None:
    """Let `edition` stand in its language; the one that stood is replaced."""
    standing = Edition.objects.filter(
        article=edition.article, language=edition.language, state=Edition.State.PUBLISHED
    )
    for old in standing:
        search.forget(edition_pk=old.pk)
        old.state, old.changed_at = Edition.State.REPLACED, now
        old.save(update_fields=["state", "changed_at"])
    edition.state, edition.published_at, edition.changed_at = Edition.State.PUBLISHED, now, now
    edition.save()


def make_findable(*, article: Article) -> None:
    """Write anew what the published editions are found by."""
    subjects = article.subjects.select_related("product", "version").order_by("pk")
    names = list(article.keywords)
    for subject in subjects:
        product = subject.product
        names += [product.name, product.family, *product.aliases]
        if subject.version:
            names.append(subject.version.name)
    for edition in article.editions.filter(state=Edition.State.PUBLISHED):
        search.index(
            edition_pk=edition.pk,
            title=edition.title,
            names=" ".join(_once(names)),
            body=edition.body,
        )


def next_number(article: Article, language: str) -> int:
    """The number of the next version in a language."""
    last = article.editions.filter(language=language).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
