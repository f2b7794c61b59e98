"""The agents' screens of a journey."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Locator, Page, expect

from tests.journeys.pages import press

PERIOD = 30  # seconds a code is shown


@dataclass
class SecondFactor:
    """An authenticator app: what it was told, and the last code it was asked for."""

    secret: str = ""
    used: str = ""

    def set_up(self, page: Page) -> None:
        """On the page that asks for it."""
        page.wait_for_url(re.compile("/second-factor/set-up/"))
        self.secret = page.locator("main code").first.inner_text().strip()
        self.enter(page)

    def enter(self, page: Page) -> None:
        # Each opens once, and only in its half minute: one that is nearly over may not arrive.
        while self.code() == self.used or time.time() % PERIOD > PERIOD - 2:
            page.wait_for_timeout(500)
        self.used = code = self.code()
        page.fill("input[name=code]", code)
        press(page)

    def code(self) -> str:
        return str(format_hotp_value(hotp_value(self.secret, int(time.time()) // PERIOD)))


@dataclass
class Queue:
    page: Page

    def open(self) -> Queue:
        self.page.goto("/desk/?view=unassigned")
        return self

    def open_case(self, title: str) -> DeskCase:
        self.page.locator(".queue-title", has_text=title).first.click()
        expect(self.page.locator(".desk-case h1")).to_have_text(title)
        return DeskCase(self.page)


@dataclass
class DeskCase:
    page: Page

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message .prose")

    @property
    def files(self) -> Locator:
        return self.page.locator(".message a.file-name")

    def take(self) -> None:
        self.page.locator("form[action*='/taking/'] button").click()
        expect(self.page.locator("form[action*='/taking/']")).to_have_count(0)

    def write(self, kind: str, words: str) -> None:
        """kind: answer, question or note."""
        self.page.locator(f"input[name=kind][value={kind}]").check(force=True)
        self.page.fill("#id_body", words)
        self.page.locator("#reply .buttons button").click()
        expect(self.messages.last).to_have_text(words)

    def propose(self, outcome: str, words: str) -> None:
        self.page.locator("a[href*='/proposal/']").click()
        self.page.wait_for_url(re.compile("/proposal/"))
        self.page.check(f"input[name=outcome][value={outcome}]")
        self.page.fill("#id_body", words)
        press(self.page)
        expect(self.messages.last).to_have_text(words)
