"""Every shipped plan on every version of the shipped catalogue, read a second time.

The oracle below shares nothing with the product: it reads the raw file, compares days as text, and
walks SPEC 11.2 and 12 as one list of questions a plan.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from opora.catalog.actions import load_catalog
from opora.catalog.models import Version
from opora.catalog.queries import subject_of
from opora.contracts.actions import load_plans
from opora.contracts.eligibility import Question
from opora.contracts.queries import plan_decision, plan_for
from tests.contracts import shipped

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = "2026-11-22"
DAYS = ("release_date", "mainstream_end", "extended_end", "esu_end", "retirement_date")
CLOUD_PLANS = {"partner-cloud-50", "partner-cloud-5", "partner-cloud-2"}
STUDIO_PLANS = {"visual-studio-enterprise-4", "visual-studio-professional-2"}


def lifecycle() -> Any:
    text = (files("opora.catalog") / "data" / "lifecycle.json").read_text(encoding="utf-8")
    return json.loads(text)["catalog"]


def expected(code: str, kind: str, row: dict[str, Any], day: str, production: bool) -> list[str]:
    """The reasons by SPEC 12, in its order, of a plan for a row of the file; `day` is text."""
    reasons = []
    if code in CLOUD_PLANS:
        if kind in ("on_premises", "client", "developer"):
            reasons.append("cloud-products-only")
    elif kind == "cloud":
        reasons.append("on-premises-products-only")
    elif kind == "developer" and code == "assurance-24x7":
        reasons.append("product-not-covered")

    if day < row["release_date"]:
        reasons.append("not-released")
    elif is_over(row, day):
        reasons.append("support-ended")
    else:
        takes_extended = (
            code in CLOUD_PLANS
            or code.startswith("ppi-")
            or (code in STUDIO_PLANS and kind == "developer")
        )
        if not takes_extended and is_past_mainstream(row, day):
            reasons.append("mainstream-support-ended")
        if code == "partner-on-premises-20" and row.get("generation", 0) not in (0, 1):
            reasons.append("version-not-latest")

    if production and code in STUDIO_PLANS:
        reasons.append("production-not-covered")
    return reasons


def is_over(row: dict[str, Any], day: str) -> bool:
    """No support at all any more."""
    if row["policy"] == "fixed":
        last_days = [end for end in (row["mainstream_end"], row["extended_end"]) if end]
        return bool(last_days) and day > max(last_days)
    last = row["retirement_date"] or row["extended_end"]
    return bool(last) and day > last


def is_past_mainstream(row: dict[str, Any], day: str) -> bool:
    """Supported, but no longer (or never) in mainstream support."""
    if row["policy"] != "fixed" or not (row["mainstream_end"] or row["extended_end"]):
        return False
    return not row["mainstream_end"] or day > row["mainstream_end"]


def interesting_days(row: dict[str, Any]) -> Iterator[str]:
    """Today, and each day of the row with the ones before and after it."""
    yield TODAY
    for name in DAYS:
        if row[name]:
            for step in (-1, 0, 1):
                yield (date.fromisoformat(row[name]) + timedelta(days=step)).isoformat()


@pytest.fixture
def versions() -> dict[tuple[str, str], Version]:
    """The shipped catalogue as it is stored, by the names of the file."""
    load_catalog({"catalog": lifecycle()}, now=NOW)
    load_plans(shipped.document(), now=NOW)
    return {
        (version.product.name, version.name): version
        for version in Version.objects.select_related("product")
    }


@pytest.mark.shows("S4.4", "S4.5", "S4.6", "S10.2", "S10.3", "S11.2", "S11.3")
def test_every_plan_decides_every_version_as_the_rules_read(
    versions: dict[tuple[str, str], Version],
) -> None:
    plans = {code: plan_for(code) for code in shipped.CODES}
    seen: Counter[str] = Counter()
    asked = 0
    for product in lifecycle():
        for row in product["versions"]:
            version = versions[product["product"], row["listing"]]
            for day in sorted(set(interesting_days(row))):
                on = date.fromisoformat(day)
                subject = subject_of(version, on)
                for code, plan in plans.items():
                    for production in (True, False):
                        question = Question(on=on, subject=subject, is_production=production)
                        codes = list(plan_decision(plan, question).codes)
                        assert codes == expected(
                            code, product["deployment"], row, day, production
                        ), (code, row["listing"], day, production)
                        seen.update(codes)
                        asked += 1
    assert asked > 447 * 9 * 2
    assert set(seen) == {
        "cloud-products-only",
        "on-premises-products-only",
        "product-not-covered",
        "not-released",
        "support-ended",
        "mainstream-support-ended",
        "version-not-latest",
        "production-not-covered",
    }


@pytest.mark.shows("S11.2")
@pytest.mark.parametrize("severity", ["A", "B", "C"])
def test_every_shipped_plan_covers_every_severity(
    versions: dict[tuple[str, str], Version], severity: str
) -> None:
    version = versions["Windows Server", "Windows Server 2025"]
    on = date.fromisoformat(TODAY)
    for code in shipped.CODES:
        question = Question(on=on, subject=subject_of(version, on), severity=severity)
        assert "severity-not-covered" not in plan_decision(plan_for(code), question).codes
