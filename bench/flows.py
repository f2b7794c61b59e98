"""The flows that are measured, as a client takes them; the same for both servers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from bench import cast
from bench.client import Browser, Refused

Ticket = dict[str, Any]
Flow = Callable[[Browser, Ticket, int], None]

CASE = re.compile(rb"/requests/\d{16}/")
FORM = re.compile(rb'action="(/requests/new/[0-9a-f]{32}/)"')
MESSAGE = "Po restartu služby server odpovídá, ale záloha se stále nespustí. Přikládám protokol."


def submit(browser: Browser, ticket: Ticket, turn: int) -> None:
    """Form, post, page: the form under a fresh id, all of it posted there, the receipt shown."""
    browser.cookies = ticket["cookies"]["submitter"]
    wanted, guard = ticket["wanted"], {"csrfmiddlewaretoken": ticket["csrf"]}
    form = FORM.search(browser.get("/requests/new/"))
    if form is None:
        raise Refused("the form says not where to post")
    fields = {name: value for name, value in wanted.items() if isinstance(value, str)}
    fields |= {f"primary_contact.{k}": v for k, v in wanted["primary_contact"].items()}
    fields |= {"non_production": "false", "do": "submit", **guard}
    page = browser.post(form[1].decode(), fields)
    if not page.endswith("/submitted/"):
        raise Refused(page)
    if not CASE.search(browser.get(page)):
        raise Refused("the receipt names no case")


def post_case(browser: Browser, ticket: Ticket, turn: int) -> None:
    """POST /api/v1/cases."""
    browser.cookies = ""
    status, _head, body = browser.call(
        "POST",
        "/api/v1/cases",
        json.dumps(ticket["wanted"]).encode(),
        "application/json",
        f"Authorization: Bearer {ticket['token']}\r\nIdempotency-Key: {secrets.token_hex(16)}\r\n",
    )
    if status != 201:
        raise Refused(f"{status}: {body!r}")


def list_of_ten(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["ten"]
    _with(browser.get("/?state=all"), b"/requests/", times=10)


def list_of_many(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["old"]
    _with(browser.get("/?state=all"), b"/requests/", times=25)


def read_case(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["talker"]
    number = ticket["talks"][turn % len(ticket["talks"])]
    _with(browser.get(f"/requests/{number}/"), b'id="m-', times=cast.TALK)


def reply(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["replier"]
    number = ticket["replies"][turn % len(ticket["replies"])]
    fields = {"csrfmiddlewaretoken": ticket["csrf"], "body": MESSAGE}
    browser.post(f"/requests/{number}/messages/", fields)


def agent_queue(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["agent"]
    _with(browser.get("/desk/?view=open&by=due"), b"<time", times=25)


def search_rare(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["agent"]
    _with(browser.get(f"/desk/?q={quote(cast.RARE)}"), b"<time", times=cast.RARE_CASES)


def search_common(browser: Browser, ticket: Ticket, turn: int) -> None:
    browser.cookies = ticket["cookies"]["agent"]
    _with(browser.get(f"/desk/?q={quote(cast.COMMON)}"), b"<time", times=25)


FLOWS: dict[str, Flow] = {
    "submit": submit,
    "post case (API)": post_case,
    "list, 10 cases": list_of_ten,
    "list, 1,000 cases": list_of_many,
    "open a case": read_case,
    "reply": reply,
    "agent queue": agent_queue,
    "search, rare word": search_rare,
    "search, common word": search_common,
}
# What is to be reached of the least app, at 8 clients.
TARGETS = {name: 0.67 if name.startswith("list") else 0.5 for name in FLOWS}


def _with(page: bytes, mark: bytes, times: int = 1) -> None:
    """A fast answer that is not the page is none."""
    if page.count(mark) < times:
        raise Refused(f"{mark!r} stands {page.count(mark)} times on the page, not {times}")
