"""Load a catalogue file: what changed is written in bulk, what did not is not touched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from django.db import models, transaction

from opora.catalog.document import (
    Catalogue,
    Extras,
    PortalRow,
    ProductRow,
    QuestionRow,
    read_catalogue,
)
from opora.catalog.facts import parsed_fact
from opora.catalog.models import Override, Portal, Problem, Product, Question, Version
from opora.core import audit

BATCH = 500  # rows a statement: SQLite takes a limited number of values


@dataclass(frozen=True)
class LoadReport:
    """Products and versions in the file, and how many rows of any kind were written for them."""

    products: int
    versions: int
    changed: int


@transaction.atomic
def load_catalog(document: Any, *, now: datetime) -> LoadReport:
    """Load a parsed catalogue file (S10.1); BadCatalogue, with nothing loaded, if any row is bad.

    Rows are matched by id. Rows the file does not have stay; so do aliases, portal and problems of
    a product whose row does not mention them, and what the directory says of a portal. Overridden
    facts keep their overrides. Loading the same file again writes nothing.
    """
    catalogue = read_catalogue(document)
    stored = {product.slug: product for product in Product.objects.locked()}
    members = _members(catalogue, stored)
    portals, written = _load_portals(catalogue, members)
    written += _load_questions(catalogue.questions)
    written += _load_products(members, portals)
    written += _load_versions(catalogue.products, members)
    written += _load_problems(members, catalogue.category_names)
    report = LoadReport(
        products=len(catalogue.products),
        versions=sum(len(row.versions) for row in catalogue.products),
        changed=written,
    )
    if written:
        audit.record(
            "catalog.loaded",
            target=("catalog", "all"),
            by=None,
            at=now,
            products=report.products,
            versions=report.versions,
            changed=report.changed,
        )
    return report


def load_demo_services(*, now: datetime) -> LoadReport:
    """Load what the demo adds to the shipped catalogue: live cloud services, portals, problems."""
    file = files("opora.catalog") / "data" / "demo" / "services.json"
    return load_catalog(json.loads(file.read_text(encoding="utf-8")), now=now)


# --- What the file says of whom -------------------------------------------------------------------


@dataclass(frozen=True)
class _Member:
    """A product the file speaks of: by a row of its own, through its family, or both."""

    product: Product
    row: ProductRow | None
    extras: Extras


def _members(catalogue: Catalogue, stored: Mapping[str, Product]) -> dict[str, _Member]:
    """By slug: every product of the file, and every stored one whose family it mentions."""
    rows = {row.slug: row for row in catalogue.products}
    members = {}
    for slug in sorted({*rows, *stored}):
        row = rows.get(slug)
        product = stored.get(slug) or Product(slug=slug)
        family, deployment = (
            (row.family, row.deployment) if row else (product.family, product.deployment)
        )
        extras = row.extras if row else Extras()
        for shared in catalogue.families:
            if shared.covers(family, deployment):
                extras = extras.or_else(shared.extras)
        if row or extras != Extras():
            members[slug] = _Member(product, row, extras)
    return members


# --- Writing what differs -------------------------------------------------------------------------


def _load_portals(
    catalogue: Catalogue, members: Mapping[str, _Member]
) -> tuple[dict[str, int], int]:
    """The keys of all portals by slug, and how many were written."""
    wanted = {row.slug: row for row in catalogue.portals} | {
        member.extras.portal.slug: member.extras.portal
        for member in members.values()
        if isinstance(member.extras.portal, PortalRow)
    }
    stored = {portal.slug: portal for portal in Portal.objects.filter(slug__in=wanted)}
    changed = []
    for slug, row in sorted(wanted.items()):
        portal = stored.setdefault(slug, Portal(slug=slug))
        told: dict[str, Any] = {"names": dict(row.names), "url": row.url}
        for name, said in (("sign_in", row.sign_in), ("contract_ids", row.contract_ids)):
            if said is not None:
                told[name] = dict(said)
        if _take(portal, told):
            changed.append(portal)
    _upsert(Portal, changed, by=["slug"])
    return {slug: portal.pk for slug, portal in stored.items()}, len(changed)


def _load_questions(rows: Sequence[QuestionRow]) -> int:
    stored = {question.slug: question for question in Question.objects.all()} if rows else {}
    changed = []
    for position, row in enumerate(rows):
        question = stored.get(row.slug) or Question(slug=row.slug)
        told = {
            "names": dict(row.names),
            "hints": dict(row.hints),
            "lines": row.lines,
            "is_general": row.is_general,
            "position": position,
        }
        if _take(question, told):
            changed.append(question)
    return _upsert(Question, changed, by=["slug"])


def _load_products(members: Mapping[str, _Member], portals: Mapping[str, int]) -> int:
    changed = []
    for member in members.values():
        wanted: dict[str, Any] = {}
        if row := member.row:
            wanted = {"family": row.family, "name": row.name, "deployment": row.deployment}
            if row.aliases is not None:
                wanted["aliases"] = list(row.aliases)
        if isinstance(member.extras.portal, PortalRow):
            wanted["portal_id"] = portals[member.extras.portal.slug]
        elif member.extras.portal is not None:
            wanted["portal_id"] = None
        if _take(member.product, wanted):
            changed.append(member.product)
    return _upsert(Product, changed, by=["slug"])


def _load_versions(rows: Sequence[ProductRow], members: Mapping[str, _Member]) -> int:
    products = {row.slug: members[row.slug].product for row in rows}
    keys = [product.pk for product in products.values()]
    stored = {
        (version.product_id, version.slug): version
        for version in Version.objects.filter(product__in=keys)
    }
    overridden = _overridden()
    changed = []
    for row in rows:
        product = products[row.slug]
        for version_row in row.versions:
            key = (product.pk, version_row.slug)
            version = stored.get(key) or Version(product=product, slug=version_row.slug)
            wanted = {
                "name": version_row.name,
                "position": version_row.position,
                **version_row.facts,
                **overridden.get(key, {}),
            }
            if _take(version, wanted):
                changed.append(version)
    return _upsert(Version, changed, by=["product", "slug"])


def _load_problems(
    members: Mapping[str, _Member], category_names: Mapping[str, Mapping[str, str]]
) -> int:
    wanting = [m for m in members.values() if m.extras.problems is not None]
    stored = {
        (problem.product_id, problem.slug): problem
        for problem in Problem.objects.filter(product__in=[m.product.pk for m in wanting])
    }
    changed = []
    for member in wanting:
        product = member.product
        for position, row in enumerate(member.extras.problems or ()):
            problem = stored.get((product.pk, row.slug)) or Problem(product=product, slug=row.slug)
            wanted: dict[str, Any] = {
                "names": dict(row.names),
                "position": position,
                "questions": list(row.questions),
            }
            if row.category in category_names:
                wanted["category_names"] = dict(category_names[row.category])
            elif row.category != problem.category:
                wanted["category_names"] = {}
            if _take(problem, wanted | {"category": row.category}):
                changed.append(problem)
    return _upsert(Problem, changed, by=["product", "slug"])


def _overridden() -> dict[tuple[int, str], dict[str, Any]]:
    """The overridden facts of every version that has some, by (product key, version slug)."""
    facts: dict[tuple[int, str], dict[str, Any]] = {}
    for override in Override.objects.select_related("version"):
        key = (override.version.product_id, override.version.slug)
        facts.setdefault(key, {})[override.field] = parsed_fact(override.field, override.value)
    return facts


def _take(row: models.Model, wanted: Mapping[str, Any]) -> bool:
    """Set these values on `row`; whether it must be written."""
    differs = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in differs:
        setattr(row, name, wanted[name])
    return bool(differs) or row._state.adding


def _upsert(kind: type[models.Model], rows: Sequence[models.Model], *, by: list[str]) -> int:
    """Insert or update these rows, found by the fields `by`; how many."""
    others = [f.name for f in kind._meta.concrete_fields if not f.primary_key and f.name not in by]
    for batch in _batches(rows):
        kind._default_manager.bulk_create(
            batch, update_conflicts=True, unique_fields=by, update_fields=others
        )
    return len(rows)


def _batches(rows: Sequence[models.Model]) -> Iterator[Iterable[models.Model]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
