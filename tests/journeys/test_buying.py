"""Buying inside a request: by card, with the bank's question, with a card that is kept, through
silence, and by transfer. The card is typed in the processor's own frame; the processor is the
stand-in for Stripe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from opora.cli.demo.card_processor.processor import Processor
from tests.billing.processor import environment, running
from tests.journeys.conftest import Open, unopened
from tests.journeys.house import PASSWORD, House
from tests.journeys.look import Eye
from tests.journeys.pages import PRODUCT, VERSION, Home, Workflow

GOOD, DECLINED, ASKS = "4242424242424242", "4000000000009995", "4000000000003220"
BUYERS = [
    ("alice@example.com", "Alice", "Ames"),
    ("nora@example.com", "Nora", "Novak"),
    ("frank@example.com", "Frank", "Ford"),
    ("kate@example.com", "Kate", "Kent"),
]


@pytest.fixture(scope="module")
def processor() -> Iterator[Processor]:
    with running() as made:
        yield made


@pytest.fixture(scope="module")
def house(processor: Processor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A vendor that sells by card and by transfer."""
    with unopened(tmp_path_factory) as made:
        made.installation.settings |= environment(processor)
        made.do(*(made.person(*one, "personal") for one in BUYERS), given=PASSWORD)
        made.open()
        processor.notices.to = f"{made.url}/payments/stripe/notices/"
        yield made


@dataclass
class Payment:
    """The page of a purchase."""

    page: Page

    @property
    def number(self) -> Locator:
        """The field of the processor's frame."""
        return self.page.frame_locator("#card-element iframe").locator("#number")

    def type_card(self, number: str) -> None:
        frame = self.page.frame_locator("#card-element iframe")
        frame.locator("#number").fill(number)
        frame.locator("#expiry").fill("12 / 30")
        frame.locator("#cvc").fill("123")

    def pay(self) -> None:
        """By the keyboard: a click right after scrolling past a frame of another origin may be
        delivered to where the frame was before."""
        self.page.locator("#pay").press("Enter")

    def bank_says(self, *, yes: bool) -> None:
        frame = self.page.frame_locator("dialog iframe")
        frame.locator("#approve:enabled" if yes else "#fail:enabled").press("Enter")

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
    at_step_two(page, title).open_adding()
    page.locator(f"button[value='buy:{plan}']").click()
    page.wait_for_url("**/purchases/*/")
    return Payment(page)


@pytest.mark.shows("S7.4", "S7.5", "S5.3", "P1")
def test_support_is_bought_by_card_and_the_request_goes_on(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    page = open_browser("alice@example.com")
    form = at_step_two(page, "Backups stop")
    expect(page.locator(".offer")).to_have_count(2)
    eye.look(page, "offers")
    page.locator("button[value='buy:ppi-1']").click()
    page.wait_for_url("**/purchases/*/")
    payment = Payment(page)
    expect(payment.number).to_be_visible()
    eye.look(page, "paying")

    payment.pay()
    expect(page.locator("#card-error")).to_be_visible()
    payment.type_card(DECLINED)
    payment.pay()
    expect(page.locator(".notice.danger")).to_be_visible()
    expect(payment.number).to_be_visible()
    eye.look(page, "declined")

    payment.type_card(GOOD)
    page.check("#id_keep_card")
    payment.pay()
    payment.expect_back()
    eye.look(page, "bought")
    form.through("support", "primary_contact", "sharing", "verify")
    form.submit()
    [row] = [one for one in processor.ledger() if one["captured"]]
    assert (row["charges"], row["captured"], row["currency"]) == (1, 1_240_000, "CZK")
    assert "12" in (house.mail_to("alice@example.com")["Subject"] or "")

    payment = buying(page, "Backups stop again", "ppi-5")
    expect(page.locator("input[name=method]:checked")).to_have_value(re.compile("card:"))
    eye.look(page, "kept-card")
    payment.pay()
    payment.expect_back()


@pytest.mark.shows("S7.4", "F-10")
def test_the_bank_asks_says_no_and_then_yes(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    page = open_browser("nora@example.com")
    payment = buying(page, "Printing stops")
    payment.type_card(ASKS)
    payment.pay()
    payment.bank_says(yes=False)
    expect(page.locator(".notice.danger")).to_be_visible()
    payment.type_card(ASKS)
    payment.pay()
    expect(page.frame_locator("dialog iframe").locator("#approve:enabled")).to_be_visible()
    eye.look(page, "bank")
    payment.bank_says(yes=True)
    payment.expect_back()
    # The tab was closed while the bank asked: the notice alone brings the incident.
    other = open_browser("nora@example.com")
    payment = buying(other, "Printing stops again")
    payment.type_card(ASKS)
    payment.pay()
    expect(other.frame_locator("dialog iframe").locator("#approve:enabled")).to_be_visible()
    address = other.url
    other.close()
    intent = processor.ledger()[-1]["intent"]
    processor.answer_challenge(intent, approved=True)
    page.goto(address)
    expect(page.locator(".notice.good")).to_be_visible()


@pytest.mark.shows("F-08", "F-09", "PA-02")
def test_silence_says_not_to_pay_again_and_ends_by_itself(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    page = open_browser("frank@example.com")
    payment = buying(page, "Logs are empty")
    payment.type_card(GOOD)
    processor.tell("never")
    processor.fail("act_then_drop", at="/confirm", times=6)
    payment.pay()
    expect(page.locator("#waiting")).to_be_visible()
    eye.look(page, "waiting")
    processor.tell("prompt")
    processor.faults.clear()
    page.locator("main button.primary").click()
    payment.expect_back()
    [row] = [one for one in processor.ledger() if one["captured"]][-1:]
    assert row["charges"] == 1

    payment = buying(page, "Logs are empty again")
    payment.type_card(GOOD)
    processor.fail("drop", at="POST /v1/payment_intents", times=6)
    payment.pay()
    expect(page.locator(".error-summary")).to_be_visible()
    eye.look(page, "down")
    processor.faults.clear()


@pytest.mark.shows("S7.1")
def test_a_transfer_waits_for_the_vendor_and_can_be_given_up(
    house: House, open_browser: Open, eye: Eye
) -> None:
    page = open_browser("kate@example.com", script=False)
    form = Home(page).start_request()
    page.select_option("#id_product", PRODUCT)
    page.locator("noscript button, button[value=save]").first.click()
    page.select_option("#id_version", VERSION)
    page.fill("#id_title", "Without script")
    page.fill("#id_description", "Each night.")
    form.next()
    form.expect_open("support")
    page.locator("button[value='buy:ppi-1']").click()
    page.check("input[name=method][value=outside]")
    page.locator("#pay").click()
    expect(page.locator(".notice.info")).to_be_visible()
    eye.glance(page, "transfer")
    assert house.mail_to("kate@example.com")["Subject"]
    page.locator("button[value='give-up']").click()
    page.wait_for_url(re.compile(r"/requests/new/\w+/"))
