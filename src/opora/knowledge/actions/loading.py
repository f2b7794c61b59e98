"""Load a file of articles and diagnoses: what changed is written, what did not is not touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from opora.catalog.models import Product, Version
from opora.core import audit
from opora.knowledge.actions.publishing import make_findable, put_in_place
from opora.knowledge.document import ArticlePart, DiagnosisPart, FilePart, fault, read_articles
from opora.knowledge.errors import BadArticles
from opora.knowledge.models import Article, ArticleSubject, Audience, Diagnosis, Edition

WIDTH = {Audience.AGENTS.value: 0, Audience.SIGNED_IN.value: 1, Audience.PUBLIC.value: 2}
Subjects = set[tuple[int, int | None]]  # keys of product and version


@dataclass(frozen=True)
class ArticlesReport:
    """Articles and diagnoses in the file, and how many of them were new or changed."""

    articles: int
    diagnoses: int
    changed: int


@transaction.atomic
def load_articles(document: Any, *, now: datetime) -> ArticlesReport:
    """Load a parsed file; BadArticles, with nothing loaded, if any row is bad.

    Rows are matched by id; those the file does not have stay. A text that differs becomes a new
    published version, an equal one none: loading the same file again writes nothing, unless the
    names of products have changed meanwhile, by which articles are found too.
    """
    file = read_articles(document)
    subjects = _subjects_of(file)
    _check_conclusions(file)
    changed = [one.id for one in file.articles if _load_article(one, subjects[one.id], now=now)] + [
        one.id
        for position, one in enumerate(file.diagnoses)
        if _load_diagnosis(one, position, now=now)
    ]
    if changed:
        audit.record(
            "articles.loaded",
            target=("articles", "all"),
            by=None,
            at=now,
            articles=len(file.articles),
            diagnoses=len(file.diagnoses),
            changed=len(changed),
        )
    return ArticlesReport(len(file.articles), len(file.diagnoses), len(changed))


def load_demo_articles(*, now: datetime) -> ArticlesReport:
    """Load the articles and diagnoses of the demo."""
    folder = files("opora.knowledge") / "data" / "demo"
    parts = [
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("articles.json", "diagnoses.json")
    ]
    whole = {name: rows for part in parts for name, rows in part.items()}
    return load_articles(whole, now=now)


def _load_article(row: ArticlePart, subjects: Subjects, *, now: datetime) -> bool:
    article, is_new = Article.objects.locked().get_or_create(
        slug=row.id,
        defaults={
            "audience": row.audience,
            "keywords": row.keywords,
            "created_at": now,
            "changed_at": now,
        },
    )
    changed = is_new
    if (article.audience, article.keywords) != (row.audience, row.keywords):
        article.audience, article.keywords, changed = row.audience, row.keywords, True
    if set(article.subjects.values_list("product", "version")) != subjects:
        article.subjects.all().delete()
        ArticleSubject.objects.bulk_create(
            ArticleSubject(article=article, product_id=product, version_id=version)
            for product, version in sorted(subjects, key=lambda pair: (pair[0], pair[1] or 0))
        )
        changed = True
    current = {one.language: one for one in article.editions.filter(state=Edition.State.PUBLISHED)}
    for language, text in row.texts.by_language().items():
        known = current.get(language)
        if known is None or (known.title, known.body) != (text.title, text.body):
            put_in_place(
                article=article, language=language, title=text.title, body=text.body, now=now
            )
            changed = True
    if changed:
        article.changed_at = now
        article.save(update_fields=["audience", "keywords", "changed_at"])
    make_findable(article=article)
    return changed


def _load_diagnosis(row: DiagnosisPart, position: int, *, now: datetime) -> bool:
    product = Product.objects.filter(slug=row.product).first() if row.product else None
    facts: dict[str, Any] = {
        "audience": row.audience,
        "product": product,
        "document": row.stored(),
        "position": position,
    }
    known = Diagnosis.objects.select_related("product").filter(slug=row.id).first()
    if known is not None and all(getattr(known, name) == fact for name, fact in facts.items()):
        return False
    Diagnosis.objects.update_or_create(slug=row.id, defaults={**facts, "changed_at": now})
    return True


# --- What the file names --------------------------------------------------------------------------


def _subjects_of(file: FilePart) -> Mapping[str, Subjects]:
    """The keys of the products and versions of every article; BadArticles for unknown ones."""
    products = dict(Product.objects.values_list("slug", "pk"))
    versions = {
        (product, slug): pk
        for product, slug, pk in Version.objects.values_list("product__slug", "slug", "pk")
    }
    errors = []
    found: dict[str, Subjects] = {}
    for at, row in enumerate(file.articles):
        keys: Subjects = set()
        for place, one in enumerate(row.subjects()):
            where = ("articles", at, "products", place)
            if one.product not in products:
                errors.append(
                    fault(where, _("There is no product “%(id)s”.") % {"id": one.product})
                )
            elif one.version and (one.product, one.version) not in versions:
                errors.append(
                    fault(where, _("There is no version “%(id)s”.") % {"id": one.version})
                )
            else:
                version = versions[one.product, one.version] if one.version else None
                keys.add((products[one.product], version))
        found[row.id] = keys
    errors += [
        fault(
            ("diagnoses", at, "product"), _("There is no product “%(id)s”.") % {"id": one.product}
        )
        for at, one in enumerate(file.diagnoses)
        if one.product and one.product not in products
    ]
    if errors:
        raise BadArticles(errors=errors)
    return found


def _check_conclusions(file: FilePart) -> None:
    """Whoever walks a diagnosis may read the articles it ends with."""
    named = {slug for one in file.diagnoses for _step, slug in one.articles()}
    audiences: dict[str, str] = dict(
        Article.objects.filter(slug__in=named).values_list("slug", "audience")
    ) | {one.id: one.audience for one in file.articles}
    errors = []
    for at, one in enumerate(file.diagnoses):
        for step, slug in one.articles():
            where = ("diagnoses", at, "steps", step, "article")
            if slug not in audiences:
                errors.append(fault(where, _("There is no article “%(id)s”.") % {"id": slug}))
            elif WIDTH[audiences[slug]] < WIDTH[one.audience]:
                errors.append(
                    fault(where, _("Not everybody who reads the diagnosis may read this article."))
                )
    if errors:
        raise BadArticles(errors=errors)
