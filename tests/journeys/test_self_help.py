"""Solved without a request: an article, a diagnosis carried over, a draft that was not needed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.databases import PACKAGE
from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.journeys.look import Eye
from tests.journeys.pages import Home, Workflow

HANA = "hana@example.com"
DEMO = PACKAGE / "knowledge" / "data" / "demo"
ASKED = {"cs": "zaloha databaze selhala", "en": "database backup fails"}
SAID = re.compile(r"\n– .+\n– ")
TITLE = {"cs": "Tiskárny netisknou, fronta stojí", "en": "Printers do not print, queue stops"}


@pytest.fixture(scope="module")
def articles(house: House) -> None:
    house.do(
        *(["articles", "load", str(DEMO / f"{name}.json")] for name in ("articles", "diagnoses"))
    )


@pytest.mark.shows("S1.1", "S6.1", "P10")
def test_help_is_found_without_signing_in_and_carried_into_a_request_that_is_not_needed(
    house: House, articles: None, open_browser: Open, eye: Eye
) -> None:
    reads_an_article(open_browser(), house, eye)
    page = open_browser(HANA)
    walks_a_diagnosis(page, eye)
    with page.expect_response(re.compile(r"/fields/$")):
        page.fill("#id_title", TITLE[house.look.language])
    hit = page.locator("#suggestions .hit a[href*='/print-spooler-stops/']")
    expect(hit).to_be_visible()
    eye.look(page, "suggested")
    hit.click()
    eye.look(page, "article-for-a-draft")
    page.locator(".way-back a").click()
    expect(page.locator("#id_description")).to_have_value(SAID)  # saved with the title
    page.go_back()
    page.locator("form.solved button").click()
    page.wait_for_url(re.compile("/solved/$"))
    eye.look(page, "solved")
    expect(Home(page).open().drafts).to_have_count(0)


def reads_an_article(page: Page, house: House, eye: Eye) -> None:
    """Signed out: words without accents, the article, what is said of it."""
    page.goto("/help/")
    eye.look(page, "help")
    page.fill("#id_q", ASKED[house.look.language])
    page.keyboard.press("Enter")
    page.locator(".hits .hit a").first.click()
    expect(page).to_have_url(re.compile("/help/articles/sql-server-backup-fails/"))
    page.locator("button[name=helped][value=yes]").click()
    expect(page.locator(".helped-thanks")).to_be_visible()
    eye.look(page, "article")


def walks_a_diagnosis(page: Page, eye: Eye) -> None:
    """Two answers, one of them "I do not know", and out to the form."""
    page.goto("/help/diagnoses/windows-server-does-not-work/")
    page.locator("button[value=slow]").click()
    page.locator("button[value=unknown]").click()
    expect(page.locator(".said > div")).to_have_count(2)
    eye.look(page, "diagnosis")
    page.locator(".guide-ways a.button").click()
    Workflow(page).expect_open("problem")
    expect(page.locator("#id_description")).to_have_value(SAID)
    expect(page.locator("input#id_product")).to_be_visible()  # script is there, and listens
