"""Reading the catalogue: products, versions, problems, and the facts eligibility asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from opora.catalog.document import NONE_OF_THESE as NONE_OF_THESE  # doors ask here
from opora.catalog.errors import UnknownProblem, UnknownProduct, UnknownVersion
from opora.catalog.lifecycle import Dates, Phase, phase_on
from opora.catalog.models import Channel, Portal, Problem, Product, Question, Version
from opora.catalog.search import folded
from opora.catalog.subject import Subject
from opora.core.prepared import Prepared
from opora.core.wording import in_language

NO_CATEGORY = "other"


@dataclass(frozen=True)
class ProblemChoice:
    """A kind of trouble to choose from, in the reader's language. `id` and `category` are codes."""

    id: str
    category: str
    category_name: str
    name: str
    questions: tuple[str, ...] = ()  # ids of those asked with it; none: the general ones


@dataclass(frozen=True)
class Asked:
    """A question that may be answered beside the description, in the reader's language. `lines`:
    how high its field is."""

    id: str
    name: str
    hint: str
    lines: int
    is_general: bool


@dataclass(frozen=True)
class Elsewhere:
    """A portal of the directory with the products that are supported there, by family and name."""

    portal: Portal
    products: list[Product]


class Listed(NamedTuple):
    """A product as lists of all of them need it."""

    slug: str
    name: str
    family: str
    aliases: list[str]


def products(*, q: str = "", deployment: str = "", family: str = "") -> list[Product]:
    """Products by family and name, with their portal; every word of `q` stands in the name, an
    alias or the family, whatever its case and accents. One statement."""
    if not (q or deployment or family):
        return _EVERY_PRODUCT.rows()
    found = Product.objects.select_related("portal")
    for word in folded(q).split():
        found = found.filter(search__contains=word)
    if deployment:
        found = found.filter(deployment=deployment)
    if family:
        found = found.filter(family=family)
    return list(found.order_by("family", "name"))


_EVERY_PRODUCT: Prepared[Product] = Prepared(
    lambda: Product.objects.select_related("portal").order_by("family", "name")
)


def every_product() -> list[Listed]:
    """What a field that offers all products needs, by family and name. One statement."""
    return [Listed(*row) for row in _EVERY_NAME.rows()]


_EVERY_NAME: Prepared[tuple[str, str, str, list[str]]] = Prepared(
    lambda: Product.objects.order_by("family", "name").values_list(
        "slug", "name", "family", "aliases"
    )
)


def directory() -> list[Elsewhere]:
    """Where products are supported that are not supported here (S3): each portal by its id, with
    its products. Portals without any are left out. One statement."""
    found: dict[str, Elsewhere] = {}
    rows = Product.objects.filter(portal__isnull=False).select_related("portal")
    for product in rows.order_by("portal__slug", "family", "name"):
        if portal := product.portal:
            found.setdefault(portal.slug, Elsewhere(portal, [])).products.append(product)
    return list(found.values())


def families_here() -> list[str]:
    """The families that have products supported here, in order. One statement."""
    here = Product.objects.filter(portal__isnull=True)
    return list(here.order_by("family").values_list("family", flat=True).distinct())


def channels() -> list[Channel]:
    """Ways to help outside product support, in the vendor's order (S9.1). One statement."""
    return list(Channel.objects.order_by("position", "slug"))


def questions() -> list[Asked]:
    """Every question that may be answered beside a description, in the vendor's order. One
    statement."""
    return [
        Asked(
            id=one.slug,
            name=in_language(one.names),
            hint=in_language(one.hints),
            lines=one.lines,
            is_general=one.is_general,
        )
        for one in _QUESTIONS.rows()
    ]


_QUESTIONS: Prepared[Question] = Prepared(lambda: Question.objects.order_by("position", "slug"))


def product_for(slug: str) -> Product:
    """The product of that id, with its portal; UnknownProduct. One statement."""
    try:
        return Product.objects.select_related("portal").get(slug=slug)
    except Product.DoesNotExist:
        raise UnknownProduct.named(slug) from None


def version_for(product_slug: str, version_slug: str) -> Version:
    """The version of those ids, with `product` and its portal; UnknownProduct or UnknownVersion.
    One statement, a second only to say which of the two is unknown."""
    try:
        return Version.objects.select_related("product__portal").get(
            product__slug=product_slug, slug=version_slug
        )
    except Version.DoesNotExist:
        product_for(product_slug)
        raise UnknownVersion.named(version_slug, product=product_slug) from None


def versions_of(product: Product) -> list[Version]:
    """The product's versions in the order of the file. One statement."""
    return list(product.versions.order_by("position", "slug"))


def every_version() -> list[tuple[Product, list[Version]]]:
    """Each product with its versions in the order of the file, products by family and name. One
    statement; of the rows only what a list of names needs is loaded."""
    rows = (
        Version.objects.select_related("product")
        .only(
            *("slug", "name", "position", "product__slug", "product__name"),
            *("product__family", "product__aliases"),
        )
        .order_by("product__family", "product__name", "product__pk", "position", "slug")
    )
    return [(product, list(some)) for product, some in groupby(rows, lambda one: one.product)]


def problems_of(product: Product) -> list[ProblemChoice]:
    """What may be wrong with the product, in the reader's language, in the order of the file;
    "none of these" is always last (S6.1). One statement."""
    return [
        *(_choice(problem) for problem in product.problems.order_by("position", "slug")),
        ProblemChoice(
            id=NONE_OF_THESE,
            category=NO_CATEGORY,
            category_name=_("Something else"),
            name=_("None of these"),
        ),
    ]


def problem_for(product: Product, slug: str) -> Problem | None:
    """The product's problem of that id; None for "" and "none-of-these"; UnknownProblem."""
    if slug in ("", NONE_OF_THESE):
        return None
    try:
        return product.problems.get(slug=slug)
    except Problem.DoesNotExist:
        raise UnknownProblem.named(slug, product=product.slug) from None


def portal_of(product: Product | None) -> dict[str, str] | None:
    """Where the product is supported if not here (S3.1): {"name", "url"}. No statement if `portal`
    is loaded."""
    portal = product.portal if product else None
    return {"name": in_language(portal.names), "url": portal.url} if portal else None


def phase_of(version: Version, day: date) -> Phase:
    """The support phase of a version on `day`, a day of the vendor's zone (S10.2)."""
    return phase_on(dates_of(version), day)


def dates_of(version: Version) -> Dates:
    """The facts of a version that decide its phase."""
    return Dates(
        policy=version.policy,
        released_on=version.released_on,
        mainstream_ends_on=version.mainstream_ends_on,
        extended_ends_on=version.extended_ends_on,
        retires_on=version.retires_on,
    )


def subject_of(version: Version, day: date) -> Subject:
    """What eligibility looks at of a version on `day`. No statement if `product` is loaded."""
    product = version.product
    return Subject(
        product=product.slug,
        product_name=product.name,
        version=version.slug,
        version_name=version.name,
        deployment=product.deployment,
        phase=phase_of(version, day),
        generation=version.generation,
    )


def _choice(problem: Problem) -> ProblemChoice:
    return ProblemChoice(
        id=problem.slug,
        category=problem.category,
        category_name=in_language(problem.category_names) or problem.category,
        name=in_language(problem.names),
        questions=tuple(problem.questions),
    )
