"""Step 1 asks what helps, nothing typed is lost on the way, and whoever is stuck finds help."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.databases import PACKAGE
from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.journeys.look import Eye
from tests.journeys.pages import VERSION, Home, Workflow

QUINN = "quinn@example.com"
DATA = PACKAGE / "catalog" / "data" / "demo"


@pytest.fixture(scope="module")
def _told(house: House) -> None:
    """Questions, portals and channels are data of the vendor; here it takes those of the demo."""
    house.do(
        ["catalog", "load", str(DATA / "services.json")],
        ["channels", "load", str(DATA / "channels.json")],
    )


@pytest.mark.usefixtures("_told")
@pytest.mark.shows("S6.1", "S6.8", "S16.2", "S3.1", "P3", "P7", "P8", "P11")
def test_what_is_asked_follows_the_problem_and_a_changed_version_says_what_it_means(
    open_browser: Open, eye: Eye
) -> None:
    page = open_browser(QUINN)
    flow = Home(page).start_request()
    find_by_another_name(page)
    flow.choose_product("windows server")
    flow.describe(title="It crashes at night", description="Since Sunday.")
    stop_code = page.locator("#id_details_stop-code")
    expect(stop_code).to_be_hidden()
    more_than_a_form_takes(page, flow, eye)
    page.select_option("#id_problem", "blue-screen")
    stop_code.fill("0x0000009F")
    page.select_option("#id_problem", "printing")
    expect(stop_code).to_have_value("0x0000009F")  # what was answered stays in sight
    expect(page.locator("#id_details_error-message")).to_be_visible()
    eye.look(page, "questions")
    eye.look_narrower(page, "questions")
    elsewhere_and_back(page, flow)
    flow.next()
    flow.expect_open("support")
    expect(flow.due).to_contain_text(re.compile(r"\b4\b.*(Prague|Praha)"))
    flow.through("support", "primary_contact", "sharing")
    flow.expect_open("verify")
    expect(page.locator(".answers").first).to_contain_text("0x0000009F")
    flow.change("problem")
    versions = page.locator("#id_version option")
    ended = versions.last.inner_text()
    page.select_option("#id_version", label=ended)
    flow.next()
    flow.expect_open("support")
    expect(page.locator("#support .check-again p").nth(1)).to_contain_text(ended)
    eye.look(page, "changed")


def more_than_a_form_takes(page: Page, flow: Workflow, eye: Eye) -> None:
    """Three megabytes of log in the description: the field says so, and nothing is sent."""
    error = page.locator("#id_description-error")
    put = (
        "(field, text) => { field.value = text;"
        " field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    page.locator("#id_description").evaluate(put, "a line of the log\n" * 170_000)
    expect(error).to_have_text(re.compile(r"100.000"))
    flow.next()
    expect(page.locator("#id_description")).to_be_focused()
    expect(page.locator("#id_title")).to_have_value("It crashes at night")
    eye.look(page, "too-long")
    page.locator("#id_description").evaluate(put, "Since Sunday.")
    expect(error).to_have_count(0)


def find_by_another_name(page: Page) -> None:
    """The name that the product also goes by stands beside it."""
    field = page.locator("input#id_product")
    field.click()
    field.fill("scvmm")
    expect(page.locator("li[role=option] .combobox-kin")).to_have_text("SCVMM")
    field.press("Escape")


def elsewhere_and_back(page: Page, flow: Workflow) -> None:
    """A product of another portal is chosen by mistake; nothing of what was typed is lost."""
    flow.choose_product("office 365")
    expect(page.locator(".elsewhere")).to_be_visible()
    flow.choose_product("windows server")
    expect(page.locator(".elsewhere")).to_have_count(0)
    page.select_option("#id_version", VERSION)
    expect(page.locator("#id_title")).to_have_value("It crashes at night")
    expect(page.locator("#id_details_stop-code")).to_have_value("0x0000009F")


@pytest.mark.usefixtures("_told")
@pytest.mark.shows("S9.1", "P10")
def test_whoever_cannot_sign_in_finds_a_way(open_browser: Open, eye: Eye) -> None:
    page = open_browser()
    page.goto("/accounts/login/")
    page.locator("a[href='/help/contacts/#signing-in']").click()
    expect(page.locator("#signing-in .channel a[href^='tel:']")).to_be_visible()
    expect(page.locator(".channels .channel")).to_have_count(4)
    eye.look(page, "help")
    eye.look_narrower(page, "help")
