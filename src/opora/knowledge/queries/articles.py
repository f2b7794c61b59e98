"""Reading articles: the one door to an article, and lists of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from opora.accounts.models import Account
from opora.catalog.models import Product
from opora.core.errors import NotFound
from opora.core.formats import language as readers_language
from opora.core.ids import parse_public_id
from opora.core.paging import LIMIT, Keyset, Page, clamp, following
from opora.knowledge.models import Article, ArticleSubject, Edition, Feedback, SelfHelp
from opora.knowledge.queries.finding import Hit, hit_of

MOST_LISTED = 100  # of the articles about one product
CHANGED = Keyset("articles.changed", datetime, int)
NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class ArticlePage:
    """A published article for a reader. `languages`: those it is published in."""

    article: Article
    edition: Edition
    languages: list[str]
    products: list[Product]


def article_for(reader: Account | None, slug: str) -> ArticlePage:
    """The article of that id in the reader's language, else in the one it has. One that is not
    published or not for this reader is NotFound, as one that never was (AC-15)."""
    article = Article.objects.visible_to(reader).filter(slug=slug).first()
    if article is None:
        raise NotFound
    published = {
        one.language: one for one in article.editions.filter(state=Edition.State.PUBLISHED)
    }
    edition = published.get(readers_language()) or next(iter(published.values()))
    products = Product.objects.filter(
        pk__in=ArticleSubject.objects.filter(article=article).values("product")
    )
    return ArticlePage(article, edition, sorted(published), list(products.order_by("name")))


def articles_about(reader: Account | None, product: str = "") -> list[Hit]:
    """Articles about a product (a slug), or those about none, by title; at most 100. Two
    statements."""
    visible = Article.objects.visible_to(reader)
    about = visible.filter(subjects__isnull=True)
    if product:
        of_product = ArticleSubject.objects.filter(product__slug=product)
        about = visible.filter(pk__in=of_product.values("article"))
    keys = list(about.order_by("slug").values_list("pk", flat=True)[:MOST_LISTED])
    return sorted(_in_readers_language(keys), key=lambda hit: hit.title.casefold())


def products_with_articles(reader: Account | None) -> list[tuple[Product, int]]:
    """Products that articles are about, with how many, by name. One statement."""
    visible = Article.objects.visible_to(reader)
    counted = (
        ArticleSubject.objects.filter(article__in=visible)
        .values("product")
        .annotate(count=Count("article", distinct=True))
        .values_list("product", "count")
    )
    counts = dict(counted)
    products = Product.objects.filter(pk__in=counts).order_by("name")
    return [(product, counts[product.pk]) for product in products]


def _in_readers_language(keys: Sequence[int]) -> list[Hit]:
    mine = readers_language()
    texts: dict[int, Hit] = {}
    rows = Edition.objects.filter(article__in=keys, state=Edition.State.PUBLISHED)
    for edition in rows.select_related("article"):
        if edition.article_id not in texts or edition.language == mine:
            texts[edition.article_id] = hit_of(edition)
    return list(texts.values())


def is_solved(account: Account, draft_id: str) -> bool:
    """Whether the account ended that draft with "This solved it"."""
    key = parse_public_id(draft_id)
    if key is None:
        return False
    return SelfHelp.objects.filter(account=account, draft_id=key).exists()


# --- The desk ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """An article as agents list it. `editions`: of each language the newest, by language."""

    article: Article
    editions: dict[str, Edition]
    helped: int
    did_not_help: int
    solved: int

    @property
    def title(self) -> str:
        mine = self.editions.get(readers_language()) or next(iter(self.editions.values()))
        return mine.title


def shelf(
    *, waiting: bool = False, q: str = "", after: str | None = None, limit: int = LIMIT
) -> Page[Shelf]:
    """Articles for agents, the last changed first; `waiting`: with an edition that is not published
    yet; `q`: words in a title. Four statements."""
    limit = clamp(limit)
    rows = Article.objects.all()
    unpublished = Q(editions__state__in=[Edition.State.DRAFT, Edition.State.IN_REVIEW])
    if waiting:
        rows = rows.filter(unpublished).distinct()
    for word in q.split():
        rows = rows.filter(editions__title__icontains=word).distinct()
    rows = rows.filter(following(CHANGED.read(after), at="changed_at", tie="pk"))
    articles = list(rows.order_by("-changed_at", "-pk")[: limit + 1])
    page = CHANGED.page(articles, limit, lambda one: (one.changed_at, one.pk))
    return Page(_shelves(page.items), page.next)


def shelf_of(slug: str) -> Shelf:
    """One article for agents, whatever its state; NotFound."""
    articles = Article.objects.filter(slug=slug)
    if found := _shelves(list(articles)):
        return found[0]
    raise NotFound


def editions_of(article: Article) -> list[Edition]:
    """Every version, newest first, with author and reviewer. One statement."""
    rows = article.editions.select_related("author__person", "reviewer__person")
    return list(rows.order_by("language", "-number"))


def edition_for(slug: str, language: str, number: str) -> Edition:
    """One version, with its article and author; NotFound."""
    found = (
        Edition.objects.select_related("article", "author__person")
        .filter(article__slug=slug, language=language, number=int(number))
        .first()
        if NUMBER.fullmatch(number)
        else None
    )
    if found is None:
        raise NotFound
    return found


def figures(since: datetime) -> dict[str, int]:
    """What self-help brought since an instant: requests that were not needed, answers to "Did this
    help?". Published public articles, now. Three statements."""
    answers = Feedback.objects.filter(at__gte=since).aggregate(
        yes=Count("pk", filter=Q(helped=True)), no=Count("pk", filter=Q(helped=False))
    )
    published = Edition.objects.filter(state=Edition.State.PUBLISHED)
    return {
        "solved": SelfHelp.objects.filter(at__gte=since).count(),
        "helped": answers["yes"],
        "did_not_help": answers["no"],
        "published": published.values("article").distinct().count(),
    }


def _shelves(articles: list[Article]) -> list[Shelf]:
    keys = [article.pk for article in articles]
    newest: dict[int, dict[str, Edition]] = defaultdict(dict)
    for edition in Edition.objects.filter(article__in=keys).order_by("number"):
        newest[edition.article_id][edition.language] = edition
    answers = {
        (key, helped): count
        for key, helped, count in Feedback.objects.filter(edition__article__in=keys)
        .values_list("edition__article", "helped")
        .annotate(Count("pk"))
    }
    solved = dict(
        SelfHelp.objects.filter(article__in=keys).values_list("article").annotate(Count("pk"))
    )
    return [
        Shelf(
            article=one,
            editions=newest[one.pk],
            helped=answers.get((one.pk, True), 0),
            did_not_help=answers.get((one.pk, False), 0),
            solved=solved.get(one.pk, 0),
        )
        for one in articles
        if newest[one.pk]
    ]


def subjects_of(article: Article) -> list[str]:
    """What an article is about as agents write it: `product` or `product/version`. One
    statement."""
    rows = article.subjects.order_by("pk").values_list("product__slug", "version__slug")
    return [f"{product}/{version}" if version else product for product, version in rows]
