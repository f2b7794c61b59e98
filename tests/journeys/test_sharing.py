"""A colleague who has no account yet is added, signs up and reads; removal acts at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import PASSWORD, House, link_in, text_of
from tests.journeys.look import Eye
from tests.journeys.pages import CasePage, Home, Sharing, SignIn, path_in, press

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
    sign_up(colleague, house)
    assert Home(colleague).open().titles() == ["Shared later"]
    case = CasePage(colleague).open(number)
    case.answer("I look after it now.")
    sharing.open(number).remove(VERA)

    gone = colleague.goto(f"/requests/{number}/")
    assert gone is not None
    assert gone.status == 404
    eye.look(colleague, "not-any-more")
    assert Home(colleague).open().titles() == []


def sign_up(page: Page, house: House) -> None:
    page.goto("/accounts/signup/")
    page.fill("input[name=given_name]", "Věra")
    page.fill("input[name=family_name]", "Malá")
    page.fill("input[name=email]", VERA)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    press(page)
    page.wait_for_url("**/accounts/confirm-email/")
    page.goto(path_in(link_in(house.mail_to(VERA, 1), "/confirm-email/")))
    press(page)
    if "/login/" in page.url:
        SignIn(page).type(VERA, PASSWORD)
    page.wait_for_url("**/settings/welcome/**")
    page.select_option("#id_country", "CZ")
    page.select_option("#id_time_zone", "Europe/Prague")
    press(page)
    page.wait_for_url(lambda url: "/welcome/" not in url)
