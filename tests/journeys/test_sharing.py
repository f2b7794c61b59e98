"""A colleague who has no account yet is added, signs up and reads; removal acts at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.journeys.house import House, link_in, text_of
from tests.journeys.look import Eye
from tests.journeys.newcomer import sign_up
from tests.journeys.pages import CasePage, Home, Sharing, path_in, press

SAM = "sam@example.com"
VERA = "vera@example.net"


@pytest.mark.shows("S8.1", "S8.3", "S8.4", "S6.9")
def test_a_colleague_without_an_account_signs_up_and_reads_until_removed(
    house: House, open_browser: Open, eye: Eye
) -> None:
    page = open_browser(SAM)
    flow = Home(page).start_request()
    flow.choose_product("windows server")
    flow.describe(title="Shared later", description="Confidential.")
    flow.next()
    flow.through("support", "primary_contact", "sharing", "verify")
    number = flow.submit().number
    sharing = Sharing(page).open(number)
    press(page)
    expect(page.locator(".error-summary")).to_be_focused()
    eye.look(page, "errors")
    sharing.add("Věra", "Malá", VERA)
    eye.look(page, "shared")

    notice = house.mail_to(VERA)
    assert notice["X-Opora-Case"] == number
    assert "Confidential" not in text_of(notice)
    assert "Shared later" not in text_of(notice)
    colleague = open_browser()
    colleague.goto(path_in(link_in(notice, f"/requests/{number}")))
    assert "/accounts/login/" in colleague.url
    sign_up(colleague, house, VERA, mails_before=1)
    assert Home(colleague).open().titles() == ["Shared later"]
    case = CasePage(colleague).open(number)
    case.answer("I look after it now.")
    sharing.open(number).remove(VERA)

    gone = colleague.goto(f"/requests/{number}/")
    assert gone is not None
    assert gone.status == 404
    eye.look(colleague, "not-any-more")
    assert Home(colleague).open().titles() == []
