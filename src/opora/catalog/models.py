"""Products, their versions with life-cycle dates, problems, and portals for what is elsewhere."""

from __future__ import annotations

from typing import ClassVar, cast

from django.db import models

from opora.catalog.search import search_text
from opora.core.locking import LockingQuerySet


class Portal(models.Model):
    """Where a product is supported if not here (S3)."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=100, unique=True)
    names = models.JSONField()  # {"cs", "en"}
    url = models.URLField(max_length=500)
    # What the directory says of it, each {"cs", "en"} or empty: how one signs in there, and whether
    # the two IDs of a contract are asked for.
    sign_in = models.JSONField(default=dict)
    contract_ids = models.JSONField(default=dict)


class SearchField(models.TextField):  # type: ignore[type-arg]  # generic in stubs only
    """What a product is found by. Filled from its names at every insert and upsert, so that no
    writer can forget it."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        product = cast("Product", model_instance)
        text = search_text([product.name, product.family, *product.aliases])
        setattr(model_instance, self.attname, text)
        return text


class Product(models.Model):
    """What is supported, here or elsewhere. `aliases` are names it also goes by."""

    class Deployment(models.TextChoices):
        ON_PREMISES = "on_premises"
        CLIENT = "client"
        DEVELOPER = "developer"
        HYBRID = "hybrid"
        CLOUD = "cloud"

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=200, unique=True)
    family = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    deployment = models.CharField(max_length=20, choices=Deployment)
    aliases = models.JSONField(default=list)
    portal = models.ForeignKey(Portal, models.PROTECT, null=True, related_name="products")
    search = SearchField(default="")

    objects = LockingQuerySet["Product"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["family", "name"], name="product_by_family")]


class Version(models.Model):
    """One version with the facts of the loaded file, overrides already applied."""

    class Policy(models.TextChoices):
        FIXED = "fixed"
        MODERN = "modern"
        COMPONENT = "component"
        UNKNOWN = "unknown"

    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, models.PROTECT, related_name="versions")
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=200)  # the file's `listing`
    policy = models.CharField(max_length=20, choices=Policy)
    released_on = models.DateField(null=True)
    mainstream_ends_on = models.DateField(null=True)
    extended_ends_on = models.DateField(null=True)
    security_updates_end_on = models.DateField(null=True)  # paid; no support phase
    retires_on = models.DateField(null=True)
    generation = models.PositiveSmallIntegerField(null=True)  # 0 = latest of its line; a fact
    position = models.PositiveIntegerField(default=0)  # order in the file

    objects = LockingQuerySet["Version"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "slug"], name="version_slug_in_product"),
        ]


class Override(models.Model):
    """A fact the vendor corrected by hand; survives reloads (S10.1)."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(Version, models.CASCADE, related_name="overrides")
    field = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "field"], name="override_is_one"),
        ]


class Problem(models.Model):
    """A kind of trouble with a product, under a category. "None of these" is no row."""

    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, models.CASCADE, related_name="problems")
    slug = models.CharField(max_length=100)
    category = models.CharField(max_length=100)
    category_names = models.JSONField(default=dict)  # {"cs", "en"}; empty: the category is its name
    names = models.JSONField()  # {"cs", "en"}
    position = models.PositiveIntegerField(default=0)
    questions = models.JSONField(default=list)  # slugs of those asked with it; none: general ones

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "slug"], name="problem_slug_in_product"),
        ]


class Question(models.Model):
    """What may be answered beside a description (S6.1). Nobody has to: an answer is never asked
    for to go on. General ones go with "none of these" and with problems that name none."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=100, unique=True)
    names = models.JSONField()  # {"cs", "en"}
    hints = models.JSONField(default=dict)
    lines = models.PositiveSmallIntegerField(default=1)
    is_general = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)


class Channel(models.Model):
    """A way to help outside product support (S9.1): where a question goes that is no support
    request. At least one of `url`, `email` and `phone` is filled."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=100, unique=True)
    names = models.JSONField()  # {"cs", "en"}
    texts = models.JSONField(default=dict)  # what it is for
    hours = models.JSONField(default=dict)  # when somebody answers, in words
    url = models.URLField(max_length=500, default="", blank=True)
    email = models.CharField(max_length=254, default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    helps_signing_in = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    objects = LockingQuerySet["Channel"].as_manager()
