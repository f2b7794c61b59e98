"""A passkey on a virtual device: added in settings, signed in with; and which mails one gets."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open
from tests.journeys.house import PASSWORD, House
from tests.journeys.look import Eye
from tests.journeys.pages import SignIn, Top, press

PETRA = "petra@example.com"


def with_device(page: Page) -> None:
    """Give the browser a device that checks its owner and says yes at once."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


@pytest.mark.shows("AU-11", "AU-03", "XS-07")
def test_a_passkey_is_added_in_settings_and_signs_in_alone(
    house: House, open_browser: Open, eye: Eye
) -> None:
    page = open_browser()
    with_device(page)
    SignIn(page).open().enter(PETRA, PASSWORD)
    page.goto("/accounts/second-factor/")
    eye.look(page, "nothing-set-up")
    page.locator("main a.primary").click()
    page.wait_for_url("**/passkeys/new/")
    page.fill("#id_name", "Petra’s laptop")
    eye.look(page, "add-a-passkey")
    press(page)
    page.wait_for_url("**/recovery-codes/")
    eye.look(page, "recovery-codes")
    page.goto("/accounts/second-factor/")
    expect(page.locator(".factors li")).to_have_count(1)
    eye.look(page, "one-passkey")

    page.goto("/settings/mails/")
    page.locator("input[value='shared.closings']").uncheck()
    press(page)
    expect(page.locator("[role=status]")).to_be_visible()
    expect(page.locator("input[value='shared.closings']")).not_to_be_checked()
    eye.look(page, "mails")
    eye.look_narrower(page, "mails-narrower")

    Top(page).sign_out()
    page.goto("/accounts/login/?next=/contracts/")
    eye.look(page, "sign-in")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/contracts/")
    Top(page).sign_out()

    SignIn(page).open().type(PETRA, PASSWORD)
    page.wait_for_url("**/second-factor/code/**")
    eye.look(page, "second-factor-asked")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url(re.compile(r"://[^/]+/$"))

    # The same device once more says that it is known; then the passkey goes away again.
    page.goto("/accounts/second-factor/passkeys/new/")
    press(page)
    expect(page.locator("[data-passkey-error]")).to_be_visible()
    page.goto("/accounts/second-factor/")
    page.locator(".factors a").click()
    page.wait_for_url("**/removal/")
    page.locator("main button.danger").click()
    page.wait_for_url("**/second-factor/")
    expect(page.locator(".factors li")).to_have_count(0)
