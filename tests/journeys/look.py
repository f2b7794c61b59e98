"""How a journey is looked at: language, width and appearance; each page is judged in passing."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.databases import server_url

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@dataclass(frozen=True)
class Look:
    """Czech on SQLite at 390 px dark; English on PostgreSQL at 1440 px light."""

    language: str
    width: int
    height: int
    scheme: str

    @classmethod
    def of_this_run(cls) -> Look:
        if server_url():
            return cls("en", 1440, 900, "light")
        return cls("cs", 390, 844, "dark")

    def context(self, browser: Browser, url: str, *, script: bool = True) -> BrowserContext:
        made = browser.new_context(
            base_url=url,
            viewport={"width": self.width, "height": self.height},
            color_scheme="dark" if self.scheme == "dark" else "light",
            locale="cs-CZ" if self.language == "cs" else "en-GB",
            timezone_id="Europe/Prague",
            has_touch=self.width < 600,
            java_script_enabled=script,
        )
        made.set_default_timeout(10_000)
        return made


@dataclass
class Eye:
    """Judges each page it is shown: no complaint of the browser, none of axe, nothing too wide."""

    page: Page
    folder: Path
    complaints: list[str] = field(default_factory=list)
    seen: int = 0

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda line: self.complaints.append(line.text) if is_complaint(line.text) else None,
        )

    def look(self, name: str) -> None:
        """Judge the page as it stands and keep its picture."""
        self.seen += 1
        self.page.screenshot(path=self.folder / f"{self.seen:02}-{name}.png", full_page=True)
        results = Axe().run(self.page, options=RULES)
        told = [
            f"{one['id']}: {node['html'][:200]}"
            for one in results.response["violations"]
            for node in one["nodes"]
        ]
        assert told == [], f"{name} at {self.page.url}: {told}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px too wide"
        assert self.complaints == [], name


def is_complaint(text: str) -> bool:
    """Everything but a refused form, which the browser mentions too."""
    return "status of 422" not in text


def pictures(tmp_path: Path) -> Path:
    """Where pictures go: TEST_PICTURES, else a folder that is thrown away."""
    folder = Path(os.environ.get("TEST_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
