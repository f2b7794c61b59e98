"""The live cloud services, portals and kinds of problems that the demo adds."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest

from opora.catalog.actions import load_catalog, load_demo_services
from opora.catalog.models import Portal, Problem, Product, Version
from opora.catalog.queries import phase_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DATA = files("opora.catalog") / "data"
SERVICES = [
    "office-365",
    "microsoft-intune",
    "enterprise-mobility-security",
    "exchange-online",
    "sharepoint-online",
    "azure",
    "power-platform",
    "dynamics-365-customer-engagement",
    "dynamics-365-finance-and-operations",
    "dynamics-365-retail",
    "dynamics-365-talent",
    "dynamics-365-business-central",
]


@pytest.fixture(autouse=True)
def _loaded() -> None:
    load_catalog(shipped(), now=NOW)
    load_demo_services(now=NOW)


def shipped() -> Any:
    return json.loads((DATA / "lifecycle.json").read_text(encoding="utf-8"))


@pytest.mark.shows("S10.4")
def test_every_live_service_can_be_chosen_and_is_supported_today() -> None:
    products = Product.objects.filter(slug__in=SERVICES)
    assert {product.slug for product in products} == set(SERVICES)
    for product in products:
        assert product.deployment == "cloud"
        phases = {str(phase_of(v, date(2026, 11, 22))) for v in product.versions.all()}
        assert phases == {"mainstream"}


@pytest.mark.shows("S3.1", "S10.4")
def test_every_cloud_product_says_where_it_is_supported_and_no_other_does() -> None:
    cloud = Product.objects.filter(deployment="cloud")
    assert cloud.count() == 83
    assert not cloud.filter(portal=None).exists()
    assert not Product.objects.exclude(deployment="cloud").exclude(portal=None).exists()
    where = dict(Product.objects.filter(slug__in=SERVICES).values_list("slug", "portal__slug"))
    assert where == dict.fromkeys(SERVICES[:5], "productivity-suite") | {
        "azure": "cloud-platform",
        "power-platform": "power-platform",
        "dynamics-365-customer-engagement": "power-platform",
        "dynamics-365-finance-and-operations": "lifecycle-services",
        "dynamics-365-retail": "lifecycle-services",
        "dynamics-365-talent": "lifecycle-services",
        "dynamics-365-business-central": "power-platform",
    }


@pytest.mark.shows("S10.4")
def test_every_product_has_problems_in_both_languages() -> None:
    assert not Product.objects.filter(problems=None).exists()
    names = [*Problem.objects.values_list("names", flat=True)]
    names += Problem.objects.values_list("category_names", flat=True)
    names += Portal.objects.values_list("names", flat=True)
    assert all(re.search(r"\w", name["cs"]) and re.search(r"\w", name["en"]) for name in names)


def test_both_files_again_in_any_order_change_nothing() -> None:
    before = Version.objects.count()
    assert load_catalog(shipped(), now=NOW).changed == 0
    assert load_demo_services(now=NOW).changed == 0
    assert Version.objects.count() == before


def test_a_first_start_does_not_load_them() -> None:
    """The folder's own files are loaded at first start; these lie one folder deeper."""
    shipped_files = {file.name for file in DATA.iterdir() if file.name.endswith(".json")}
    assert shipped_files == {"lifecycle.json"}
