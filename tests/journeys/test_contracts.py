"""A contract from adding to its statement, and what covers a version before anything is written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import House, Pair, issuing
from tests.journeys.look import Eye
from tests.journeys.pages import PRODUCT, VERSION, press

VERA = "vera@example.com"


@pytest.fixture(scope="module")
def pair(house: House) -> Pair:
    """A contract that began three months ago and that nobody has added."""
    began = datetime.now(UTC).date() - timedelta(days=100)
    return house.issue([issuing("partner-on-premises-20", "--starts", began.isoformat())])[0][0]


@pytest.mark.shows("S2.3", "S2.5", "S13.4", "P1", "P4")
def test_a_contract_is_added_read_and_printed(
    house: House, pair: Pair, open_browser: Open, eye: Eye
) -> None:
    page = open_browser(VERA)
    add(page, pair)
    page.wait_for_url(re.compile(r"/contracts/\w{32}/$"))
    expect(page.locator(".balance-number")).to_have_text("20")
    expect(page.locator(".chart")).to_have_count(0)  # nothing used yet, nothing to draw

    number = use_one(house, page.url.rstrip("/").rsplit("/", 1)[1])
    page.reload()
    expect(page.locator(".balance-number")).to_have_text("19")
    expect(page.locator(".chart-bar")).to_have_count(1)
    page.locator(".chart-table summary").click()
    expect(page.locator(".chart-table tbody tr")).not_to_have_count(0)
    eye.look(page, "contract")
    eye.look_narrower(page, "contract")

    page.locator("a[href$='/statement/']").click()
    expect(page.locator(f"a[href='/requests/{number}/']")).to_be_visible()
    eye.look(page, "statement")
    for rest, media_type, begins in (
        ("table/", "text/csv", b"\xef\xbb\xbf"),
        ("document/", "application/pdf", b"%PDF-"),
    ):
        with page.expect_download() as loaded:
            page.locator(f"a[href$='{rest}']").click()
        answer = page.request.get(loaded.value.url)
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.body().startswith(begins)

    add(page, pair)
    expect(page.locator(".already")).to_be_focused()
    expect(page.locator(".already .balance-number")).to_have_text("19")
    eye.look(page, "already-registered")


@pytest.mark.shows("S12.2", "P3", "P8")
def test_coverage_is_found_as_it_is_typed(pair: Pair, open_browser: Open, eye: Eye) -> None:
    page = open_browser(VERA)
    page.goto("/coverage/")
    field = page.locator("input#id_of")  # once script has made it
    field.fill("server 2025 windows")
    expect(page.locator("[role=option]").first).to_be_visible()
    eye.look(page, "typing")
    field.press("Enter")
    page.wait_for_url(re.compile("of="))
    expect(field).to_have_value("Windows Server 2025")
    expect(page.locator("#plans .verdict-mark.good")).not_to_have_count(0)
    expect(page.locator("#plans .verdict-mark.bad + div .remedy")).not_to_have_count(0)
    eye.look(page, "coverage")
    eye.look_narrower(page, "coverage")


@pytest.mark.shows("S12.2")
def test_coverage_is_asked_without_script(open_browser: Open, eye: Eye) -> None:
    page = open_browser(VERA, script=False)
    page.goto("/coverage/")
    page.select_option("#id_of", f"{PRODUCT}/{VERSION}")
    press(page)
    expect(page.locator("#plans .verdict-mark.good")).not_to_have_count(0)
    eye.glance(page, "coverage")


def add(page: Page, pair: Pair) -> None:
    page.goto("/contracts/new/")
    page.fill("#id_access_id", pair.access_id)
    page.fill("#id_contract_id", pair.contract_id)
    press(page)


def use_one(house: House, contract: str) -> str:
    """Open a case on the contract; its number."""
    wanted = {
        "product": PRODUCT,
        "version": VERSION,
        "title": "The disk is full",
        "description": "Since this morning.",
        "contract": contract,
        "severity": "B",
        "round_the_clock": False,
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "primary_contact": {
            "given_name": "Vera",
            "family_name": "Vance",
            "email": VERA,
            "preferred_contact": "email",
            "language": house.look.language,
        },
        "additional_contacts": [],
    }
    receipt = house.program(VERA).call("POST", "/cases", wanted, **{"Idempotency-Key": "one"})
    return str(receipt["number"])
