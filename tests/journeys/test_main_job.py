"""Register a contract, open a support request on it, see it answered: in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.desk_pages import DeskCase, Queue, SecondFactor
from tests.journeys.house import PASSWORD, House, text_of
from tests.journeys.look import Eye
from tests.journeys.pages import CasePage, Home, SignIn, Top

ALICE = "alice@example.com"
DANA = "dana@opora.example"
TITLE = "Backups stop with error 3041"


@pytest.mark.shows("S2.3", "S6.1", "S6.2", "S6.9", "S8.2", "S15.1", "S15.4", "S16.2", "XS-07")
def test_a_request_is_opened_answered_and_closed(
    house: House, open_browser: Open, eye: Eye
) -> None:
    app = SecondFactor()
    desk = open_browser()
    SignIn(desk).open().type(DANA, PASSWORD)
    desk.wait_for_url(re.compile("/second-factor/set-up/"))
    eye.look(desk, "second-factor-set-up")
    app.set_up(desk)
    expect(Top(desk).kind).to_be_visible()

    page = open_browser()
    SignIn(page).open()
    eye.look(page, "sign-in")
    SignIn(page).enter(ALICE, PASSWORD)
    eye.look(page, "home-empty")
    number = submitted(page, house, eye)

    mail = house.mail_to(ALICE)
    assert mail["X-Opora-Case"] == number
    assert TITLE in text_of(mail)
    case = CasePage(page).open(number)
    expect(case.files).to_have_text(["žurnál.log"])
    eye.look(page, "request")
    assert Home(page).open().titles() == [TITLE]
    eye.look(page, "home")

    Top(desk).sign_out()
    seat = signed_in_agent(open_browser(), app, eye)
    agent = Queue(seat).open().open_case(TITLE)
    eye.look(seat, "desk-new")
    agent.take()
    agent.write("question", "Which version of the backup agent runs there?")
    agent.write("note", "Looks like 4711.")
    eye.look(seat, "desk-asked")

    case.open(number)
    expect(case.messages.last).to_have_text("Which version of the backup agent runs there?")
    eye.look(page, "request-waiting-for-you")
    assert "Which version" in text_of(house.mail_to(ALICE, 1))
    case.attach(("agent.log", b"12.4\n"), ("agent.log", b"12.5\n"))
    case.answer("Version 12.5, two logs.")
    expect(case.files).to_have_text(["žurnál.log", "agent.log", "agent.log"])

    seat.reload()
    expect(agent.files).to_have_count(3)
    agent.propose("solved", "Version 12.6 mends it.")
    eye.look(seat, "desk-proposed")

    case.open(number)
    eye.look(page, "request-proposed")
    case.close("solved")
    eye.look(page, "request-closed")
    case.reopen()
    case.tab("history")
    eye.look(page, "history")
    case.tab("sharing")
    eye.look(page, "sharing")


def submitted(page: Page, house: House, eye: Eye) -> str:
    """The six steps, with a contract added on the way; the number that comes out."""
    (pair,) = house.contracts("partner-on-premises-20")
    flow = Home(page).start_request()
    flow.next()
    flow.expect_error_at("id_product", "id_title", "id_description")
    assert re.match("Error:|Chyba:", page.title())
    eye.look(page, "step-1-errors")
    flow.choose_product("windows server")
    flow.describe(title=TITLE, description="Since Sunday.\n\n  ERROR 3041")
    flow.wait_until_saved()
    flow.attach("žurnál.log", b"ERROR 3041\n" * 100)
    eye.look(page, "step-1")
    page.reload()
    expect(page.locator("#id_title")).to_have_value(TITLE)
    flow.next()

    flow.expect_open("support")
    eye.look(page, "step-2-nothing-usable")
    flow.add_contract("0000-0000-0000-0000-0000", pair.contract_id)
    flow.expect_error_at("id_access_id")
    eye.look(page, "step-2-wrong-pair")
    flow.add_contract(pair.access_id, pair.contract_id)
    expect(flow.plans).to_have_count(1)
    flow.choose_severity("A")
    expect(flow.due).to_contain_text(re.compile(r"\b2\b"))
    eye.look(page, "step-2")
    flow.next()
    for step in ("primary_contact", "sharing", "verify"):
        flow.expect_open(step)
        eye.look(page, f"step-{step}")
        flow.next()
    flow.expect_open("submit")
    eye.look(page, "step-submit")

    done = flow.submit()
    number = done.number
    assert re.fullmatch(r"\d{16}", number)
    eye.look(page, "confirmation")
    page.go_back()
    page.wait_for_url(re.compile("/submitted/"))
    assert done.number == number
    case = done.open_request()
    assert page.url.endswith(f"/requests/{number}/")
    expect(case.messages.first).to_have_text(re.compile("Since Sunday"))
    return number


def signed_in_agent(page: Page, app: SecondFactor, eye: Eye) -> Page:
    SignIn(page).open().type(DANA, PASSWORD)
    page.wait_for_url(re.compile("/second-factor/code/"))
    page.fill("input[name=code]", "000000")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    eye.look(page, "second-factor-wrong-code")
    app.enter(page)
    page.wait_for_url(re.compile("/desk/"))
    assert DeskCase(page).messages.count() == 0
    return page
