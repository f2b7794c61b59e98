"""Check coverage: one search, and a clear yes or every no for each contract and each plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.catalog.models import Product, Version
from opora.catalog.queries import subject_of
from opora.contracts.eligibility import Question
from opora.contracts.models import Plan
from opora.contracts.queries import coverage, plan_decision
from tests import factories
from tests.counting import statements, writes
from tests.factories import NOW

TODAY = NOW.date()


def asked(version: Version, **more: str) -> dict[str, str]:
    return {"of": f"{version.product.slug}/{version.slug}", **more}


def verdicts(page: str, part: str) -> list[str]:
    """Each verdict of a list, as text."""
    found = re.search(rf'id="{part}">(.*?)\n  </ul>', page, re.DOTALL)
    assert found is not None
    rows = found[1].split('<li class="verdict">')[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def marks(page: str, part: str) -> list[str]:
    found = re.search(rf'id="{part}">(.*?)\n  </ul>', page, re.DOTALL)
    assert found is not None
    return re.findall(r"verdict-mark (good|bad)", found[1])


@pytest.mark.shows("S12.2", "P3")
def test_every_contract_gets_a_yes_or_each_of_its_reasons_with_a_remedy(
    alices: Client, alice: Account
) -> None:
    version = factories.version()
    factories.contract(registered_to=(alice,))
    factories.contract(incidents=0, suspended_at=NOW, registered_to=(alice,))
    page = alices.get("/coverage/", asked(version)).content.decode()
    assert "Yes: 1 of your contracts can be used for Database Server 2022." in page
    assert marks(page, "contracts") == ["good", "bad"]
    yes, no = verdicts(page, "contracts")
    assert "Yes, it can be used." in yes
    for said in (
        "is suspended. Ask your vendor why",
        "has no incidents left. Ask your vendor for more incidents",
    ):
        assert said in no


@pytest.mark.shows("S12.2", "S12.3", "P3", "P8")
def test_every_plan_of_the_vendor_is_judged_as_if_it_were_issued_today(
    alices: Client, alice: Account
) -> None:
    version = factories.version()
    factories.plan_version("covers", aliases=["Gold pack", "Old name"])
    cloud = {"deployments": ["cloud"], "phases": {"other": ["mainstream"]}}
    factories.plan_version("cloud-only", terms={"coverage": factories.TERMS["coverage"] | cloud})
    factories.plan_version("held-only", legacy=True)
    page = alices.get("/coverage/", asked(version)).content.decode()
    assert marks(page, "plans") == ["good", "bad"]
    yes, no = verdicts(page, "plans")
    assert yes.startswith("covers Also called Gold pack and Old name Yes, it would cover this.")
    assert "Ask your vendor for a contract under this plan." in yes
    assert "covers cloud products only" in no
    assert "No: none of your contracts can be used for Database Server 2022." in page


@pytest.mark.shows("S12.2", "S12.3")
def test_a_plan_that_is_sold_says_who_may_buy_it(alices: Client, alice: Account) -> None:
    version = factories.version()
    factories.plan_version("ppi", terms={"buyers": ["personal"], "regions": ["US"]})
    (said,) = verdicts(alices.get("/coverage/", asked(version)).content.decode(), "plans")
    assert "Yes, it would cover this." in said
    assert "is not sold in your country" in said
    Account.objects.filter(pk=alice.pk).update(country="US")
    (said,) = verdicts(alices.get("/coverage/", asked(version)).content.decode(), "plans")
    assert "is not sold" not in said


@pytest.mark.shows("S12.2", "S12.1")
def test_the_page_says_what_the_one_decision_says(alices: Client, alice: Account) -> None:
    """For versions, environments and plans of every sort: yes where `decide` says yes."""
    versions = [
        factories.version(),
        factories.version(slug="old", generation=3, mainstream_ends_on=date(2020, 1, 1)),
        factories.version(product="tool", deployment=Product.Deployment.DEVELOPER),
        factories.version(product="service", deployment=Product.Deployment.CLOUD),
    ]
    base = factories.TERMS["coverage"]
    for name, terms in (
        ("all", {}),
        ("newest", {"max_generation": 1, "phases": {"other": ["mainstream"]}}),
        ("cloud", {"deployments": ["cloud"]}),
        ("non-production", {"production": False}),
    ):
        made = factories.plan_version(name, terms={"coverage": base | terms})
        factories.contract(terms=made, registered_to=(alice,))
    for version in versions:
        for is_production in (True, False):
            more: Mapping[str, str] = {} if is_production else {"non_production": "true"}
            page = alices.get("/coverage/", asked(version, **more)).content.decode()
            subject = subject_of(version, TODAY)
            judged = coverage(alice, subject, is_production=is_production, now=NOW)
            assert marks(page, "contracts").count("good") == len(judged.usable)
            question = Question(on=TODAY, subject=subject, is_production=is_production)
            usable = [plan_decision(plan, question).usable for plan in Plan.objects.all()]
            assert marks(page, "plans").count("good") == sum(usable)
            assert len(marks(page, "plans")) == len(usable)


@pytest.mark.shows("S12.3")
def test_where_nothing_is_usable_other_versions_that_are_stand_there(
    alices: Client, alice: Account
) -> None:
    factories.version(slug="2025")
    old = factories.version(slug="2008", extended_ends_on=date(2019, 1, 1),
                            mainstream_ends_on=date(2014, 1, 1))  # fmt: skip
    factories.contract(registered_to=(alice,))
    page = alices.get("/coverage/", asked(old)).content.decode()
    assert "Your contracts do cover other versions:" in page
    assert 'href="/coverage/?of=database-server/2025"' in page


@pytest.mark.shows("P8", "S12.2")
def test_one_field_holds_every_version_and_is_found_by_other_names(alices: Client) -> None:
    version = factories.version()
    Product.objects.update(aliases=["MSSQL", "Yukon"])
    factories.version(slug="2025")
    page = alices.get("/coverage/").content.decode()
    assert page.count("<select") == 1
    assert '<optgroup label="Database Server">' in page
    assert page.count('data-also="Servers · MSSQL · Yukon"') == 2
    chosen = alices.get("/coverage/", asked(version)).content.decode()
    assert '<option value="database-server/2022" selected' in chosen


def test_addresses_of_before_still_answer(alices: Client) -> None:
    version = factories.version()
    old = {"product": version.product.slug, "version": version.slug}
    assert "in mainstream support" in alices.get("/coverage/", old).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"of": "x"}, {"of": "no/such"}, {"of": "/"}, {"of": "database-server/"}, {"version": "y"},
     {"of": "<script>/x"}, {"of": "a/b/c"}],
)  # fmt: skip
def test_what_is_unknown_is_asked_again(alices: Client, wrong: dict[str, str]) -> None:
    factories.version()
    answer = alices.get("/coverage/", wrong)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Choose a product and version" in page
    assert "<script>/x" not in page
    assert "verdict" not in page


@pytest.mark.parametrize("number", [1, 15])
def test_an_answer_costs_the_same_for_any_number_of_contracts(
    alices: Client, alice: Account, number: int
) -> None:
    version = factories.version()
    for position in range(number):
        factories.version(slug=f"other-{position}")
        factories.contract(suspended_at=NOW, registered_to=(alice,))
    with statements() as seen:
        alices.get("/coverage/", asked(version))
    assert len(seen) <= 6, seen
    assert writes(seen) == []
