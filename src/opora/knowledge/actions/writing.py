"""An article written at the desk: from a draft over its review to what everybody reads.

Whoever saved a version last is its author; somebody else publishes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.catalog.lifecycle import slug_of
from opora.catalog.models import Product, Version
from opora.core import audit
from opora.core.errors import InvalidInput
from opora.core.stems import without_accents
from opora.knowledge import search
from opora.knowledge.actions.publishing import make_findable, next_number, take_place
from opora.knowledge.errors import EditionHasMoved, EditionIsBeingWritten, ReviewerIsAuthor
from opora.knowledge.models import Article, ArticleSubject, Edition

LONGEST_SLUG = 90

State = Edition.State


@transaction.atomic
def create_article(
    *,
    language: str,
    title: str,
    body: str,
    audience: str,
    keywords: Sequence[str],
    subjects: Iterable[str],
    by: Account,
    now: datetime,
) -> Edition:
    """Begin an article with its first draft; its id follows from the title. `subjects` are ids,
    `product` or `product/version`. InvalidInput on `subjects` for unknown ones."""
    about = _subjects(subjects)
    article = Article.objects.create(
        slug=_free_slug(title),
        audience=audience,
        keywords=list(keywords),
        created_at=now,
        changed_at=now,
    )
    _put_subjects(article, about)
    edition = Edition.objects.create(
        article=article,
        language=language,
        number=1,
        title=title,
        body=body,
        author=by,
        created_at=now,
        changed_at=now,
    )
    _record("article.created", edition, by=by, now=now)
    return edition


@transaction.atomic
def change_article(
    *,
    article: Article,
    audience: str,
    keywords: Sequence[str],
    subjects: Iterable[str],
    by: Account,
    now: datetime,
) -> Article:
    """Change who reads an article and what it is found by; at once, for every language."""
    about = _subjects(subjects)
    article = Article.objects.locked().get(pk=article.pk)
    article.audience, article.keywords, article.changed_at = audience, list(keywords), now
    article.save(update_fields=["audience", "keywords", "changed_at"])
    article.subjects.all().delete()
    _put_subjects(article, about)
    make_findable(article=article)
    audit.record(
        "article.changed",
        target=("article", article.public_id.hex),
        by=by.pk,
        at=now,
        audience=audience,
    )
    return article


@transaction.atomic
def start_edition(*, article: Article, language: str, by: Account, now: datetime) -> Edition:
    """Begin a new version in a language, as a copy of what stands. EditionIsBeingWritten if there
    is an unpublished one."""
    Article.objects.locked().get(pk=article.pk)
    newest = article.editions.filter(language=language).order_by("-number").first()
    if newest is not None and newest.is_being_written:
        raise EditionIsBeingWritten
    edition = Edition.objects.create(
        article=article,
        language=language,
        number=next_number(article, language),
        title=newest.title if newest else "",
        body=newest.body if newest else "",
        author=by,
        created_at=now,
        changed_at=now,
    )
    _touch(edition, now=now)
    _record("article.edition_started", edition, by=by, now=now)
    return edition


@transaction.atomic
def save_edition(
    *, edition: Edition, title: str, body: str, seen: datetime, by: Account, now: datetime
) -> Edition:
    """Keep the text of a draft. `seen`: its `changed_at` when it was opened; EditionHasMoved if
    somebody changed or moved it meanwhile."""
    edition = _locked(edition, State.DRAFT)
    if edition.changed_at != seen:
        raise EditionHasMoved(state=edition.state)
    edition.title, edition.body, edition.author, edition.changed_at = title, body, by, now
    edition.save(update_fields=["title", "body", "author", "changed_at"])
    _touch(edition, now=now)
    _record("article.edition_saved", edition, by=by, now=now)
    return edition


@transaction.atomic
def send_for_review(*, edition: Edition, by: Account, now: datetime) -> Edition:
    """Ask another agent to look at a draft. InvalidInput if it has no title or text."""
    edition = _locked(edition, State.DRAFT)
    if not edition.title:
        raise InvalidInput.on("title", _("Write a title that names the trouble."))
    if not edition.body:
        raise InvalidInput.on("body", _("Write what to do about it."))
    return _moved(edition, State.IN_REVIEW, "article.edition_sent_for_review", by=by, now=now)


@transaction.atomic
def return_to_author(*, edition: Edition, by: Account, now: datetime) -> Edition:
    """Give a version back from review: it can be written on."""
    edition = _locked(edition, State.IN_REVIEW)
    return _moved(edition, State.DRAFT, "article.edition_returned", by=by, now=now)


@transaction.atomic
def publish_edition(*, edition: Edition, by: Account, now: datetime) -> Edition:
    """Let a reviewed version stand; what stood is replaced. ReviewerIsAuthor for its author."""
    edition = _locked(edition, State.IN_REVIEW)
    if edition.author_id == by.pk:
        raise ReviewerIsAuthor
    edition.reviewer = by
    take_place(edition=edition, now=now)
    make_findable(article=edition.article)
    _touch(edition, now=now)
    _record("article.edition_published", edition, by=by, now=now)
    return edition


@transaction.atomic
def withdraw_edition(*, edition: Edition, by: Account, now: datetime) -> Edition:
    """Take a published version away: from the next call nobody outside the desk reads or finds
    it."""
    edition = _locked(edition, State.PUBLISHED)
    search.forget(edition_pk=edition.pk)
    return _moved(edition, State.WITHDRAWN, "article.edition_withdrawn", by=by, now=now)


# --- Parts ---------------------------------------------------------------------------------------


def _locked(edition: Edition, state: str) -> Edition:
    """The row, locked with its article; EditionHasMoved unless it is in `state`."""
    Article.objects.locked().get(pk=edition.article_id)
    row = Edition.objects.select_related("article").get(pk=edition.pk)
    if row.state != state:
        raise EditionHasMoved(state=row.state)
    return row


def _moved(edition: Edition, state: str, code: str, *, by: Account, now: datetime) -> Edition:
    edition.state, edition.changed_at = state, now
    edition.save(update_fields=["state", "changed_at"])
    _touch(edition, now=now)
    _record(code, edition, by=by, now=now)
    return edition


def _touch(edition: Edition, *, now: datetime) -> None:
    Article.objects.filter(pk=edition.article_id).update(changed_at=now)


def _record(code: str, edition: Edition, *, by: Account, now: datetime) -> None:
    audit.record(
        code,
        target=("article", edition.article.public_id.hex),
        by=by.pk,
        at=now,
        language=edition.language,
        number=edition.number,
    )


def _free_slug(title: str) -> str:
    slug = slug_of(without_accents(title))[:LONGEST_SLUG].strip("-") or "article"
    taken = set(Article.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    if slug not in taken:
        return slug
    return next(f"{slug}-{n}" for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)


def _subjects(ids: Iterable[str]) -> list[tuple[int, int | None]]:
    """Keys of products and versions; InvalidInput on `subjects` naming what is unknown."""
    found: list[tuple[int, int | None]] = []
    unknown = []
    for one in dict.fromkeys(ids):
        product, _slash, version = one.partition("/")
        key = _keys_of(product, version)
        if key:
            found.append(key)
        else:
            unknown.append(one)
    if unknown:
        raise InvalidInput.on(
            "subjects", _("The catalog has no %(ids)s.") % {"ids": ", ".join(unknown)}
        )
    return found


def _keys_of(product: str, version: str) -> tuple[int, int | None] | None:
    if not version:
        owner = Product.objects.filter(slug=product).first()
        return (owner.pk, None) if owner else None
    row = Version.objects.filter(product__slug=product, slug=version).first()
    return (row.product_id, row.pk) if row else None


def _put_subjects(article: Article, about: Iterable[tuple[int, int | None]]) -> None:
    ArticleSubject.objects.bulk_create(
        ArticleSubject(article=article, product_id=product, version_id=version)
        for product, version in about
    )
