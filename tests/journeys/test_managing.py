"""Two people on one request: what is new, what comes by itself, what was found, what follows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import House, Program
from tests.journeys.look import Eye
from tests.journeys.pages import PRODUCT, VERSION, CasePage, Home, Sharing, press

MIA = "mia@example.com"
LEO = "leo@example.com"


@pytest.mark.shows("S8.2", "S6.6", "P15")
def test_two_people_follow_one_request_and_go_on_after_it(
    house: House, open_browser: Open, eye: Eye
) -> None:
    mia = house.program(MIA)
    number = opened(mia, title="The report is empty", description="Since the update of Sunday.")
    page = open_browser(LEO)
    home = Home(page)
    expect(page.locator(".request.unread")).to_have_count(1)
    expect(page.locator(".tabs .count")).to_have_text("1")
    eye.look(page, "new")

    case = CasePage(page)
    with page.expect_response(re.compile("/reading/$")) as marked:
        case.open(number)
    assert marked.value.status == 204
    mia.call("POST", f"/cases/{number}/messages", {"body": "The cartridge log is attached."})
    expect(page.locator(".news-bar")).to_contain_text("Mia Moss")
    expect(case.messages.last).to_have_text("The cartridge log is attached.")
    eye.look(page, "news")
    page.locator("[data-hides-news]").click()
    expect(page.locator(".news-bar")).to_be_hidden()

    home.open()
    expect(page.locator(".request.unread")).to_have_count(0)
    page.fill("#id_q", "cartridges")
    page.press("#id_q", "Enter")
    expect(page.locator(".excerpt mark")).to_have_text("cartridge")
    eye.look(page, "found")

    page.goto(f"/requests/{number}/closing/")
    page.check("input[name=outcome][value=solved]")
    press(page)
    page.locator("a[href$='/rating/']").click()
    page.check("input[name=score][value='5']")
    eye.look(page, "rating")
    press(page)
    expect(page.locator(".rated a")).to_be_visible()
    eye.look(page, "closed")
    page.goto(f"/requests/{number}/printable/")
    eye.look(page, "printable")

    follow_up(page, case, number)
    eye.look(page, "follow-up")


@pytest.mark.shows("S6.6", "AC-11")
def test_somebody_worked_with_is_chosen_from_the_list(
    house: House, open_browser: Open, eye: Eye
) -> None:
    mia = house.program(MIA)
    opened(mia, title="Shared once", description="With Leo.")
    number = opened(mia, title="To be shared", description="Not yet.", others=[])
    page = open_browser(MIA)
    sharing = Sharing(page).open(number)
    page.fill("input[name=email]", LEO)
    page.locator("input[name=email]").blur()
    expect(page.locator("input[name=given_name]")).to_have_value("Leo")
    expect(page.locator("input[name=family_name]")).to_have_value("Lang")
    press(page)
    expect(sharing.people.filter(has_text=LEO)).to_have_count(1)
    eye.look(page, "shared")
    fewer_mails(page, eye)


def fewer_mails(page: Page, eye: Eye) -> None:
    """What others share may come without a mail each; what one leads may not."""
    page.locator(".me summary").click()
    page.locator(".me a[href='/settings/']").click()
    page.locator("nav a[href='/settings/mails/']").click()
    box = page.locator("input[name=topic][value='shared.messages']")
    expect(box).to_be_checked()
    expect(page.locator(".mail-fixed").first).to_be_visible()
    box.uncheck()
    press(page)
    expect(page.locator(".notice.good")).to_be_visible()
    expect(box).not_to_be_checked()
    eye.look(page, "mails")


def opened(program: Program, *, others: list[Any] | None = None, **texts: str) -> str:
    """The number of a request that Mia opens by program, with Leo as additional contact."""
    [contract] = program.call("GET", "/contracts")["items"]
    leo = {"given_name": "Leo", "family_name": "Lang", "email": LEO}
    wanted = {
        "product": PRODUCT,
        "version": VERSION,
        "contract": contract["id"],
        "severity": "B",
        "round_the_clock": False,
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "primary_contact": {
            "given_name": "Mia",
            "family_name": "Moss",
            "email": MIA,
            "preferred_contact": "email",
            "language": "en",
        },
        "additional_contacts": [leo] if others is None else others,
        **texts,
    }
    key = {"Idempotency-Key": texts["title"].replace(" ", "-")}
    return str(program.call("POST", "/cases", wanted, **key)["number"])


def follow_up(page: Page, case: CasePage, number: str) -> None:
    case.open(number)
    page.locator("form[action$='/follow-up/'] button").click()
    page.wait_for_url(re.compile("/requests/new/"))
    expect(page.locator(".goes-on a")).to_have_text(number)
    expect(page.locator("#id_title")).to_have_value("The report is empty")
