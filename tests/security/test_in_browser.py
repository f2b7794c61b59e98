"""The corpus of payloads in a real browser: nothing runs, nothing is fetched, no rule is broken."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Dialog, Page, Request

from tests.installation import Installation
from tests.processes.customers import Customer
from tests.security.payloads import MARKUP

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow("starts processes and a browser, and opens thirty requests"),
]
EMAIL = "alice@example.com"
PASSWORD = "correct horse battery staple"
PER_REQUEST = 3  # payloads in title, description and message


def payload(number: int) -> str:
    text = MARKUP[number % len(MARKUP)].replace("{n}", str(number))
    return text.replace("{{", "{").replace("}}", "}")


class Watch:
    """Everything that a page must not do."""

    def __init__(self, page: Page, host: str) -> None:
        self.faults: list[str] = []
        self.host = host
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on("console", lambda line: self._console(line.text))
        page.on("popup", lambda other: self.faults.append(f"opened {other.url}"))

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and address.netloc != self.host:
            self.faults.append(f"fetched {request.url}")

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text or "Trusted" in text:
            self.faults.append(text[:300])


@pytest.mark.shows("XS-01", "XS-02", "XS-03", "XS-05", "XS-07", "EM-10")
def test_no_payload_runs_calls_out_or_breaks_the_policy(
    installation: Installation, browser: Browser
) -> None:
    installation.run(
        *("accounts", "create", "--email", EMAIL, "--kind", "personal"),
        *("--given-name", "Alice", "--family-name", "<img src=x onerror=alert(0)>"),
        *("--country", "CZ", "--time-zone", "Europe/Prague", "--language", "en"),
        given=PASSWORD,
    )
    token = installation.run("tokens", "issue", "--email", EMAIL).stdout.strip()
    (issued,) = installation.lines(
        *(
            "contracts",
            "issue",
            "--plan",
            "assurance-24x7",
            "--holder",
            "<script>alert(0)</script>",
        ),
        *("--legacy", "--incidents", "100"),
    )
    server = installation.serve("--workers", "1")
    customer = Customer(token=token, contract=issued["id"])
    headers = {"Authorization": f"Bearer {token}"}
    api = f"{server.url}/api/v1"
    ids = {"access_id": issued["access_id"], "contract_id": issued["contract_id"]}
    requests.post(f"{api}/contracts", json=ids, headers=headers, timeout=30).raise_for_status()
    paths = []
    for first in range(0, len(MARKUP), PER_REQUEST):
        wanted = customer.wanted("x") | {
            "title": payload(first)[:120]
            .replace("\n", " ")
            .replace("\t", " ")
            .replace("\u202e", ""),
            "description": payload(first + 1),
        }
        opened = requests.post(
            f"{api}/cases",
            json=wanted,
            headers=headers | {"Idempotency-Key": f"case-{first}"},
            timeout=30,
        )
        assert opened.status_code == 201, opened.text
        number = opened.json()["number"]
        said = requests.post(
            f"{api}/cases/{number}/messages",
            json={"body": payload(first + 2)},
            headers=headers,
            timeout=30,
        )
        assert said.status_code == 201, said.text
        kept = requests.post(
            f"{api}/cases/{number}/attachments",
            files={"file": (payload(first), b"x")},
            headers=headers,
            timeout=30,
        )
        assert kept.status_code == 201, kept.text
        paths.append(f"/requests/{number}/")

    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button.primary").click()
    page.wait_for_url("**/")
    watch = Watch(page, urlsplit(server.url).netloc)
    for path in (
        "/?state=all",
        "/?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&state=all",
        *paths,
        paths[0] + "history/",
        paths[0] + "sharing/",
        "/contracts/",
        "/settings/profile/",
        "/coverage/?product=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        page.goto(path)
        page.wait_for_load_state("load")
        assert watch.faults == [], path
    assert page.locator("script[src*='canary'], img[src*='canary'], iframe").count() == 0
    context.close()
    assert server.stop() == 0
