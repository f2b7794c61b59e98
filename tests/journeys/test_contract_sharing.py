"""A benefit is activated, shared by a mailed link with somebody new, and taken away again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open
from tests.journeys.house import House, link_in
from tests.journeys.look import Eye
from tests.journeys.newcomer import sign_up
from tests.journeys.pages import path_in, press

IVAN = "ivan@example.com"
VERA = "vera.mala@fabrikam.example"


@pytest.mark.shows("S2.4", "S2.6", "S14.1", "S14.3", "P6", "AU-17", "WB-05")
def test_a_benefit_is_activated_and_shared_by_a_link(
    house: House, open_browser: Open, eye: Eye
) -> None:
    grant = ("contracts", "grant", "--plan", "partner-on-premises-20", "--holder", "Fabrikam")
    house.do([*grant, "--manager", IVAN, "--json"])
    page = open_browser(IVAN)
    page.goto("/contracts/")
    expect(page.locator(".benefit")).to_have_count(1)
    eye.look(page, "benefit")
    press(page)
    expect(page.locator(".secret code")).to_have_count(2)
    eye.look(page, "activated")
    page.locator("main a.primary").click()
    page.wait_for_url(re.compile(r"/contracts/\w{32}/$"))
    contract = path_in(page.url)
    page.locator(f"a[href='{contract}sharing/']").click()

    page.fill("#id_send_to", "vera at fabrikam")
    press(page)
    expect(page.locator(".error-summary")).to_be_focused()
    page.fill("#id_send_to", VERA)
    press(page)
    expect(page.locator(".secret code")).to_have_count(1)
    eye.look(page, "invited")
    page.emulate_media(media="print")
    expect(page.locator(".sheet")).to_be_visible()
    expect(page.locator("h1")).to_be_hidden()
    page.emulate_media(media="screen")

    link = path_in(link_in(house.mail_to(VERA), "/invitations/"))
    assert link in page.locator(".secret code").inner_text()
    colleague = open_browser()
    colleague.goto(link)
    assert "/accounts/login/" in colleague.url
    assert link not in colleague.url
    sign_up(colleague, house, VERA, mails_before=1)
    colleague.wait_for_url("**/invitations/")
    expect(colleague.locator(".account-line")).to_contain_text(VERA)
    eye.look(colleague, "invitation")
    press(colleague)
    colleague.wait_for_url(f"**{contract}")

    page.goto(f"{contract}sharing/")
    her = page.locator(".sharers li").filter(has_text=VERA).first
    eye.look(page, "sharing")
    eye.look_narrower(page, "sharing")
    her.locator("a[href$='/revocation/']").click()
    page.wait_for_url("**/revocation/")
    page.locator("main button.danger").click()
    page.wait_for_url("**/sharing/")
    expect(her.locator("a[href$='/lifting/']")).to_be_visible()

    gone = colleague.goto(contract)
    assert gone is not None
    assert gone.status == 404
    colleague.goto(link)
    expect(colleague.locator("a[href='/contracts/new/']")).to_be_visible()

    page.goto(f"{contract}rotation/")
    page.locator("main button.danger").click()
    expect(page.locator(".secret code")).to_have_count(2)
