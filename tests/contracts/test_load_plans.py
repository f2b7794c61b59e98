"""Plans as data: loaded whole or not at all, versions that never change, one shape both ways."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from opora.contracts.actions import issue_contracts, load_plans
from opora.contracts.errors import BadPlans
from opora.contracts.models import Plan, PlanVersion
from opora.contracts.plan_files import listed
from opora.contracts.queries import plan_for, plans, terms_of
from tests.contracts import shipped
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Any:
    return copy.deepcopy(shipped.document())


@pytest.mark.shows("S11.1", "S11.2")
def test_the_shipped_file_loads_and_loading_it_again_changes_nothing(document: Any) -> None:
    report = load_plans(document, NOW)
    assert report.plans == 9
    assert set(report.new_terms) == set(shipped.CODES)
    assert load_plans(document, NOW).new_terms == ()
    assert PlanVersion.objects.count() == 9
    assert plan_for("partner-cloud-5").aliases == ["Partner Signature 5pack"]
    assert plan_for("partner-on-premises-20").aliases == ["Partner support Gold 20pack"]


def test_what_is_listed_can_be_loaded(document: Any) -> None:
    load_plans(document, NOW)
    printed = listed(plans())
    assert printed["version"] == 1
    assert sorted(printed["plans"], key=lambda p: p["code"]) == sorted(
        document["plans"], key=lambda p: p["code"]
    )
    assert load_plans(printed, NOW).new_terms == ()


@pytest.mark.shows("S11.1")
def test_other_terms_make_a_new_version_and_leave_issued_contracts_alone(document: Any) -> None:
    load_plans(document, NOW)
    before = issue_contracts(plan_code="partner-cloud-5", holder="X", by=None, now=NOW)[0].contract
    changed = next(plan for plan in document["plans"] if plan["code"] == "partner-cloud-5")
    changed["incidents"] = 6
    changed["coverage"]["production"] = False
    assert load_plans(document, NOW).new_terms == ("partner-cloud-5",)
    plan = plan_for("partner-cloud-5")
    assert plan.current is not None
    assert plan.current.number == 2
    before.refresh_from_db()
    assert terms_of(before).incidents == 5
    assert terms_of(before).coverage.is_production_covered
    after = issue_contracts(plan_code="partner-cloud-5", holder="X", by=None, now=NOW)[0].contract
    assert after.incidents_left == 6


def test_names_aliases_and_the_order_of_lists_make_no_new_version(document: Any) -> None:
    load_plans(document, NOW)
    plan = document["plans"][0]
    plan["name"] = {"cs": "Nové jméno", "en": "New name"}
    plan["aliases"].append("Another name")
    plan["legacy"] = True
    plan["severities"].reverse()
    plan["coverage"]["deployments"].reverse()
    assert load_plans(document, NOW).new_terms == ()
    found = Plan.objects.get(code=plan["code"])
    assert found.names == {"cs": "Nové jméno", "en": "New name"}
    assert found.legacy


def test_plans_that_the_file_does_not_name_stay(document: Any) -> None:
    load_plans(document, NOW)
    document["plans"] = document["plans"][:1]
    load_plans(document, NOW)
    assert Plan.objects.count() == 9


@pytest.mark.parametrize(
    ("spoil", "pointers"),
    [
        (lambda d: d.update(version=2), ["/version"]),
        (lambda d: d["plans"][3].pop("incidents"), ["/plans/3/incidents"]),
        (lambda d: d["plans"][0].update(incidents="20"), ["/plans/0/incidents"]),
        (lambda d: d["plans"][0].update(incidents=0), ["/plans/0/incidents"]),
        (lambda d: d["plans"][0].update(code="Not A Slug"), ["/plans/0/code"]),
        (lambda d: d["plans"][0]["name"].pop("cs"), ["/plans/0/name/cs"]),
        (lambda d: d["plans"][0]["name"].update(cs="a\x00b"), ["/plans/0/name/cs"]),
        (lambda d: d["plans"][0].update(aliases=["a\nb"]), ["/plans/0/aliases/0"]),
        (lambda d: d["plans"][0].update(programme="\x00"), ["/plans/0/programme"]),
        (lambda d: d["plans"][1].update(surprise=1), ["/plans/1/surprise"]),
        (lambda d: d["plans"][0].update(term={"years": 0, "months": 0}), ["/plans/0/term"]),
        (
            lambda d: d["plans"][0]["coverage"].update(deployments=["moon"]),
            ["/plans/0/coverage/deployments/0"],
        ),
        (lambda d: d["plans"][0]["coverage"].update(phases={}), ["/plans/0/coverage"]),
        (lambda d: d["plans"][0].update(severities=["D", "A"]), ["/plans/0/severities/0"]),
        (lambda d: d["plans"][7].update(price={"amount": 1}), ["/plans/7/price/currency"]),
        (lambda d: d["plans"][7].update(buyers=["agent"]), ["/plans/7/buyers/0"]),
        # What is bought is its buyer's alone (S7.5), and costs and gives something.
        (lambda d: d["plans"][7].update(access_id=True), ["/plans/7"]),
        (lambda d: d["plans"][7].update(price=None), ["/plans/7"]),
        (lambda d: d["plans"][7].update(incidents=None), ["/plans/7"]),
        (
            lambda d: d["plans"][1].update(code=d["plans"][0]["code"]),
            ["/plans/0/code", "/plans/1/code"],
        ),
    ],
)
def test_a_fault_is_named_by_its_pointer_and_nothing_is_loaded(
    document: Any, spoil: Any, pointers: list[str]
) -> None:
    spoil(document)
    with pytest.raises(BadPlans) as refused:
        load_plans(document, NOW)
    assert [error["field"] for error in refused.value.errors] == pointers
    assert all(error["message"] for error in refused.value.errors)
    assert not Plan.objects.exists()


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_what_is_no_plans_file_is_refused(document: Any) -> None:
    with pytest.raises(BadPlans):
        load_plans(document, NOW)
