"""Signing up, in and out; a forgotten password; work accounts through their own provider."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import expect

from tests.installation import free_port
from tests.journeys.conftest import Open
from tests.journeys.house import PASSWORD, PATIENCE, House, link_in
from tests.journeys.look import Eye
from tests.journeys.pages import Home, SignIn, Top, path_in, press

PAULA = "paula@example.com"
OTTO = "otto@example.com"
NEW_PASSWORD = "a staple battery horse, correct"


@pytest.mark.shows("S5.1", "S5.2", "AU-17")
def test_signing_up_asks_for_the_address_once_and_for_the_profile_once(
    house: House, open_browser: Open, eye: Eye
) -> None:
    page = open_browser()
    page.goto("/accounts/signup/")
    press(page)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#id_email-error")).to_be_visible()
    eye.look(page, "sign-up-errors")
    # Set in our typeface, by its small file alone.
    assert page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].map((face) => face.status))"
    ) == ["loaded", "unloaded"]
    page.fill("input[name=given_name]", "Paula")
    page.fill("input[name=family_name]", "Příkladová")
    page.fill("input[name=email]", PAULA)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    press(page)
    page.wait_for_url("**/accounts/confirm-email/")
    eye.look(page, "look-into-your-mail")

    link = link_in(house.mail_to(PAULA), "/confirm-email/")
    assert link.startswith(house.url)
    page.goto(path_in(link))
    eye.look(page, "confirm-address")
    press(page)
    if "/login/" in page.url:
        SignIn(page).type(PAULA, PASSWORD)
    page.wait_for_url("**/settings/welcome/**")
    expect(page.locator("main input[disabled]")).to_have_count(2)
    eye.look(page, "profile-asked-once")
    page.select_option("#id_country", "CZ")
    page.select_option("#id_time_zone", "Europe/Prague")
    page.check(f"input[name=language][value={house.look.language}]")
    press(page)
    expect(page.locator(".stats")).to_be_visible()
    page.goto(path_in(link))
    eye.look(page, "link-used")

    Top(page).sign_out()
    eye.look(page, "signed-out")
    page.goto("/contracts/")
    assert "/accounts/login/" in page.url
    SignIn(page).type(PAULA, PASSWORD)
    page.wait_for_url("**/contracts/")
    eye.look(page, "contracts-none")


@pytest.mark.shows("AU-01")
def test_a_forgotten_password_is_set_anew_by_mail(
    house: House, open_browser: Open, eye: Eye
) -> None:
    elsewhere = open_browser(OTTO)
    page = open_browser()
    SignIn(page).open().type(OTTO, "not the password at all")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("input[name=login]")).to_have_value(OTTO)
    eye.look(page, "wrong-password")
    page.locator("main a[href*='/password/reset/']").click()
    page.wait_for_url("**/password/reset/**")
    eye.look(page, "forgotten")
    page.fill("input[name=email]", OTTO)
    press(page)
    page.wait_for_url("**/password/reset/done/")
    eye.look(page, "link-mailed")

    link = path_in(link_in(house.mail_to(OTTO), "/password/reset/"))
    page.goto(link)
    page.fill("input[name=password1]", "short")
    page.fill("input[name=password2]", "short")
    press(page)
    expect(page.locator(".error-summary")).to_be_focused()
    eye.look(page, "password-too-short")
    page.fill("input[name=password1]", NEW_PASSWORD)
    page.fill("input[name=password2]", NEW_PASSWORD)
    press(page)
    expect(page.locator("input[name=password1]")).to_have_count(0)
    eye.look(page, "password-set")
    SignIn(page).open().enter(OTTO, NEW_PASSWORD)
    elsewhere.goto("/")
    assert "/accounts/login/" in elsewhere.url
    other = open_browser()
    other.goto(link)
    expect(other.locator("input[name=password1]")).to_have_count(0)
    eye.look(other, "link-used")


@pytest.fixture
def issuer() -> Iterator[str]:
    """A small OpenID provider in a process of its own, which knows Wanda."""
    address = f"http://localhost:{(port := free_port())}"
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < deadline:
            try:
                requests.put(
                    f"{address}/users/wanda",
                    json={
                        "given_name": "Wanda",
                        "family_name": "Weber",
                        "email": "wanda@fabrikam.example",
                    },
                    timeout=PATIENCE,
                ).raise_for_status()
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.shows("S5.1", "S5.2", "S5.3")
def test_a_work_account_comes_in_through_its_organization(
    house: House, issuer: str, open_browser: Open, eye: Eye
) -> None:
    house.do(
        [
            *("organizations", "add", "--name", "Fabrikam", "--domain", "fabrikam.example"),
            *("--issuer", issuer, "--client-id", "opora"),
        ],
        given="a client secret",
    )
    page = open_browser()
    SignIn(page).open()
    page.locator("main a[href^='/accounts/work/']").click()
    page.wait_for_url("**/accounts/work/")
    page.fill("input[name=email]", "wanda@nobody.example")
    press(page)
    expect(page.locator(".error-summary")).to_be_focused()
    eye.look(page, "work-unknown-domain")
    page.fill("input[name=email]", "wanda@fabrikam.example")
    press(page)
    page.wait_for_url(f"{issuer}/**")
    page.fill("input[name=sub]", "wanda")
    page.locator("button", has_text="Authorize").first.click()

    page.wait_for_url("**/settings/welcome/**")
    expect(page.locator("main input[disabled]")).to_have_count(2)
    eye.look(page, "work-profile")
    page.select_option("#id_country", "CZ")
    page.select_option("#id_time_zone", "Europe/Prague")
    press(page)
    expect(page.locator(".stats")).to_be_visible()
    kind = re.compile("Work account|Pracovní účet")
    for path in ("/", "/contracts/", "/coverage/", "/settings/profile/", "/requests/none/"):
        page.goto(path)
        expect(Top(page).kind).to_have_text(kind)
    flow = Home(page).open().start_request()
    flow.choose_product("windows server")
    flow.describe(title="Buying", description="Work accounts cannot.")
    flow.next()
    flow.expect_open("support")
    flow.open_adding()
    expect(page.locator(".whose")).to_have_text(kind)
    eye.look(page, "work-step-2")
