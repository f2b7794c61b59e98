"""Articles in two languages with their versions, what they are found by, whether they helped, and
guided diagnoses."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import pgettext_lazy

from opora.accounts.models import Account
from opora.catalog.models import Product, Version
from opora.core.ids import PublicIdField
from opora.core.locking import LockingQuerySet


class Audience(models.TextChoices):
    """Who may read; each includes those below it."""

    PUBLIC = "public", pgettext_lazy("audience", "Everybody")
    SIGNED_IN = "signed_in", pgettext_lazy("audience", "Whoever is signed in")
    AGENTS = "agents", pgettext_lazy("audience", "Agents only")


class ArticleQuerySet(LockingQuerySet["Article"]):
    def visible_to(self, reader: Account | None) -> Self:
        """The one rule of who reads an article (AC-15): of its audience, and published in some
        language. None: nobody is signed in."""
        published = Edition.objects.filter(article=OuterRef("pk"), state=Edition.State.PUBLISHED)
        return self.filter(Exists(published), audience__in=audiences_of(reader))


class Article(models.Model):
    """What is said about one trouble, in each language by its published edition. `slug` is its id
    outside. `keywords` are words it is found by beside its text: codes, other names."""

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()  # for the audit: a slug may be longer than its target
    slug = models.CharField(max_length=100, unique=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PUBLIC)
    keywords = models.JSONField(default=list)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()  # of the article or of any edition

    objects = ArticleQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-changed_at", "-id"], name="article_newest")]


class ArticleSubject(models.Model):
    """A product the article is about; without a version, any of them."""

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="subjects")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["article", "product", "version"], name="article_subject_is_one"
            ),
            models.UniqueConstraint(
                fields=["article", "product"],
                condition=Q(version__isnull=True),
                name="article_subject_any_version_is_one",
            ),
        ]


class Edition(models.Model):
    """One version of an article in one language. Published ones are never changed: a newer one
    takes their place. Its reviewer is not its author; what was loaded from a file has neither."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("edition", "Draft")
        IN_REVIEW = "in_review", pgettext_lazy("edition", "In review")
        PUBLISHED = "published", pgettext_lazy("edition", "Published")
        REPLACED = "replaced", pgettext_lazy("edition", "Replaced")  # by a newer version
        WITHDRAWN = "withdrawn", pgettext_lazy("edition", "Withdrawn")

    class Language(models.TextChoices):
        CS = "cs", "Čeština"
        EN = "en", "English"

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="editions")
    language = models.CharField(max_length=2, choices=Language)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField(max_length=200)
    body = models.TextField()  # Markdown
    author = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    reviewer = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["article", "language", "number"], name="edition_number_is_one"
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=Q(state="published"),
                name="edition_one_published",
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=Q(state__in=["draft", "in_review"]),
                name="edition_one_being_written",
            ),
            models.CheckConstraint(
                condition=Q(author__isnull=True)
                | Q(reviewer__isnull=True)
                | ~Q(author=models.F("reviewer")),
                name="edition_reviewer_is_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review"], published_at__isnull=True)
                | Q(state__in=["published", "replaced", "withdrawn"], published_at__isnull=False),
                name="edition_published_has_instant",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["article", "language", "-number"], name="edition_of_article"),
        ]

    @property
    def is_being_written(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.IN_REVIEW)


class SearchRow(models.Model):
    """The stems of a published edition, each once and in order of first appearance, by where they
    stand: in the title, in the names and keywords it goes by, in the body.

    PostgreSQL: `document` is a weighted tsvector with a GIN index (added by migration). SQLite: the
    same stems stand in the FTS5 table `knowledge_search` under the same rowid.
    """

    edition = models.OneToOneField(
        Edition, models.CASCADE, primary_key=True, related_name="search_row"
    )
    title = models.TextField()
    names = models.TextField()
    body = models.TextField()


class KnownWord(models.Model):
    """A word of published articles, without accents: what a mistyped word is compared with."""

    word = models.CharField(primary_key=True, max_length=60)


class Feedback(models.Model):
    """Whether an edition helped. Once for each account; nobody is asked for a name."""

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="feedback")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    helped = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["edition", "account"],
                condition=Q(account__isnull=False),
                name="feedback_once_an_account",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["edition", "helped"], name="feedback_of_edition")]


class SelfHelp(models.Model):
    """A support request that was not needed: its draft ended with "This solved it". `draft_id` is
    the draft's public id, so that it is counted once."""

    id = models.BigAutoField(primary_key=True)
    draft_id = models.UUIDField(unique=True)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    article = models.ForeignKey(Article, models.CASCADE, related_name="solutions")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="self_help_by_time")]


class Diagnosis(models.Model):
    """A guided diagnosis: questions with answers that lead to an article or to a support request.

    `document` is what `knowledge.diagnosis` reads; it was checked when it was loaded.
    """

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=100, unique=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PUBLIC)
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+")
    document = models.JSONField()
    position = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()


def audiences_of(reader: Account | None) -> list[str]:
    """The audiences a reader belongs to. None: nobody is signed in."""
    if reader is None:
        return [Audience.PUBLIC]
    if not reader.is_agent:
        return [Audience.PUBLIC, Audience.SIGNED_IN]
    return [Audience.PUBLIC, Audience.SIGNED_IN, Audience.AGENTS]
