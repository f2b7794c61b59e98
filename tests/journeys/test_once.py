"""A request is submitted once and nothing typed is lost, whatever hand and line do (F-16)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import PASSWORD
from tests.journeys.look import Eye
from tests.journeys.pages import CasePage, Home, SignIn, Top, Workflow

FRANK = "frank@example.com"


def at_the_end(page: Page, title: str) -> Workflow:
    """A request that only has to be submitted."""
    flow = Home(page).open().start_request()
    flow.choose_product("windows server")
    flow.describe(title=title, description="Only once.")
    flow.next()
    flow.through("support", "primary_contact", "sharing", "verify")
    flow.expect_open("submit")
    return flow


@pytest.mark.shows("F-16")
def test_a_double_click_two_tabs_back_and_refresh_submit_once(open_browser: Open) -> None:
    page = open_browser(FRANK)
    flow = at_the_end(page, "Once")
    second, third = page.context.new_page(), page.context.new_page()
    for tab in (second, third):
        tab.goto(page.url)
        Workflow(tab).expect_open("submit")
    flow.submit_button.dblclick()
    page.wait_for_url(re.compile("/submitted/"))
    Workflow(second).submit()
    page.reload()
    expect(page.locator(".submitted-number")).to_be_visible()
    page.go_back()
    page.wait_for_url(re.compile("/submitted/"))
    third.reload()
    third.wait_for_url(re.compile("/submitted/"))
    home = Home(page).open()
    assert home.titles().count("Once") == 1
    expect(home.drafts).to_have_count(0)


@pytest.mark.shows("F-16")
def test_a_draft_survives_sign_out_and_goes_on_elsewhere(open_browser: Open) -> None:
    page = open_browser(FRANK)
    flow = Home(page).start_request()
    flow.choose_product("windows server")
    flow.describe(title="On the train", description="Half of it.")
    flow.wait_until_saved()
    flow.attach("half.log", b"half\n")
    Top(page).sign_out()

    other = open_browser(FRANK)
    Home(other).drafts.filter(has_text="On the train").click()
    other_flow = Workflow(other)
    other_flow.expect_open("problem")
    expect(other.locator("#id_description")).to_have_value("Half of it.")
    expect(other.locator(".file", has_text="half.log")).to_be_visible()
    other.fill("#id_description", "The whole.")
    other_flow.wait_until_saved()

    SignIn(page).open().enter(FRANK, PASSWORD)
    Home(page).drafts.filter(has_text="On the train").click()
    expect(page.locator("#id_description")).to_have_value("The whole.")
    flow.next()
    flow.through("support", "primary_contact", "sharing", "verify")
    done = flow.submit()
    expect(CasePage(page).open(done.number).files).to_have_text(["half.log"])


@pytest.mark.shows("F-16")
def test_a_lost_line_keeps_what_was_typed_and_saves_it_later(open_browser: Open, eye: Eye) -> None:
    page = open_browser(FRANK)
    flow = Home(page).start_request()
    page.fill("#id_title", "Before the tunnel")
    flow.wait_until_saved()
    page.context.set_offline(True)
    page.fill("#id_title", "In the tunnel")
    said = page.locator("[data-saved]")
    not_saved = page.locator("#workflow").get_attribute("data-not-saved") or ""
    expect(said).to_have_text(not_saved)
    eye.look(page, "no-connection")
    with page.expect_response(re.compile(r"/fields/$")) as answered:
        page.context.set_offline(False)
    assert answered.value.ok
    expect(said).not_to_have_text(not_saved)
    page.reload()
    expect(page.locator("#id_title")).to_have_value("In the tunnel")
