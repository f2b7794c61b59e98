"""Never a dead end: what would be usable instead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opora.catalog.models import Portal
from opora.contracts.actions import load_plans
from opora.contracts.models import PlanVersion
from opora.contracts.suggestions import WaysOn, ways_on
from tests import cast, factories
from tests.contracts import shipped
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.shows("S12.3")]

PAST_MAINSTREAM: dict[str, Any] = {
    "mainstream_ends_on": date(2024, 1, 1),
    "extended_ends_on": date(2029, 1, 1),
}


@pytest.fixture(autouse=True)
def _plans() -> None:
    load_plans(shipped.document(), NOW)


def codes(ways: WaysOn) -> list[list[str]]:
    return [[plan.code for plan in found] for found in (ways.plans, ways.buyable)]


def test_a_newer_version_that_a_contract_of_the_account_covers() -> None:
    alice = cast.alice()
    terms = PlanVersion.objects.get(plan__code="partner-on-premises-20")
    factories.contract(terms=terms, registered_to=(alice,))
    old = factories.version(slug="2012", generation=3, **PAST_MAINSTREAM)
    new = factories.version(slug="2022", generation=0)
    before = factories.version(slug="2019", generation=1, released_on=date(2018, 1, 1))
    factories.version(slug="2016", generation=2)
    ways = ways_on(alice, old, now=NOW)
    assert ways.versions == [new, before]
    assert codes(ways) == [["ppi-1", "ppi-5"], ["ppi-1", "ppi-5"]]
    assert ways.portal is None
    assert ways_on(cast.bob(), old, now=NOW).versions == []


def test_plans_that_the_account_could_buy_depend_on_its_kind_and_country() -> None:
    version = factories.version(**PAST_MAINSTREAM)
    japanese = factories.account(country="JP")
    assert codes(ways_on(japanese, version, now=NOW)) == [["ppi-1", "ppi-5"], ["ppi-1"]]
    assert codes(ways_on(cast.walter(), version, now=NOW)) == [["ppi-1", "ppi-5"], []]


def test_plans_that_are_no_longer_issued_are_not_offered() -> None:
    ways = ways_on(cast.alice(), factories.version(), now=NOW)
    assert codes(ways)[0] == ["partner-on-premises-20", "ppi-1", "ppi-5"]


def test_the_portal_of_a_product_that_is_supported_elsewhere() -> None:
    version = factories.version(product="suite", deployment="cloud", generation=None)
    portal = Portal.objects.create(slug="p", names={"en": "Portal"}, url="https://p.example/")
    version.product.portal = portal
    version.product.save()
    ways = ways_on(cast.alice(), version, now=NOW)
    assert ways.portal == portal
    assert codes(ways)[0] == ["partner-cloud-2", "partner-cloud-5", "partner-cloud-50"]
