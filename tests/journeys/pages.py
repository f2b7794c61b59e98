"""The screens of a journey. Found by what the product promises (names, values), not by words: the
same journeys run in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass
class SignIn:
    page: Page

    def open(self) -> SignIn:
        self.page.goto("/accounts/login/")
        return self

    def enter(self, email: str, password: str) -> None:
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.page.locator("main form button.primary").click()
        self.page.wait_for_url("**/")


@dataclass
class Home:
    page: Page

    def open(self) -> Home:
        self.page.goto("/")
        return self

    def titles(self) -> list[str]:
        return self.page.locator(".request-title").all_inner_texts()

    def start_request(self) -> Workflow:
        self.page.locator("a.primary[href='/requests/new/']").first.click()
        self.page.wait_for_url(re.compile(r"/requests/new/"))
        return Workflow(self.page)


@dataclass
class Workflow:
    """The six steps."""

    page: Page

    @property
    def open_step(self) -> Locator:
        return self.page.locator(".step.open")

    def next(self) -> None:
        self.open_step.locator("button.primary").click()

    def expect_open(self, step: str) -> None:
        expect(self.page.locator(f"#{step}.open")).to_be_visible()

    def choose_product(self, typed: str) -> None:
        field = self.page.locator("input#id_product")  # once script has made it
        field.click()
        field.fill(typed)
        field.press("Enter")
        expect(self.page.locator("#id_version option").nth(1)).to_be_attached()

    def describe(self, *, version: str, title: str, description: str) -> None:
        self.page.select_option("#id_version", version)
        self.page.fill("#id_title", title)
        self.page.fill("#id_description", description)

    def attach(self, name: str, content: bytes) -> None:
        self.page.set_input_files(
            "#id_attachments", {"name": name, "mimeType": "text/plain", "buffer": content}
        )
        expect(self.page.locator(".file:not(.sending)", has_text=name)).to_be_visible()

    def wait_until_saved(self) -> None:
        with self.page.expect_response(re.compile(r"/fields/$")) as answered:
            pass
        assert answered.value.ok

    def add_contract(self, access_id: str, contract_id: str) -> None:
        fold = self.page.locator("details.fold").last
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        self.page.fill("input[name=access_id]", access_id)
        self.page.fill("input[name=contract_id]", contract_id)
        self.page.locator("button[value=add-contract]").click()
        expect(self.page.locator("input[name=contract]")).to_have_count(1)

    def choose_severity(self, severity: str) -> None:
        self.page.check(f"input[name=severity][value={severity}]")

    @property
    def due(self) -> Locator:
        return self.page.locator(".due")

    def submit(self) -> Confirmation:
        self.page.locator("button[name=do][value=submit]").click()
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
        self.page.wait_for_url("**/requests/*/")
        return CasePage(self.page)


@dataclass
class CasePage:
    page: Page

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

    def tab(self, name: str) -> None:
        self.page.locator(f".case-tabs a[href$='/{name}/']").click()
