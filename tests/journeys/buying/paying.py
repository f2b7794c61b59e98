"""The screens of buying: step 2 with its offers, and the page of a purchase. The card is typed in
the processor's own frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from opora.cli.demo.card_processor.processor import Processor
from tests.journeys.pages import Home, Workflow

GOOD, BROKE, ASKS = "4242424242424242", "4000000000009995", "4000000000003220"


@dataclass
class Payment:
    """The page of a purchase."""

    page: Page

    @property
    def number(self) -> Locator:
        """The field of the processor's frame."""
        return self.page.frame_locator("#card-element iframe").locator("#number")

    @property
    def declined(self) -> Locator:
        """Why nothing was charged, and what to do."""
        return self.page.locator(".notice.danger")

    @property
    def total(self) -> Locator:
        return self.page.locator(".order-total strong")

    @property
    def bank(self) -> Locator:
        """What the customer's bank shows, in the processor's dialog."""
        return self.page.locator("dialog")

    def type_card(self, number: str) -> None:
        """Once the page has the focus where it wants it: it would take it from what is typed."""
        self.page.wait_for_load_state("load")
        frame = self.page.frame_locator("#card-element iframe")
        expect(frame.locator("html[data-met]")).to_be_attached()
        frame.locator("#number").fill(number)
        frame.locator("#expiry").fill("12 / 30")
        frame.locator("#cvc").fill("123")

    def pay(self) -> None:
        """By the keyboard: a click right after scrolling past a frame of another origin may be
        delivered to where the frame was before."""
        self.page.locator("#pay").press("Enter")

    def pay_with(self, number: str) -> None:
        self.type_card(number)
        self.pay()

    def expect_asked_by_bank(self) -> None:
        frame = self.page.frame_locator("dialog iframe")
        expect(frame.locator("#approve:enabled")).to_be_visible()

    def bank_says(self, *, yes: bool) -> None:
        frame = self.page.frame_locator("dialog iframe")
        frame.locator("#approve:enabled" if yes else "#fail:enabled").press("Enter")

    def press(self, deed: str) -> None:
        self.page.locator(f"main button[name=do][value={deed}]").click()

    def expect_back(self) -> None:
        """In step 2 again, with what was bought there and selected."""
        self.page.wait_for_url(re.compile(r"/requests/new/\w+/\?step=support"))
        expect(self.page.locator("input[name=contract]:checked")).to_have_count(1)


def at_step_two(page: Page, title: str) -> Workflow:
    form = Home(page).open().start_request()
    form.choose_product("windows server")
    form.describe(title=title, description="Since Sunday, each night.")
    form.next()
    form.expect_open("support")
    return form


def buying(page: Page, title: str, plan: str = "ppi-1") -> Payment:
    """From a new request to the page that asks for the money."""
    at_step_two(page, title).open_adding()
    page.locator(f"button[value='buy:{plan}']").click()
    page.wait_for_url("**/purchases/*/")
    return Payment(page)


def charges(processor: Processor, since: int) -> list[tuple[Any, ...]]:
    """(charges, money, currency) of each payment that was captured after the first `since` ones in
    the processor's books."""
    return [
        (one["charges"], one["captured"], one["currency"])
        for one in processor.ledger()[since:]
        if one["captured"]
    ]
