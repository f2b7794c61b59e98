"""Two administrators and the money: found, narrowed, refunded by one, by two, exported."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.billing.processor import environment, running
from tests.journeys.conftest import Open, unopened
from tests.journeys.desk_pages import SecondFactor
from tests.journeys.house import PASSWORD, House
from tests.journeys.look import Eye
from tests.journeys.pages import SignIn

SOLD = Path(__file__).with_name("sold.py")
ALICE = "alice@example.com"
EVE, ADAM = "eve@opora.example", "adam@opora.example"
# One incident is below it, a pack of five above.
LIMITS = "CZK 20000"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A vendor that sells by card, with two administrators."""
    with running() as processor, unopened(tmp_path_factory) as made:
        made.installation.settings |= environment(processor, "stripe")
        made.installation.settings["OPORA_REFUND_LIMITS"] = LIMITS
        made.do(
            made.person(ALICE, "Alice", "Ames", "personal"),
            made.person(EVE, "Eve", "Emler", "administrator"),
            made.person(ADAM, "Adam", "Ash", "administrator"),
            given=PASSWORD,
        )
        made.open()
        yield made


def sold(house: House, *wanted: tuple[str, str]) -> list[str]:
    """Numbers of purchases of Alice's: (plan, test card)."""
    done = subprocess.run(
        [sys.executable, SOLD],
        env=house.installation.env,
        input=json.dumps([[ALICE, plan, card] for plan, card in wanted]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def at_the_desk(open_browser: Open, email: str) -> Page:
    page = open_browser()
    SignIn(page).open().type(email, PASSWORD)
    SecondFactor().set_up(page)
    page.wait_for_url(re.compile("/(desk|accounts)/"))
    page.goto("/desk/orders/")
    return page


def refund_whole(page: Page) -> None:
    """From a purchase's page to the button that says what it does."""
    page.locator(".order-deed .button").click()
    page.check("[value=withdrawn_by_customer]")
    page.locator("main button.primary").click()
    expect(page.locator("main .facts")).to_be_visible()


@pytest.mark.shows("PA-07")
def test_two_administrators_look_after_purchases(
    house: House, open_browser: Open, eye: Eye
) -> None:
    one, five, _declined = sold(
        house,
        ("ppi-1", "pm_card_visa"),
        ("ppi-5", "pm_card_mastercard"),
        ("ppi-1", "pm_card_visa_chargeDeclinedInsufficientFunds"),
    )
    page = at_the_desk(open_browser, EVE)
    expect(page.locator(".order-row")).to_have_count(3)
    eye.look(page, "purchases")
    page.locator(".order-filter summary").click()
    page.select_option("#id_state", "captured")
    page.locator(".order-filter button").click()
    expect(page.locator(".order-row")).to_have_count(2)
    eye.look(page, "narrowed")
    with page.expect_download() as table:
        page.locator(".order-export").click()
    rows = table.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [row.split('"')[1] for row in rows[1:]] == [f"#{five}", f"#{one}"]

    # Below the limit: one person, two presses.
    page.fill("#id_q", one)
    page.press("#id_q", "Enter")
    refund_whole(page)
    eye.look(page, "what-it-does")
    page.locator("main button.primary").click()
    expect(page.locator(".notice.good")).to_be_visible()
    expect(page.locator(".order-events .word.good")).to_have_count(1)
    eye.look(page, "refunded")

    # Above it: asked for by one, sent by another.
    page.goto(f"/desk/orders/?q={five}")
    refund_whole(page)
    page.locator("main button.primary").click()
    expect(page.locator("form[action$='/withdrawal/']")).to_have_count(1)
    expect(page.locator("form[action$='/consent/']")).to_have_count(0)
    second = at_the_desk(open_browser, ADAM)
    second.locator(".views a[href$='show=waiting']").click()
    second.locator(".order-title").click()
    eye.look(second, "to-consent")
    second.locator("form[action$='/consent/'] button").click()
    expect(second.locator(".order-events .word.good")).to_have_count(1)
    expect(second.locator(".order-papers li")).to_have_count(2)
