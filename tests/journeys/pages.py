"""The customers' screens of a journey. Found by what the product promises (names, values), not by
words: the same journeys run in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Locator, Page, expect

PRODUCT = "windows-server"
VERSION = "windows-server-2025"


@dataclass
class SignIn:
    page: Page

    def open(self) -> SignIn:
        self.page.goto("/accounts/login/")
        return self

    def type(self, email: str, password: str) -> None:
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        press(self.page)

    def enter(self, email: str, password: str) -> None:
        self.type(email, password)
        self.page.wait_for_url(re.compile(r"://[^/]+/$"))


@dataclass
class Top:
    """The bar above every page."""

    page: Page

    @property
    def kind(self) -> Locator:
        return self.page.locator(".me-kind")

    def sign_out(self) -> None:
        self.page.locator(".me summary").click()
        self.page.locator("form[action='/accounts/logout/'] button").first.click()
        self.page.wait_for_url("**/signed-out/")


@dataclass
class Home:
    page: Page

    def open(self) -> Home:
        self.page.goto("/")
        return self

    def titles(self) -> list[str]:
        return self.page.locator(".request-title").all_inner_texts()

    @property
    def drafts(self) -> Locator:
        return self.page.locator(".drafts a")

    def start_request(self) -> Workflow:
        self.page.locator("a.primary[href='/requests/new/']").first.click()
        expect(self.page.locator("#problem.open")).to_be_visible()
        return Workflow(self.page)


@dataclass
class Workflow:
    """The six steps."""

    page: Page

    @property
    def open_step(self) -> Locator:
        return self.page.locator(".step.open")

    @property
    def submit_button(self) -> Locator:
        return self.page.locator("button[name=do][value=submit]")

    def next(self) -> None:
        self.open_step.locator("button.primary").click()

    def expect_open(self, step: str) -> None:
        expect(self.page.locator(f"#{step}.open")).to_be_visible()

    def through(self, *steps: str) -> None:
        """Press Next in each of `steps` as it opens."""
        for step in steps:
            self.expect_open(step)
            self.next()

    def change(self, step: str) -> None:
        self.page.locator(f"button[value='open:{step}']").first.click()
        self.expect_open(step)

    def choose_product(self, typed: str) -> None:
        field = self.page.locator("input#id_product")  # once script has made it
        field.click()
        field.fill(typed)
        field.press("Enter")
        expect(self.page.locator("#id_version option").nth(1)).to_be_attached()

    def describe(self, *, title: str, description: str, version: str = VERSION) -> None:
        self.page.select_option("#id_version", version)
        self.page.fill("#id_title", title)
        self.page.fill("#id_description", description)

    def attach(self, name: str, content: bytes) -> None:
        self.page.set_input_files("#id_attachments", file(name, content))
        expect(self.page.locator(".file:not(.sending)", has_text=name)).to_be_visible()

    def wait_until_saved(self) -> None:
        with self.page.expect_response(re.compile(r"/fields/$")) as answered:
            pass
        assert answered.value.ok

    def open_adding(self) -> None:
        fold = self.page.locator("details.fold").last
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()

    def add_contract(self, access_id: str, contract_id: str) -> None:
        self.open_adding()
        self.page.fill("input[name=access_id]", access_id)
        self.page.fill("input[name=contract_id]", contract_id)
        self.page.locator("button[value=add-contract]").click()

    @property
    def plans(self) -> Locator:
        return self.page.locator("input[name=contract]")

    @property
    def unavailable(self) -> Locator:
        return self.page.locator("ul.unavailable > li")

    def choose_severity(self, severity: str) -> None:
        self.page.check(f"input[name=severity][value={severity}]")

    @property
    def due(self) -> Locator:
        return self.page.locator(".due")

    def expect_error_at(self, *fields: str) -> None:
        """The summary has the focus and links to each field, which says what is wrong."""
        expect(self.page.locator(".error-summary")).to_be_focused()
        for name in fields:
            expect(self.page.locator(f".error-summary a[href='#{name}']")).to_have_count(1)
            expect(self.page.locator(f"#{name}-error")).to_be_visible()

    def submit(self) -> Confirmation:
        self.submit_button.click()
        self.page.wait_for_url(re.compile("/submitted/"))
        return Confirmation(self.page)


@dataclass
class Confirmation:
    page: Page

    @property
    def number(self) -> str:
        shown = self.page.locator(".submitted-number").inner_text()
        return re.sub(r"\D", "", shown)

    def open_request(self) -> CasePage:
        self.page.locator("main a.primary").click()
        self.page.wait_for_url(re.compile(r"/requests/\d{16}/$"))
        return CasePage(self.page)


@dataclass
class CasePage:
    page: Page

    def open(self, number: str) -> CasePage:
        self.page.goto(f"/requests/{number}/")
        return self

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message .prose")

    @property
    def files(self) -> Locator:
        return self.page.locator(".message a.file-name")

    def answer(self, words: str) -> None:
        self.page.fill("#id_body", words)
        self.page.locator("#reply button.primary").click()
        expect(self.messages.last).to_have_text(words)

    def attach(self, *files: tuple[str, bytes]) -> None:
        """Several at once, waited for."""
        self.page.set_input_files("#id_attachments", [file(*one) for one in files])
        expect(self.page.locator("#reply .file:not(.sending)")).to_have_count(len(files))

    def tab(self, name: str) -> None:
        self.page.locator(f".case-tabs a[href$='/{name}/']").click()
        self.page.wait_for_url(f"**/{name}/")

    def close(self, outcome: str) -> None:
        self.page.locator("a[href$='/closing/']").first.click()
        self.page.check(f"input[name=outcome][value={outcome}]")
        press(self.page)
        expect(self.page.locator(".closed-line")).to_be_visible()

    def reopen(self) -> None:
        self.page.locator("a[href$='/reopening/']").click()
        self.page.wait_for_url("**/reopening/")
        press(self.page)
        expect(self.page.locator("#reply")).to_be_visible()


@dataclass
class Sharing:
    page: Page

    def open(self, number: str) -> Sharing:
        self.page.goto(f"/requests/{number}/sharing/")
        return self

    @property
    def people(self) -> Locator:
        return self.page.locator(".people li")

    def add(self, given_name: str, family_name: str, email: str) -> None:
        self.page.fill("input[name=given_name]", given_name)
        self.page.fill("input[name=family_name]", family_name)
        self.page.fill("input[name=email]", email)
        press(self.page)
        expect(self.people.filter(has_text=email)).to_have_count(1)

    def remove(self, email: str) -> None:
        self.people.filter(has_text=email).locator("a[href$='/removal/']").click()
        self.page.wait_for_url("**/removal/")
        self.page.locator("main button.danger").click()
        expect(self.people.filter(has_text=email)).to_have_count(0)


def press(page: Page) -> None:
    """The page's one primary button."""
    page.locator("main button.primary").click()


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def path_in(link: str) -> str:
    """A mailed address without its host."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
