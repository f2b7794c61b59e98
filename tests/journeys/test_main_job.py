"""Register a contract, open a support request on it, see it: a real browser, real processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import Installation
from tests.journeys.look import Eye, Look, pictures
from tests.journeys.pages import CasePage, Home, SignIn, Workflow

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow("starts processes and a browser, and judges every page of the way"),
]
EMAIL = "alice@example.com"
PASSWORD = "correct horse battery staple"


@dataclass
class Place:
    """A running installation with Alice's account and a contract that nobody has added."""

    installation: Installation
    url: str
    access_id: str
    contract_id: str


@pytest.fixture
def place(installation: Installation) -> Place:
    look = Look.of_this_run()
    installation.run(
        *("accounts", "create", "--email", EMAIL, "--kind", "personal"),
        *("--given-name", "Alice", "--family-name", "Ames"),
        *("--country", "CZ", "--time-zone", "Europe/Prague", "--language", look.language),
        given=PASSWORD,
    )
    (issued,) = installation.lines(
        *("contracts", "issue", "--plan", "partner-on-premises-20", "--holder", "Contoso")
    )
    server = installation.serve("--workers", "1")
    return Place(installation, server.url, issued["access_id"], issued["contract_id"])


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    context = Look.of_this_run().context(browser, place.url)
    yield context.new_page()
    context.close()


@pytest.mark.shows("S2.3", "S6.1", "S6.2", "S6.9", "S16.2", "XS-07")
def test_a_request_is_opened_and_seen(page: Page, place: Place, tmp_path: Path) -> None:
    eye = Eye(page, pictures(tmp_path))
    SignIn(page).open()
    eye.look("sign-in")
    SignIn(page).enter(EMAIL, PASSWORD)
    eye.look("home-empty")

    flow = Home(page).start_request()
    flow.next()
    flow.expect_open("problem")
    assert page.title().startswith("Error:") or page.title().startswith("Chyba:")
    eye.look("step-1-errors")
    flow.choose_product("windows server")
    flow.describe(
        version="windows-server-2025",
        title="Backups stop with error 3041",
        description="Since Sunday.\n\n  ERROR 3041",
    )
    flow.wait_until_saved()
    flow.attach("žurnál.log", b"ERROR 3041\n" * 100)
    eye.look("step-1")
    page.reload()
    expect(page.locator("#id_title")).to_have_value("Backups stop with error 3041")
    flow.next()

    flow.expect_open("support")
    eye.look("step-2-nothing-usable")
    flow.add_contract(place.access_id, place.contract_id)
    flow.choose_severity("A")
    expect(flow.due).to_contain_text(re.compile(r"\b2\b"))
    eye.look("step-2")
    flow.next()
    flow.expect_open("primary_contact")
    eye.look("step-3")
    flow.next()
    flow.expect_open("sharing")
    eye.look("step-4")
    flow.next()
    flow.expect_open("verify")
    eye.look("step-5")
    flow.next()
    flow.expect_open("submit")
    eye.look("step-6")

    done = flow.submit()
    number = done.number
    assert re.fullmatch(r"\d{16}", number)
    eye.look("confirmation")
    page.go_back()
    page.wait_for_url(re.compile("/submitted/"))
    assert done.number == number

    case = done.open_request()
    assert page.url.endswith(f"/requests/{number}/")
    expect(case.files).to_have_text(["žurnál.log"])
    case.answer("It stopped again tonight.")
    eye.look("request")
    case.tab("sharing")
    eye.look("sharing")
    CasePage(page).tab("history")
    eye.look("history")
    assert Home(page).open().titles() == ["Backups stop with error 3041"]
    eye.look("home")
    page.goto("/contracts/")
    eye.look("contracts")
    page.locator(".contract-head a").first.click()
    expect(page.locator(".balance-number")).to_have_text("19")
    eye.look("contract")
    page.goto("/coverage/?product=windows-server&version=windows-server-2016")
    eye.look("coverage")
    page.goto("/requests/0000000000000000/")
    eye.complaints.clear()  # the browser mentions the 404 itself
    eye.look("not-found")


@pytest.mark.shows("F-16")
def test_a_double_click_and_two_tabs_submit_once(page: Page, place: Place) -> None:
    SignIn(page).open().enter(EMAIL, PASSWORD)
    flow = Home(page).start_request()
    flow.choose_product("windows server")
    flow.describe(version="windows-server-2025", title="Once", description="Only once.")
    flow.next()
    flow.add_contract(place.access_id, place.contract_id)
    for step in ("support", "primary_contact", "sharing", "verify"):
        flow.expect_open(step)
        flow.next()
    flow.expect_open("submit")
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("button[name=do][value=submit]").dblclick()
    page.wait_for_url(re.compile("/submitted/"))
    Workflow(other).submit()
    assert Home(page).open().titles() == ["Once"]


@pytest.mark.shows("S6.1")
def test_everything_works_without_script(browser: Browser, place: Place) -> None:
    context = Look.of_this_run().context(browser, place.url, script=False)
    page = context.new_page()
    SignIn(page).open().enter(EMAIL, PASSWORD)
    flow = Home(page).start_request()
    page.select_option("#id_product", "windows-server")
    page.locator("noscript button, button[value=save]").first.click()
    flow.describe(version="windows-server-2025", title="No script", description="None at all.")
    flow.next()
    flow.add_contract(place.access_id, place.contract_id)
    for step in ("support", "primary_contact", "sharing", "verify"):
        flow.expect_open(step)
        flow.next()
    number = flow.submit().number
    page.goto(f"/requests/{number}/")
    page.set_input_files(
        "#id_attachments", {"name": "plain.txt", "mimeType": "text/plain", "buffer": b"plain"}
    )
    CasePage(page).answer("With a file.")
    expect(CasePage(page).files).to_have_text(["plain.txt"])
    context.close()
