"""Step 2: what can be used, what not and why; products supported elsewhere; another's case."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.databases import PACKAGE
from tests.journeys.conftest import Open
from tests.journeys.house import House, Pair, Program, issuing
from tests.journeys.look import Eye
from tests.journeys.pages import PRODUCT, VERSION, Home, Workflow

STELLA = "stella@example.com"
# Portals are data the vendor edits; here it takes those of the demo.
PORTALS = PACKAGE / "catalog" / "data" / "demo" / "services.json"
REASONS = {
    "expired",
    "not-started",
    "suspended",
    "cancelled",
    "no-incidents-left",
    "cloud-products-only",
    "production-not-covered",
}


@pytest.fixture(scope="module")
def stella(house: House) -> Program:
    """Stella's program; on her account stands a contract for every reason in REASONS."""
    soon = datetime.now(UTC).date() + timedelta(days=40)
    issued = house.issue(
        [
            issuing("partner-on-premises-20", "--starts", "2023-01-02"),
            issuing("partner-on-premises-20", "--starts", soon.isoformat()),
            issuing("partner-on-premises-20", "--count", "2"),
            issuing("assurance-24x7", "--legacy", "--incidents", "1"),
            issuing("partner-cloud-5"),
            issuing("visual-studio-professional-2"),
        ]
    )
    pairs = [pair for lines in issued for pair in lines]
    suspended, cancelled = issued[2]
    house.do(
        ["contracts", "suspend", suspended.contract_id],
        ["contracts", "cancel", cancelled.contract_id],
    )
    house.do(["catalog", "load", str(PORTALS)])
    program = house.program(STELLA)
    for pair in pairs:
        add(program, pair)
    use_up(program, issued[3][0])
    return program


def add(program: Program, pair: Pair) -> Any:
    ids = {"access_id": pair.access_id, "contract_id": pair.contract_id}
    return program.call("POST", "/contracts", ids)


def use_up(program: Program, pair: Pair) -> None:
    """Open a case on a contract with one incident."""
    shown = program.call("GET", "/contracts")["items"]
    wanted = re.sub(r"\D", "", pair.contract_id)
    key = next(c["id"] for c in shown if re.sub(r"\D", "", c["contract_id"]) == wanted)
    case = {
        "product": PRODUCT,
        "version": VERSION,
        "title": "The last one",
        "description": "It takes the last incident.",
        "contract": key,
        "severity": "B",
        "round_the_clock": False,
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "primary_contact": {
            "given_name": "Stella",
            "family_name": "Stone",
            "email": STELLA,
            "preferred_contact": "email",
            "language": "en",
        },
        "additional_contacts": [],
    }
    program.call("POST", "/cases", case, **{"Idempotency-Key": "the-last-one"})


@pytest.mark.shows("S4.1", "S6.2", "S6.3", "S6.7", "S12", "S16.2", "S16.3")
def test_every_plan_that_cannot_be_used_says_why(
    house: House, stella: Program, open_browser: Open, eye: Eye
) -> None:
    page = open_browser(STELLA)
    flow = Home(page).start_request()
    flow.choose_product("windows server")
    flow.describe(title="For a colleague", description="She is away.")
    flow.next()
    flow.expect_open("support")
    expect(page.locator(".whose")).to_contain_text(STELLA)
    expect(flow.plans).to_have_count(0)
    unavailable = said_by(stella)
    assert {reason["code"] for one in unavailable for reason in one["reasons"]} == REASONS
    expect(flow.unavailable).to_have_count(len(unavailable))
    listed = words_of(page.locator("ul.unavailable"))
    for one in unavailable:
        for reason in one["reasons"]:
            assert tidied(reason["message"]) in listed
            assert tidied(reason["remedy"]) in listed
    eye.look(page, "nothing-usable")

    (pair,) = house.contracts("partner-on-premises-20")
    flow.add_contract(pair.access_id, pair.contract_id)
    expect(flow.plans).to_have_count(1)
    with page.expect_response(re.compile("/due/")):
        flow.choose_severity("C")
    expect(flow.due).to_contain_text(re.compile(r"\b8\b"))
    with page.expect_response(re.compile("/due/")):
        flow.choose_severity("A")
    expect(flow.due).to_contain_text(re.compile(r"\b2\b"))
    page.check("#id_round_the_clock")
    flow.next()
    flow.expect_open("primary_contact")
    on_behalf_of_somebody(flow, eye)


def on_behalf_of_somebody(flow: Workflow, eye: Eye) -> None:
    """Steps 3 to 6 for a colleague, without oneself (S6.7)."""
    page = flow.page
    page.fill("#id_primary_contact_given_name", "Renata")
    page.fill("#id_primary_contact_family_name", "Ryba")
    page.fill("#id_primary_contact_email", "renata@example.net")
    page.fill("#id_primary_contact_phone", "")
    flow.next()
    flow.expect_error_at("id_primary_contact_phone")
    eye.look(page, "phone-needed")
    page.fill("#id_primary_contact_phone", "+420 601 123 456")
    flow.next()
    flow.expect_open("sharing")
    expect(page.locator("input[name=add_me]")).to_be_checked()
    eye.look(page, "add-myself")
    page.uncheck("input[name=add_me]")
    flow.next()
    flow.expect_open("verify")
    expect(page.locator(".check-again")).to_be_visible()
    eye.look(page, "without-myself")
    flow.next()
    done = flow.submit()
    expect(page.locator(".notice.warn")).to_contain_text(STELLA)
    eye.look(page, "confirmation-not-readable")
    answer = page.goto(f"/requests/{done.number}/")
    assert answer is not None
    assert answer.status == 404


@pytest.mark.shows("S3.1")
def test_a_product_supported_elsewhere_says_so_and_goes_on_here(
    stella: Program, open_browser: Open, eye: Eye
) -> None:
    product, version = supported_elsewhere(stella)
    page = open_browser(STELLA)
    flow = Home(page).start_request()
    flow.choose_product(product["name"])
    notice = page.locator(".elsewhere")
    expect(notice).to_contain_text(product["supported_at"]["name"])
    expect(notice.locator("a.primary")).to_have_attribute("href", product["supported_at"]["url"])
    expect(page.locator("#id_title")).to_be_hidden()
    eye.look(page, "elsewhere")
    page.select_option("#id_version", version["id"])
    here = page.locator("button[value^='here:']")
    expect(here).to_have_count(1)
    eye.look(page, "elsewhere-or-here")
    here.click()
    expect(page.locator(".elsewhere")).to_have_count(0)
    page.fill("#id_title", "In the cloud")
    page.fill("#id_description", "With our own plan.")
    flow.next()
    flow.expect_open("support")
    expect(flow.plans).to_have_count(1)
    expect(flow.plans).to_be_checked()


def said_by(program: Program) -> list[dict[str, Any]]:
    """What the API says about plans that cannot be used for the version of the journeys."""
    asked = program.call("POST", "/eligibility", {"product": PRODUCT, "version": VERSION})
    return list(asked["unavailable"])


def supported_elsewhere(program: Program) -> tuple[dict[str, Any], dict[str, Any]]:
    """A cloud product with a portal and a version that Stella's cloud plan covers."""
    for product in program.call("GET", "/products?deployment=cloud&limit=100")["items"]:
        if product["supported_at"] is None:
            continue
        for version in program.call("GET", f"/products/{product['id']}/versions")["items"]:
            if version["phase"] in ("mainstream", "extended"):
                return product, version
    raise AssertionError("no product is supported elsewhere")


def words_of(part: Locator) -> str:
    return tidied(part.inner_text())


def tidied(text: str) -> str:
    """Without the difference between one kind of space and another."""
    return " ".join(text.split())
