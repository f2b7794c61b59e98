"""Each way to pay inside a request: a card, a card that is kept, a card whose bank asks, a
transfer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from opora.cli.demo.card_processor.processor import Processor
from tests.journeys.buying.paying import ASKS, BROKE, GOOD, Payment, at_step_two, buying, charges
from tests.journeys.conftest import Open
from tests.journeys.desk_pages import SecondFactor
from tests.journeys.house import PASSWORD, House
from tests.journeys.look import Eye
from tests.journeys.pages import PRODUCT, VERSION, Home, SignIn, press


@pytest.mark.shows("S7.4", "S7.5", "S5.3", "P1")
def test_support_is_bought_by_card_and_the_request_goes_on(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    before = len(processor.ledger())
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
    payment.pay_with(BROKE)
    expect(payment.declined).to_be_visible()
    expect(payment.number).to_be_visible()
    eye.look(page, "declined")

    payment.type_card(GOOD)
    page.check("#id_keep_card")
    payment.pay()
    payment.expect_back()
    eye.look(page, "bought")
    form.through("support", "primary_contact", "sharing", "verify")
    form.submit()
    assert charges(processor, before) == [(1, 1_240_000, "CZK")]
    assert "12" in (house.mail_to("alice@example.com")["Subject"] or "")

    payment = buying(page, "Backups stop again", "ppi-5")
    expect(page.locator("input[name=method]:checked")).to_have_value(re.compile("card:"))
    eye.look(page, "kept-card")
    payment.pay()
    payment.expect_back()
    assert len(charges(processor, before)) == 2


@pytest.mark.shows("S7.4", "F-10")
def test_the_bank_asks_and_hears_yes_here_or_elsewhere(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    page = open_browser("nora@example.com")
    payment = buying(page, "Printing stops")
    payment.pay_with(ASKS)
    payment.expect_asked_by_bank()
    eye.look(page, "bank")
    payment.bank_says(yes=True)
    payment.expect_back()
    # The tab was closed while the bank asked: the notice alone brings the incident.
    other = open_browser("nora@example.com")
    payment = buying(other, "Printing stops again")
    payment.pay_with(ASKS)
    payment.expect_asked_by_bank()
    address = other.url
    other.close()
    intent = processor.ledger()[-1]["intent"]
    processor.answer_challenge(intent, approved=True)
    page.goto(address)
    expect(page.locator(".notice.good")).to_be_visible()


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


@pytest.mark.shows("S7.1", "S7.4")
def test_a_transfer_that_arrived_brings_the_incident_into_the_request(
    house: House, open_browser: Open, eye: Eye
) -> None:
    page = open_browser("mia@example.com")
    payment = buying(page, "Mail waits")
    expect(page.locator(".agreement.at-once")).to_be_visible()
    page.check("input[name=method][value=outside]")
    expect(page.locator(".at-once:visible")).to_have_count(0)
    eye.look(page, "paying-by-transfer")
    payment.pay()
    expect(page.locator(".notice.info")).to_be_visible()
    eye.look(page, "transfer")
    desk = open_browser()
    SignIn(desk).open().type("eve@opora.example", PASSWORD)
    SecondFactor().set_up(desk)
    desk.wait_for_url(re.compile("/(desk|accounts)/"))
    desk.goto("/desk/orders/?q=mia@example.com")
    desk.locator(".order-title").click()
    desk.locator("a[href$='/confirmation/']").click()
    eye.look(desk, "has-it-come")
    press(desk)
    expect(desk.locator(".order-papers li")).to_have_count(1)
    assert "R20" in (house.mail_to("mia@example.com", 1)["Subject"] or "")
    page.locator("main a.primary").click()
    payment.expect_back()
