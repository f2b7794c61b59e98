"""Everything "Check coverage" shows of one question (S12.2, S12.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opora.accounts.models import Account
from opora.catalog.models import Version
from opora.catalog.queries import every_version, portal_of, subject_of, version_for
from opora.contracts.eligibility import Question
from opora.contracts.queries import Coverage, coverage
from opora.contracts.suggestions import judged_plans, usable_versions
from opora.core.days import today
from opora.core.errors import InvalidInput

PARTS = "/"  # between the ids of product and version in the one field
MOST_VERSIONS = 5


@dataclass(frozen=True)
class Choice:
    """A version to choose: `also` are further words it is found by."""

    value: str
    name: str
    also: str


def coverage_page(account: Account, asked: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """The page's context. `asked`: `of` is "PRODUCT/VERSION" (or `product` and `version`), and
    `non_production` is "true" or not. Five statements at most, however many contracts."""
    product, _slash, slug = asked.get("of", "").partition(PARTS)
    product, slug = product or asked.get("product", ""), slug or asked.get("version", "")
    is_production = asked.get("non_production") != "true"
    version = _version(product, slug)
    shown: dict[str, Any] = {
        "groups": choices(),
        "chosen": f"{product}{PARTS}{slug}" if version else "",
        "is_production": is_production,
        "version": version,
        "is_unknown": bool(product or slug) and version is None,
    }
    return shown | _answer(account, version, is_production, now=now) if version else shown


def choices() -> list[tuple[str, list[Choice]]]:
    """Products with their versions, each found by the product's other names too (P8)."""
    return [
        (
            product.name,
            [
                Choice(
                    value=f"{product.slug}{PARTS}{version.slug}",
                    name=version.name,
                    also=" · ".join([product.family, *product.aliases]),
                )
                for version in versions
            ],
        )
        for product, versions in every_version()
    ]


def _version(product: str, slug: str) -> Version | None:
    try:
        return version_for(product, slug) if product and slug else None
    except InvalidInput:
        return None


def _answer(
    account: Account, version: Version, is_production: bool, *, now: datetime
) -> dict[str, Any]:
    on = today(now)
    subject = subject_of(version, on)
    judged = coverage(account, subject, is_production=is_production, now=now)
    return {
        "phase": subject.phase,
        "judged": judged,
        "plans": judged_plans(account, version, is_production=is_production, now=now),
        "held": _plans_held(judged),
        "portal": portal_of(version.product),
        "others": []
        if judged.usable
        else usable_versions(
            account,
            version,
            Question(on=on, subject=subject, is_production=is_production),
            now=now,
        )[:MOST_VERSIONS],
    }


def _plans_held(judged: Coverage) -> set[int]:
    """Keys of the plans that a usable contract of the account is under."""
    return {one.contract.plan_version.plan_id for one in judged.usable}
