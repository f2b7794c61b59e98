"""The workflow without a pointer: Tab, Enter, Space and arrows; one always sees where one is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import PASSWORD
from tests.journeys.look import Eye
from tests.journeys.pages import Confirmation, Workflow

MOST_TABS = 80
IS_SEEN = """
() => {
  const has = document.activeElement;
  return [has, has.nextElementSibling, has.closest("label"), has.closest("li")].some((one) => {
    if (!one) return false;
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
}
"""


@dataclass
class Keyboard:
    page: Page

    def to(self, selector: str) -> None:
        """Tab on until the focus is at `selector`; each stop on the way is seen."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            where = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            assert self.page.evaluate(IS_SEEN), f"the focus is not seen at {where}"
            if self.page.evaluate("(what) => document.activeElement.matches(what)", selector):
                return
        raise AssertionError(f"no way to {selector} by Tab")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def go_on(self) -> None:
        self.to(".step.open button.primary")
        self.press("Enter")


@pytest.mark.shows("S6.1")
def test_a_request_is_submitted_by_keyboard_alone(open_browser: Open, eye: Eye) -> None:
    page = open_browser()
    keys = Keyboard(page)
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    keys.to("input[name=login]")
    keys.type("kate@example.com")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.locator(".stats")).to_be_visible()
    keys.to("main a[href='/requests/new/']")
    keys.press("Enter")

    flow = Workflow(page)
    in_step(flow, "problem")
    keys.go_on()
    flow.expect_error_at("id_product", "id_title", "id_description")
    keys.to(".error-summary a[href='#id_product']")
    keys.press("Enter")
    expect(page.locator("#id_product")).to_be_focused()
    keys.type("windows server")
    keys.press("Enter")
    expect(page.locator("#id_version option").nth(1)).to_be_attached()
    keys.to("#id_version")
    keys.type("Windows Server 2025")
    expect(page.locator("#id_version")).to_have_value("windows-server-2025")
    keys.to("#id_title")
    keys.type("By keyboard")
    keys.to("#id_description")
    keys.type("Not a single click.")
    eye.look(page, "step-1")
    keys.go_on()

    in_step(flow, "support")
    keys.to("input[name=contract]")
    keys.to("input[name=severity]")
    keys.press("ArrowUp")
    expect(page.locator("input[name=severity][value=A]")).to_be_checked()
    keys.to("#id_round_the_clock")
    keys.press("Space")
    keys.go_on()
    in_step(flow, "primary_contact")
    keys.go_on()
    flow.expect_error_at("id_primary_contact_phone")
    keys.to(".error-summary a")
    keys.press("Enter")
    expect(page.locator("#id_primary_contact_phone")).to_be_focused()
    keys.type("+420 601 123 456")
    keys.press("Enter")  # in a field it goes on
    for step in ("sharing", "verify"):
        in_step(flow, step)
        keys.go_on()
    in_step(flow, "submit")
    keys.to("button[value=submit]")
    keys.press("Enter")
    page.wait_for_url(re.compile("/submitted/"))
    assert re.fullmatch(r"\d{16}", Confirmation(page).number)


def in_step(flow: Workflow, step: str) -> None:
    """The step is open and its heading has the focus."""
    flow.expect_open(step)
    flow.page.wait_for_function(
        "step => document.activeElement.matches(`#${step} h2`)", arg=step
    )  # not to_be_focused: the browser's own window may not be the active one
