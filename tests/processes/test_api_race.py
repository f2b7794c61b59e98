"""Many programs at once against a real `opora serve`: one last incident, one key (PA-01, PA-04)."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.installation import Installation

CALLERS = 32
SAME_KEY = 16


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    retry_after: str | None

    @property
    def code(self) -> str | None:
        code: str | None = json.loads(self.content).get("code")
        return code


@dataclass(frozen=True)
class Program:
    """Calls a running server with one token."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **({"Idempotency-Key": key} if key else {}),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, response.read(), None)
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.read(), refused.headers.get("Retry-After"))

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.call("GET", path).content)["items"]
        return found


def at_once(program: Program, keys: list[str], body: dict[str, Any]) -> list[Answer]:
    """POST the body under each key, all together."""
    ready = threading.Barrier(len(keys))

    def post(key: str) -> Answer:
        ready.wait(timeout=60)
        return program.call("POST", "/cases", body, key=key)

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(post, keys))


@pytest.fixture
def program(installation: Installation) -> Program:
    """A customer of a running installation."""
    installation.run(
        *("accounts", "create", "--email", "jana@example.com", "--kind", "personal"),
        *("--given-name", "Jana", "--family-name", "Nováková", "--country", "CZ"),
        *("--time-zone", "Europe/Prague", "--language", "cs"),
    )
    token = installation.run("tokens", "issue", "--email", "jana@example.com").stdout.strip()
    return Program(installation.serve().url, token)


def opening(installation: Installation, program: Program, incidents: int) -> dict[str, Any]:
    """A body that opens a case on a fresh contract with so many incidents."""
    (issued,) = installation.lines(
        *("contracts", "issue", "--plan", "partner-on-premises-20", "--holder", "Contoso"),
        *("--incidents", str(incidents)),
    )
    ids = {"access_id": issued["access_id"], "contract_id": issued["contract_id"]}
    added = program.call("POST", "/contracts", ids)
    assert added.status == 201, added.content
    return {
        "product": "windows-server",
        "version": "windows-server-2025",
        "title": "The cluster loses its quorum",
        "description": "Both nodes lose the witness disk.",
        "contract": json.loads(added.content)["id"],
        "severity": "B",
        "round_the_clock": False,
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "primary_contact": {
            "given_name": "Jana",
            "family_name": "Nováková",
            "email": "jana@example.com",
            "preferred_contact": "email",
            "language": "cs",
        },
        "additional_contacts": [],
    }


@pytest.mark.slow("starts a server, and 32 calls wait for one another")
@pytest.mark.shows("PA-01", "F-15", "S13.2")
def test_of_32_calls_for_the_last_incident_one_wins(
    installation: Installation, program: Program
) -> None:
    body = opening(installation, program, incidents=1)
    answers = at_once(program, [f"key-{n}" for n in range(CALLERS)], body)
    assert Counter((one.status, one.code) for one in answers) == {
        (201, None): 1,
        (409, "no-incidents-left"): CALLERS - 1,
    }
    assert len(program.items("/cases")) == 1
    entries = program.items(f"/contracts/{body['contract']}/entries")
    assert [(one["kind"], one["balance"]) for one in entries] == [("consumed", 0), ("granted", 1)]
    installation.run("verify")


@pytest.mark.slow("starts a server, and 16 calls wait for one another")
@pytest.mark.shows("PA-04", "F-16")
def test_of_16_calls_under_one_key_all_are_answered_alike_or_told_to_wait(
    installation: Installation, program: Program
) -> None:
    body = opening(installation, program, incidents=SAME_KEY)
    answers = at_once(program, ["the-same"] * SAME_KEY, body)
    opened = [one for one in answers if one.status == 201]
    told_to_wait = [one for one in answers if one.status == 409]
    assert len(opened) >= 1
    assert len(opened) + len(told_to_wait) == SAME_KEY
    assert len({one.content for one in opened}) == 1
    assert {(one.code, one.retry_after) for one in told_to_wait} <= {("request-in-progress", "1")}
    assert len(program.items("/cases")) == 1
    again = program.call("POST", "/cases", body, key="the-same")
    assert (again.status, again.content) == (201, opened[0].content)
    installation.run("verify")
