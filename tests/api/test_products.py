"""The catalogue by API: ids are slugs, names and phases are today's."""

from __future__ import annotations

from datetime import date

import pytest

from opora.catalog.models import Portal, Problem, Product
from tests import cast, factories
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller() -> Caller:
    return Caller(cast.alice())


def product(slug: str, **facts: object) -> Product:
    name = slug.replace("-", " ").title()
    values = {"family": "Servers", "name": name, "deployment": "on_premises"} | facts
    return Product.objects.create(slug=slug, **values)


def test_a_product_says_where_it_is_supported(caller: Caller) -> None:
    portal = Portal.objects.create(
        slug="suite",
        names={"cs": "Centrum sady", "en": "Suite centre"},
        url="https://suite.example/",
    )
    product("mail-online", deployment="cloud", portal=portal)
    answer = caller.get("/products", language="cs")
    assert answer.status == 200
    assert answer.data == {
        "items": [
            {
                "id": "mail-online",
                "family": "Servers",
                "name": "Mail Online",
                "deployment": "cloud",
                "supported_at": {"name": "Centrum sady", "url": "https://suite.example/"},
            }
        ],
        "next": None,
    }


def test_products_are_filtered_by_deployment_and_family(caller: Caller) -> None:
    product("one", deployment="client")
    product("two", family="Tools")
    product("three")

    def ids(query: str) -> list[str]:
        return [item["id"] for item in caller.get(f"/products?{query}").data["items"]]

    assert ids("deployment=client") == ["one"]
    assert ids("family=Tools") == ["two"]
    assert ids("family=Servers&deployment=on_premises") == ["three"]


def test_a_list_goes_on_where_the_page_before_ended(caller: Caller) -> None:
    for number in range(1, 6):
        product(f"p{number}")
    seen, cursor = [], ""
    for _ in range(3):
        answer = caller.get(f"/products?limit=2{cursor}")
        seen += [item["id"] for item in answer.data["items"]]
        cursor = f"&cursor={answer.data['next']}"
    assert seen == ["p1", "p2", "p3", "p4", "p5"]
    assert answer.data["next"] is None


def test_a_cursor_belongs_to_its_list(caller: Caller) -> None:
    product("p1")
    product("p2")
    cursor = caller.get("/products?limit=1").data["next"]
    answer = caller.get(f"/products/p1/versions?cursor={cursor}")
    assert answer.refusal == (422, "invalid-input")
    assert answer.fields == ["cursor"]


@pytest.mark.shows("S10.2")
def test_a_version_says_its_days_and_todays_phase(caller: Caller) -> None:
    factories.version(
        slug="2019",
        generation=1,
        released_on=date(2019, 11, 4),
        mainstream_ends_on=date(2025, 2, 28),
        extended_ends_on=date(2030, 1, 8),
    )
    answer = caller.get("/products/database-server/versions")
    assert answer.data == {
        "items": [
            {
                "id": "2019",
                "name": "Database Server 2019",
                "released_on": "2019-11-04",
                "mainstream_ends_on": "2025-02-28",
                "extended_ends_on": "2030-01-08",
                "phase": "extended",
                "generation": 1,
            }
        ],
        "next": None,
    }


@pytest.mark.shows("S6.1")
def test_none_of_these_is_always_the_last_problem(caller: Caller) -> None:
    owner = product("thing")
    Problem.objects.create(
        product=owner,
        slug="it-stops",
        category="stability",
        category_names={"cs": "Stabilita", "en": "Stability"},
        names={"cs": "Zastaví se", "en": "It stops"},
    )
    items = caller.get("/products/thing/problems", language="cs").data["items"]
    assert [(item["id"], item["name"]) for item in items] == [
        ("it-stops", "Zastaví se"),
        ("none-of-these", items[-1]["name"]),
    ]
    assert set(items[0]) == {"id", "category", "name"}


@pytest.mark.parametrize("path", ["versions", "problems"])
def test_an_unknown_product_in_an_address_is_not_found(caller: Caller, path: str) -> None:
    assert caller.get(f"/products/no-such-thing/{path}").refusal == (404, "not-found")


def test_lists_take_few_statements(caller: Caller, django_assert_max_num_queries: object) -> None:
    for number in range(20):
        factories.version(slug=f"v{number}")
    caller.get("/products")  # the hour's note that the token is in use
    for path in ("/products", "/products/database-server/versions"):
        with django_assert_max_num_queries(3):  # type: ignore[operator]
            assert caller.get(path).status == 200
