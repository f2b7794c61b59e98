"""Reading the catalogue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from opora.catalog.actions import load_catalog
from opora.catalog.errors import UnknownProblem, UnknownProduct, UnknownVersion
from opora.catalog.models import Problem, Product
from opora.catalog.queries import (
    NONE_OF_THESE,
    phase_of,
    problem_for,
    problems_of,
    product_for,
    products,
    subject_of,
    version_for,
    versions_of,
)
from opora.catalog.search import folded
from opora.catalog.subject import Subject
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CATALOGUE = {
    "catalog": [
        {
            "family": "Servers",
            "product": "Účetní Server",
            "deployment": "on_premises",
            "aliases": ["LEDGER 100%", "Bookkeeper"],
            "versions": [{"listing": "Účetní Server 2022"}, {"listing": "Účetní Server 2019"}],
            "problems": [
                {"id": "slow", "category": "performance", "name": {"cs": "Pomalé", "en": "Slow"}},
                {"id": "crash", "category": "stability", "name": {"en": "Crash"}},
            ],
        },
        {
            "family": "Clouds",
            "product": "Ledger Online",
            "deployment": "cloud",
            "portal": {"name": "Elsewhere", "url": "https://elsewhere.example/"},
        },
        {"family": "Servers", "product": "File Server", "deployment": "hybrid"},
    ],
    "categories": [{"id": "performance", "name": {"cs": "Výkon", "en": "Performance"}}],
}


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    load_catalog(CATALOGUE, now=NOW)


def found(**wanted: Any) -> list[str]:
    return [product.slug for product in products(**wanted)]


def test_products_stand_by_family_and_name() -> None:
    assert found() == ["ledger-online", "file-server", "etn-server"]


@pytest.mark.parametrize(
    ("q", "slugs"),
    [
        ("SERVER", ["file-server", "etn-server"]),
        ("ucetni", ["etn-server"]),
        ("ÚČETNÍ", ["etn-server"]),
        ("server úč", ["etn-server"]),
        ("ledger", ["ledger-online", "etn-server"]),
        ("bookKEEPER", ["etn-server"]),
        ("100%", ["etn-server"]),
        ("%", ["etn-server"]),
        ("_", []),
        ("clouds", ["ledger-online"]),
        ("online server", []),
        ("  ", ["ledger-online", "file-server", "etn-server"]),
    ],
)
def test_every_word_is_looked_for_in_names_aliases_and_family(q: str, slugs: list[str]) -> None:
    assert found(q=q) == slugs


def test_deployment_and_family_narrow_the_list() -> None:
    assert found(deployment="cloud") == ["ledger-online"]
    assert found(family="Servers") == ["file-server", "etn-server"]
    assert found(family="Servers", deployment="hybrid", q="server") == ["file-server"]


def test_products_and_their_portals_are_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        portals = [product.portal and product.portal.url for product in products()]
    assert portals == ["https://elsewhere.example/", None, None]


def test_a_renamed_product_is_found_by_its_new_name_however_it_is_saved() -> None:
    product = Product.objects.get(slug="file-server")
    product.name = "Síťové úložiště"
    product.save()
    assert found(q="sitove") == ["file-server"]


def test_folding_ignores_case_accents_and_width() -> None:
    assert folded("  PŘÍLIŠ\tžluťoučký  ＫŮŇ ") == "prilis zlutoucky kun"


def test_versions_stand_in_the_order_of_the_file(django_assert_num_queries: Any) -> None:
    product = product_for("etn-server")
    with django_assert_num_queries(1):
        names = [version.name for version in versions_of(product)]
    assert names == ["Účetní Server 2022", "Účetní Server 2019"]


@pytest.mark.shows("S6.1", "S10.4")
def test_none_of_these_is_always_the_last_problem(django_assert_num_queries: Any) -> None:
    product = product_for("etn-server")
    with django_assert_num_queries(1), translation.override("en"):
        choices = problems_of(product)
    assert [(c.id, c.category, c.category_name, c.name) for c in choices] == [
        ("slow", "performance", "Performance", "Slow"),
        ("crash", "stability", "stability", "Crash"),
        (NONE_OF_THESE, "other", "Something else", "None of these"),
    ]
    with translation.override("cs"):
        assert [(c.category_name, c.name) for c in problems_of(product)[:2]] == [
            ("Výkon", "Pomalé"),
            ("stability", "Crash"),
        ]
    assert [c.id for c in problems_of(product_for("file-server"))] == [NONE_OF_THESE]


def test_a_problem_is_found_and_none_of_these_is_none() -> None:
    product = product_for("etn-server")
    assert problem_for(product, "slow") == Problem.objects.get(slug="slow")
    assert problem_for(product, "") is None
    assert problem_for(product, "none-of-these") is None
    with pytest.raises(UnknownProblem) as caught:
        problem_for(product_for("file-server"), "slow")
    assert caught.value.errors == [
        {"field": "problem", "message": "Product “file-server” has no problem “slow”."}
    ]
    assert caught.value.code == "invalid-input"


def test_a_version_is_found_with_its_product_and_portal(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        version = version_for("etn-server", "etn-server-2019")
        assert version.product.portal is None
        assert version.product.name == "Účetní Server"


def test_unknown_products_and_versions_are_named() -> None:
    with pytest.raises(UnknownProduct) as no_product:
        version_for("nothing", "etn-server-2019")
    assert no_product.value.errors == [
        {"field": "product", "message": "There is no product “nothing”."}
    ]
    with pytest.raises(UnknownVersion) as no_version:
        version_for("file-server", "etn-server-2019")
    assert no_version.value.errors == [
        {
            "field": "version",
            "message": "Product “file-server” has no version “etn-server-2019”.",
        }
    ]


@pytest.mark.shows("S10.2", "S10.3")
def test_a_subject_says_what_a_version_is_on_a_day(django_assert_num_queries: Any) -> None:
    version = factories.version(generation=1)
    with django_assert_num_queries(0):
        subject = subject_of(version, date(2028, 1, 12))
    assert subject == Subject(
        product="database-server",
        product_name="Database Server",
        version="2022",
        version_name="Database Server 2022",
        deployment="on_premises",
        phase=phase_of(version, date(2028, 1, 12)),
        generation=1,
    )
    assert subject.phase == "extended"
    # The generation is a fact, the same for every day asked.
    assert subject_of(version, date(2040, 1, 1)).generation == 1
