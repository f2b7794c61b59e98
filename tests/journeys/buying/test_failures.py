"""Everything that can go wrong while paying: each has one end, one sentence, and at most one
charge."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from opora.cli.demo.card_processor.processor import Processor
from tests.contracts.shipped import document
from tests.journeys.buying.paying import ASKS, BROKE, GOOD, Payment, buying, charges
from tests.journeys.conftest import Open
from tests.journeys.house import House
from tests.journeys.look import Eye
from tests.journeys.pages import Workflow, press

# Declined, expired, wrong code, could not be processed.
REFUSED = ["4000000000000002", "4000000000000069", "4000000000000127", "4000000000000119"]


@pytest.mark.shows("PA-02")
def test_each_refusal_says_what_it_was_and_another_card_pays(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    before = len(processor.ledger())
    payment = buying(open_browser("stella@example.com"), "Disks are slow")
    said: list[str] = []
    for number in REFUSED:
        payment.type_card(number)
        with payment.page.expect_event("domcontentloaded"):  # the next page
            payment.pay()
        said.append(payment.declined.inner_text())
    assert len(set(said)) == len(REFUSED), said
    payment.pay_with(GOOD)
    payment.expect_back()
    assert [times for times, *_money in charges(processor, before)] == [1]
    assert len(processor.ledger()) == before + 1


@pytest.mark.shows("S7.4", "PA-02")
def test_whoever_leaves_the_banks_question_can_answer_it_again_or_pay_another_way(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    before = len(processor.ledger())
    page = open_browser("nora@example.com")
    payment = buying(page, "Jobs hang")
    payment.pay_with(ASKS)
    payment.bank_says(yes=False)
    expect(payment.declined).to_be_visible()
    payment.pay_with(ASKS)
    payment.expect_asked_by_bank()
    payment.bank.locator("button").press("Enter")  # closed
    expect(payment.declined).to_be_visible()
    payment.pay_with(ASKS)
    payment.expect_asked_by_bank()
    page.goto(page.url)  # left, and come back
    expect(payment.bank).to_have_count(0)
    eye.look(page, "left-the-bank")
    payment.press("check")
    payment.expect_asked_by_bank()
    left = page.url
    page.goto(left)
    payment.press("another-way")
    page.wait_for_url(lambda url: url != left)
    payment.pay_with(GOOD)
    payment.expect_back()
    assert [times for times, *_money in charges(processor, before)] == [1]


@pytest.mark.shows("PA-02")
def test_two_clicks_and_two_tabs_pay_once(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    before = len(processor.ledger())
    page = open_browser("sam@example.com")
    payment = buying(page, "Tasks are gone")
    other = page.context.new_page()
    other.goto(page.url)
    second = Payment(other)
    second.type_card(GOOD)
    payment.type_card(GOOD)
    processor.fail("slow", at="/confirm", times=1, seconds=1)
    page.bring_to_front()
    page.locator("#pay").evaluate("(pay) => { pay.click(); pay.click(); }")
    payment.expect_back()
    second.pay()
    expect(other.locator(".notice.good")).to_be_visible()
    eye.look(other, "paid-in-another-tab")
    assert [times for times, *_money in charges(processor, before)] == [1]


@pytest.mark.shows("S7.4", "F-10")
def test_a_tab_that_is_closed_while_the_card_is_charged_loses_nothing(
    house: House, open_browser: Open, processor: Processor
) -> None:
    before = len(processor.ledger())
    page = open_browser("sam@example.com")
    other = page.context.new_page()
    payment = buying(other, "Shares are gone")
    payment.type_card(GOOD)
    processor.fail("slow", at="/confirm", times=1, seconds=2)
    with other.expect_request(
        lambda request: request.method == "POST" and "purchases" in request.url
    ):
        payment.pay()
    other.close()
    page.goto("/")
    page.locator(".drafts a", has_text="Shares are gone").click()
    page.locator(
        ".notice.info a[href*='/purchases/'], input[name=contract]:checked"
    ).first.wait_for()
    assert house.mail_to("sam@example.com", 1)["Subject"]
    page.reload()
    expect(page.locator("input[name=contract]:checked")).to_have_count(1)
    assert [times for times, *_money in charges(processor, before)] == [1]


@pytest.mark.shows("PA-05", "S7.5")
def test_a_price_or_a_country_that_changed_is_seen_before_anything_is_charged(
    house: House, open_browser: Open, eye: Eye, processor: Processor, tmp_path: Path
) -> None:
    before = len(processor.ledger())
    page = open_browser("ivan@example.com")
    payment = buying(page, "Updates fail", "ppi-5")
    old = payment.total.inner_text()
    house.do(["plans", "load", str(dearer(tmp_path / "plans.json", by=100_000))])
    payment.pay_with(GOOD)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(payment.total).not_to_have_text(old)
    eye.look(page, "dearer")
    new = payment.total.inner_text()
    payment.pay_with(BROKE)  # what is shown now is asked for, and declined
    expect(payment.declined).to_be_visible()
    live_in(page, "DE")
    declined = page.url
    payment.pay_with(GOOD)
    page.wait_for_url(lambda url: url != declined)
    expect(page.locator("main [role=status]")).to_be_visible()
    assert payment.total.inner_text() not in (old, new)
    eye.look(page, "another-country")
    payment.pay_with(GOOD)
    payment.expect_back()
    assert charges(processor, before) == [(1, 199_600, "EUR")]


def dearer(file: Path, *, by: int) -> Path:
    """The plans that ship, with a pack that costs more: in minor units."""
    plans: Any = deepcopy(document())
    for plan in plans["plans"]:
        if plan["code"] == "ppi-5":
            plan["price"]["amount"] += by
    file.write_text(json.dumps(plans), encoding="utf-8")
    return file


def live_in(page: Page, country: str) -> None:
    """Another country in the profile, set in another tab."""
    other = page.context.new_page()
    other.goto("/settings/profile/")
    other.select_option("#id_country", country)
    press(other)
    other.close()


@pytest.mark.shows("F-09")
def test_while_the_processor_is_down_a_contract_still_opens_the_request(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    [pair] = house.contracts("partner-on-premises-20")
    before = len(processor.ledger())
    page = open_browser("leo@example.com")
    payment = buying(page, "Nothing is printed")
    payment.type_card(GOOD)
    processor.fail("drop", at="POST /v1/payment_intents", times=1000)
    payment.pay()
    expect(page.locator(".error-summary")).to_be_visible()
    eye.look(page, "down")
    page.locator("main .buttons a.quiet").click()
    form = Workflow(page)
    form.expect_open("support")
    form.add_contract(pair.access_id, pair.contract_id)
    form.through("support", "primary_contact", "sharing", "verify")
    form.submit()
    processor.faults.clear()
    assert charges(processor, before) == []


@pytest.mark.shows("F-08", "PA-02")
def test_silence_says_not_to_pay_again_and_ends_by_itself(
    house: House, open_browser: Open, eye: Eye, processor: Processor
) -> None:
    before = len(processor.ledger())
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
    assert [times for times, *_money in charges(processor, before)] == [1]
