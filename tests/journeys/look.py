"""How a journey is looked at: language, width and appearance; each page is judged in passing."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

WIDE_ENOUGH = 1024  # from here on there is a mouse, below there are fingers
PATIENCE = 30_000  # milliseconds: a busy machine is no failure
AXE = Axe().axe_script
JUDGE = """
() => axe.run({
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
}).then((found) => found.violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`)
))
"""
# What sticks out, and by how much, without what scrolls inside itself.
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Look:
    """OPORA_TEST_LOOK, such as cs-390-dark; English, wide and light by itself."""

    language: str
    width: int
    scheme: str

    @classmethod
    def of_this_run(cls) -> Look:
        named = os.environ.get("OPORA_TEST_LOOK", "en-1440-light")
        language, width, scheme = named.split("-")
        return cls(language, int(width), scheme)

    @property
    def is_narrow(self) -> bool:
        return self.width < WIDE_ENOUGH

    def context(self, browser: Browser, url: str, *, script: bool = True) -> BrowserContext:
        made = browser.new_context(
            base_url=url,
            viewport={"width": self.width, "height": 844 if self.is_narrow else 900},
            color_scheme="dark" if self.scheme == "dark" else "light",
            locale="cs-CZ" if self.language == "cs" else "en-GB",
            timezone_id="Europe/Prague",
            has_touch=self.is_narrow,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        made.set_default_timeout(PATIENCE)
        return made


@dataclass
class Eye:
    """Judges each page it is shown: no complaint of the browser, none of axe, nothing too wide."""

    folder: Path
    url: str = ""
    complaints: list[str] = field(default_factory=list)
    seen: int = 0

    def follow(self, context: BrowserContext) -> None:
        """Hear what the browser complains about on every page of ours in `context`."""
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._hear)

    def _hear(self, line: ConsoleMessage) -> None:
        is_ours = line.location["url"].startswith(self.url)
        if is_ours and line.type in ("error", "warning") and not is_expected(line):
            self.complaints.append(f"{line.text} at {line.location['url']}")

    def look(self, page: Page, name: str) -> None:
        """Judge the page as it stands and keep its picture."""
        self.glance(page, name)
        if not page.evaluate("typeof axe !== 'undefined'"):
            page.evaluate(AXE)
        told = page.evaluate(JUDGE)
        assert told == [], f"{name} at {page.url}: {told}"

    def glance(self, page: Page, name: str) -> None:
        """The same without axe, which needs script."""
        self.seen += 1
        page.screenshot(path=self.folder / f"{self.seen:02}-{name}.png", full_page=True)
        wide = page.evaluate(TOO_WIDE)
        assert wide <= 0, f"{name} at {page.url} is {wide} px too wide"
        assert self.complaints == [], f"{name}: {self.complaints}"

    def look_narrower(self, page: Page, name: str, *, width: int = 320) -> None:
        """Nothing sticks out at `width` either, which is 1280 enlarged fourfold (WCAG 1.4.10)."""
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size({"width": width, "height": size["height"]})
        wide = page.evaluate(TOO_WIDE)
        page.set_viewport_size(size)
        assert wide <= 0, f"{name} at {page.url} is {wide} px too wide at {width} px"

    def look_larger(self, page: Page, name: str) -> None:
        """Text at twice its size, as a reader sets it in the browser: nothing sticks out on a
        screen of usual width (WCAG 1.4.4)."""
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size({"width": 1280, "height": size["height"]})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        wide = page.evaluate(TOO_WIDE)
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(size)
        assert wide <= 0, f"{name} at {page.url} is {wide} px too wide with text twice as large"


def is_expected(line: ConsoleMessage) -> bool:
    """The browser mentions answers of 4xx and a lost line by itself; pages say so in words."""
    if re.search(r"^htmx:(sendError|afterRequest)\b", line.text):
        return True  # so does the library, of a line that is lost
    if not re.search(r"status of 4\d\d|ERR_INTERNET_DISCONNECTED", line.text):
        return False
    return not re.search(r"/(static|theme|logo)/", line.location["url"])


def pictures(folder: Path, test: str) -> Path:
    """Where pictures of a test go: below TEST_PICTURES, else below `folder`."""
    made = Path(os.environ.get("TEST_PICTURES", folder / "pictures")) / test
    made.mkdir(parents=True, exist_ok=True)
    return made
