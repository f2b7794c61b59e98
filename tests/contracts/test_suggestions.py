"""Never a dead end: what would be usable instead."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opora.accounts.models import Account
from opora.catalog.models import Version
from opora.catalog.queries import subject_of
from opora.contracts.actions import load_plans
from opora.contracts.eligibility import Question
from opora.contracts.models import PlanVersion
from opora.contracts.suggestions import judged_plans, usable_versions
from opora.core.days import today
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


def plans(account: Account, version: Version) -> list[list[str]]:
    """Codes of the plans that would be usable for the version, and of those the account may buy."""
    usable = [one for one in judged_plans(account, version, now=NOW) if one.decision.usable]
    buyable = [one for one in usable if one.is_sold and not one.to_buy]
    return [[one.plan.code for one in found] for found in (usable, buyable)]


def test_a_newer_version_that_a_contract_of_the_account_covers() -> None:
    alice = cast.alice()
    terms = PlanVersion.objects.get(plan__code="partner-on-premises-20")
    factories.contract(terms=terms, registered_to=(alice,))
    old = factories.version(slug="2012", generation=3, **PAST_MAINSTREAM)
    new = factories.version(slug="2022", generation=0)
    before = factories.version(slug="2019", generation=1, released_on=date(2018, 1, 1))
    factories.version(slug="2016", generation=2)
    asked = Question(on=today(NOW), subject=subject_of(old, today(NOW)))
    assert usable_versions(alice, old, asked, now=NOW) == [new, before]
    assert usable_versions(cast.bob(), old, asked, now=NOW) == []


def test_plans_that_the_account_could_buy_depend_on_its_kind_and_country() -> None:
    version = factories.version(**PAST_MAINSTREAM)
    assert plans(cast.alice(), version) == [["ppi-1", "ppi-5"], ["ppi-1", "ppi-5"]]
    assert plans(factories.account(country="JP"), version) == [["ppi-1", "ppi-5"], ["ppi-1"]]
    assert plans(cast.walter(), version) == [["ppi-1", "ppi-5"], []]


def test_plans_that_are_no_longer_issued_are_not_offered() -> None:
    usable, _buyable = plans(cast.alice(), factories.version())
    assert usable == ["partner-on-premises-20", "ppi-1", "ppi-5"]


def test_a_product_that_is_supported_elsewhere_has_plans_too() -> None:
    version = factories.version(product="suite", deployment="cloud", generation=None)
    usable, _buyable = plans(cast.alice(), version)
    assert usable == ["partner-cloud-2", "partner-cloud-5", "partner-cloud-50"]
