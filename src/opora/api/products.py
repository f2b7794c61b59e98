"""The catalogue: what can be asked about."""

from __future__ import annotations

from typing import Annotated

from ninja import Query, Router
from pydantic import Field

from opora.api.fields import Line, Search
from opora.api.paging import PageWanted, cut
from opora.api.requests import ApiRequest
from opora.api.schemas.catalog import (
    Deployment,
    ProblemList,
    ProblemShown,
    ProductList,
    ProductShown,
    SupportedAt,
    VersionList,
    VersionShown,
)
from opora.catalog import queries as catalog
from opora.catalog.errors import UnknownProduct
from opora.catalog.models import Product, Version
from opora.core.days import today
from opora.core.errors import NotFound
from opora.core.wording import in_language

router = Router(tags=["Catalogue"])


class ProductsWanted(PageWanted):
    q: Search = Field("", description="Words of the name, an alias or the family.")
    deployment: Deployment | None = None
    family: Annotated[Line, Field(max_length=200)] = ""


@router.get("/products", response=ProductList, summary="Products")
def list_products(request: ApiRequest, wanted: Query[ProductsWanted]) -> ProductList:
    found = catalog.products(q=wanted.q, deployment=wanted.deployment or "", family=wanted.family)
    page = cut(found, wanted, name="products", key=lambda product: product.slug)
    return ProductList(items=[_product(product) for product in page.items], next=page.next)


@router.get("/products/{product_id}/versions", response=VersionList, summary="Versions")
def list_versions(request: ApiRequest, product_id: str, wanted: Query[PageWanted]) -> VersionList:
    """With their last days of support, both included, and their phase today."""
    versions = catalog.versions_of(_product_at(product_id))
    page = cut(versions, wanted, name="versions", key=lambda version: version.slug)
    day = today(request.now)
    return VersionList(
        items=[_version(version, catalog.phase_of(version, day)) for version in page.items],
        next=page.next,
    )


@router.get("/products/{product_id}/problems", response=ProblemList, summary="Kinds of problems")
def list_problems(request: ApiRequest, product_id: str, wanted: Query[PageWanted]) -> ProblemList:
    """ "None of these" is always last."""
    problems = catalog.problems_of(_product_at(product_id))
    page = cut(problems, wanted, name="problems", key=lambda problem: problem.id)
    return ProblemList(
        items=[
            ProblemShown(id=problem.id, category=problem.category, name=problem.name)
            for problem in page.items
        ],
        next=page.next,
    )


def _product_at(slug: str) -> Product:
    """The product of an address: there an unknown one is not found, in a body it is invalid."""
    try:
        return catalog.product_for(slug)
    except UnknownProduct:
        raise NotFound from None


def _product(product: Product) -> ProductShown:
    portal = product.portal
    return ProductShown(
        id=product.slug,
        family=product.family,
        name=product.name,
        deployment=product.deployment,
        supported_at=SupportedAt(name=in_language(portal.names), url=portal.url)
        if portal
        else None,
    )


def _version(version: Version, phase: str) -> VersionShown:
    return VersionShown(
        id=version.slug,
        name=version.name,
        released_on=version.released_on,
        mainstream_ends_on=version.mainstream_ends_on,
        extended_ends_on=version.extended_ends_on,
        phase=str(phase),
        generation=version.generation,
    )
