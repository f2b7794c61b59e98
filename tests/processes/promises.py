"""Opora as programs outside meet it: commands, calls and mails of one running vendor."""

from __future__ import annotations

import email
import email.policy
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import requests

from tests.installation import Installation

CONTRACT = {
    *("id", "contract_id", "plan", "starts_on", "ends_on", "incidents_granted", "incidents_left"),
    *("status", "registered_at"),
}
CASE = {
    *("product", "version", "problem", "title", "description", "non_production", "contract"),
    *("severity", "round_the_clock", "country", "time_zone", "attachments", "number", "status"),
    *("turn", "submitted_at", "response_due_at", "first_responded_at", "closed_at", "outcome"),
    "owner",
}


@dataclass(frozen=True)
class Program:
    """Calls the API with one token. Every refusal is checked to be a problem (RFC 9457)."""

    url: str
    token: str = ""
    language: str = ""

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", **options: Any
    ) -> requests.Response:
        headers = {
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            **({"Accept-Language": self.language} if self.language else {}),
            **({"Idempotency-Key": key} if key else {}),
            **options.pop("headers", {}),
        }
        answer = requests.request(
            method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=60, **options
        )
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json", answer.text
            assert {"type", "title", "status", "detail", "code"} <= set(answer.json()), answer.text
        return answer

    def get(self, path: str, **options: Any) -> Any:
        """What a call answers that has to succeed."""
        return self._data(self.call("GET", path, **options), 200)

    def post(self, path: str, body: Any = None, *, status: int = 201, **options: Any) -> Any:
        return self._data(self.call("POST", path, body, **options), status)

    def items(self, path: str) -> list[Any]:
        found: list[Any] = self.get(path)["items"]
        return found

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """Status and code of a call that has to be refused."""
        answer = self.call(method, path, body, **options)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["code"]

    def open(self, body: dict[str, Any], *, key: str = "") -> requests.Response:
        return self.call("POST", "/cases", body, key=key or secrets.token_hex(8))

    def upload(self, path: str, content: bytes, name: str = "log.txt", **options: Any) -> Any:
        return self.post(path, files={"file": (name, content, "text/plain")}, **options)

    def register(self, issued: dict[str, Any]) -> requests.Response:
        ids = {"access_id": issued["access_id"], "contract_id": issued["contract_id"]}
        return self.call("POST", "/contracts", ids)

    @staticmethod
    def _data(answer: requests.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()


@dataclass
class Vendor:
    """A running installation with its customers, and where its mails are put."""

    installation: Installation
    mails: Path
    url: str
    programs: dict[str, Program] = field(default_factory=dict)

    def program(self, name: str, kind: str = "personal") -> Program:
        """The program of NAME@example.com, whose account is made when first asked for."""
        address = f"{name}@example.com"
        if name not in self.programs:
            self.installation.run(
                *("accounts", "create", "--email", address, "--kind", kind, "--language", "en"),
                *("--given-name", name.title(), "--family-name", "Novák"),
            )
            token = self.installation.run("tokens", "issue", "--email", address).stdout
            self.programs[name] = Program(self.url, token.strip())
        return self.programs[name]

    def issue(self, plan: str = "partner-on-premises-20", *words: str) -> dict[str, Any]:
        (issued,) = self.installation.lines(
            "contracts", "issue", "--plan", plan, "--holder", "Contoso", *words
        )
        return dict(issued)

    def mails_of(self, number: str, *, count: int, seconds: float = 30) -> list[EmailMessage]:
        """The mails on a case once there are `count`; waits for the queue, fails if more come."""
        until(lambda: len(self.mails_on(number)) >= count, seconds=seconds)
        found = self.mails_on(number)
        assert len(found) == count, [(mail["To"], mail["Subject"]) for mail in found]
        return found

    def mails_on(self, number: str) -> list[EmailMessage]:
        """The mails on a case that were sent so far."""
        parsed = (
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in sorted(self.mails.glob("*.eml"))
        )
        return [mail for mail in parsed if mail["X-Opora-Case"] == number]


def until(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for what a background job brings about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


@contextmanager
def running(installation: Installation) -> Iterator[Vendor]:
    """The installation served until the block ends, its mails in a folder of their own."""
    mails = installation.data_dir.parent / "mails"
    installation.settings["OPORA_EMAIL_URL"] = f"file:{mails}"
    yield Vendor(installation, mails, installation.serve().url)


def opening(contract: str, /, **changes: Any) -> dict[str, Any]:
    """A body for `POST /cases`: Jana is the primary contact, Petr an additional one."""
    return {
        "product": "windows-server",
        "version": "windows-server-2025",
        "title": "The cluster loses its quorum",
        "description": "Both nodes\nlose the witness disk.",
        "non_production": False,
        "contract": contract,
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
        "additional_contacts": [
            {"given_name": "Petr", "family_name": "Novák", "email": "PETR@Example.com"}
        ],
    } | changes
