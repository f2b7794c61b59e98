"""Files dropped, pasted and stopped; the draft goes on in another account; pictures are shown."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.factories import PICTURE
from tests.journeys.conftest import Open
from tests.journeys.house import PASSWORD
from tests.journeys.look import Eye
from tests.journeys.pages import Home, SignIn, Workflow, file, press

PETRA, PETER = "petra@example.com", "peter@example.com"
# What a browser hands to a page when files are dropped on it or pasted into it.
HAND_OVER = """
([how, at, files]) => {
  const data = new DataTransfer();
  for (const [name, type, bytes] of files) {
    data.items.add(new File([new Uint8Array(bytes)], name, { type }));
  }
  const facts = { bubbles: true, cancelable: true };
  const event = how === "paste"
    ? new ClipboardEvent("paste", { ...facts, clipboardData: data })
    : new DragEvent(how, { ...facts, dataTransfer: data });
  document.querySelector(at).dispatchEvent(event);
}
"""


def hand_over(page: Page, how: str, at: str, *files: tuple[str, str, bytes]) -> None:
    given = [[name, kind, list(content)] for name, kind, content in files]
    page.evaluate(HAND_OVER, [how, at, given])


@pytest.mark.shows("S6.1", "S8.6", "P5", "P14", "FI-07", "XS-04", "XS-07")
def test_files_are_dropped_pasted_and_stopped_and_go_along_to_another_account(
    open_browser: Open, eye: Eye
) -> None:
    page = open_browser(PETRA)
    flow = Home(page).start_request()
    flow.choose_product("windows server")
    flow.describe(title="The update stops at 30 %", description="See the picture and the log.")
    sent = page.locator(".file:not(.sending, .refused)")
    log = ("setup.log", "text/plain", b"0x80070005 access denied\n")
    two = (log, ("events.evtx", "application/octet-stream", b"ElfFile\x00"))
    hand_over(page, "dragover", "#id_description", *two)
    expect(page.locator(".dropping")).to_have_count(1)
    hand_over(page, "drop", "#id_description", *two)
    expect(sent).to_have_count(2)
    expect(page.locator(".dropping")).to_have_count(0)
    hand_over(page, "paste", "#id_description", ("image.png", "image/png", PICTURE))
    expect(sent).to_have_count(3)
    expect(sent.last.locator(".file-name")).to_have_text(
        re.compile(r"^(picture|obrázek)-[\d-]+\.png$")
    )

    held: list[Route] = []  # never answered
    page.route("**/files/", lambda route: held.append(route))
    page.set_input_files("#id_attachments", file("huge.dmp", b"dump"))
    expect(page.locator(".file.sending")).to_have_count(1)
    page.locator(".file.sending button").click()
    expect(page.locator(".file.sending")).to_have_count(0)
    expect(page.locator("[data-told]")).to_contain_text("huge.dmp")
    for route in held:
        with suppress(Error):  # else letting go of it may send it after all
            route.abort()
    page.unroute("**/files/")
    page.set_input_files(
        "#id_attachments", [file("empty.log", b""), file("report.png", b"PK\x03\x04 a document")]
    )
    expect(page.locator(".file.refused")).to_have_count(2)
    eye.look(page, "files-of-a-draft")

    page.locator("button[value=hand-over]").click()
    page.wait_for_url("**/accounts/login/**")
    expect(page.locator("main")).not_to_contain_text("The update stops")
    eye.look(page, "signed-out-on-the-way")
    SignIn(page).type(PETER, PASSWORD)
    page.wait_for_url("**/requests/handover/**")
    expect(page.locator("main")).to_contain_text("The update stops at 30 %")
    eye.look(page, "go-on-here")
    press(page)
    flow = Workflow(page)
    flow.expect_open("problem")
    expect(page.locator("#id_title")).to_have_value("The update stops at 30 %")
    expect(page.locator(".file")).to_have_count(3)
    flow.next()
    flow.through("support", "primary_contact", "sharing", "verify")
    flow.submit().open_request()

    picture = page.locator(".file-picture img")
    expect(picture).to_have_count(1)
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("(shown) => shown.decode().then(() => shown.naturalWidth)") == 1
    eye.look(page, "files-of-a-request")
    page.locator(".file-show").first.click()
    page.wait_for_url("**/preview/")
    expect(page.locator(".shown-text")).to_contain_text("0x80070005")
    eye.look(page, "a-text")
