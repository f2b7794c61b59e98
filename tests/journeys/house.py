"""One running installation for all journeys, with people and contracts made by the command line."""

from __future__ import annotations

import email
import email.policy
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import requests

from tests.installation import Installation
from tests.journeys.look import Look

PASSWORD = "correct horse battery staple"
PATIENCE = 60.0  # seconds until something that must come counts as lost
BATCH = Path(__file__).with_name("batch.py")


@dataclass(frozen=True)
class Pair:
    """The two IDs of a contract."""

    access_id: str
    contract_id: str


@dataclass(frozen=True)
class Program:
    """A program that calls the API as `email`."""

    url: str
    secret: str
    language: str

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        answer = requests.request(
            method,
            f"{self.url}/api/v1{path}",
            json=json,
            headers={
                "Authorization": f"Bearer {self.secret}",
                "Accept-Language": self.language,
                **headers,
            },
            timeout=PATIENCE,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


@dataclass
class House:
    """The installation, its address, and who lives there. Accounts speak the look's language."""

    installation: Installation
    look: Look
    url: str = ""
    people: dict[str, str] = field(default_factory=dict)

    # --- Made before it opens ---
    def do(self, *commands: Sequence[str], given: str = "") -> list[list[Any]]:
        """Run commands, each with `given` on standard input; the JSON lines that each printed."""
        done = subprocess.run(
            [sys.executable, BATCH],
            env=self.installation.env,
            input=json.dumps([[list(command), given] for command in commands]),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        printed = [text.splitlines() for text in json.loads(done.stdout)]
        return [[json.loads(one) for one in lines if one.startswith("{")] for lines in printed]

    def person(self, email: str, given_name: str, family_name: str, kind: str) -> list[str]:
        """The command that makes an account."""
        return [
            *("accounts", "create", "--email", email, "--kind", kind),
            *("--given-name", given_name, "--family-name", family_name),
            *("--country", "CZ", "--time-zone", "Europe/Prague", "--language", self.look.language),
        ]

    def open(self) -> None:
        self.url = self.installation.serve("--workers", "2").url

    # --- While it is open ---
    def contracts(self, plan: str, *more: str) -> list[Pair]:
        """Freshly issued contracts that nobody has added."""
        return self.issue([issuing(plan, *more)])[0]

    def issue(self, commands: Sequence[Sequence[str]]) -> list[list[Pair]]:
        return [
            [Pair(one["access_id"], one["contract_id"]) for one in lines]
            for lines in self.do(*commands)
        ]

    def program(self, email: str) -> Program:
        secret = self.installation.run("tokens", "issue", "--email", email).stdout.strip()
        return Program(self.url, secret.splitlines()[-1], self.look.language)

    # --- Mails ---
    def mails_to(self, address: str) -> list[EmailMessage]:
        """What was sent to `address`, oldest first."""
        files = sorted(
            (self.installation.data_dir / "mail").glob("*.eml"),
            key=lambda file: file.stat().st_mtime_ns,
        )
        mails = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in files
        ]
        return [mail for mail in mails if address in mail["To"]]

    def mail_to(self, address: str, position: int = 0) -> EmailMessage:
        """The mail number `position` to `address`, waited for."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            mails = self.mails_to(address)
            if len(mails) > position:
                return mails[position]
            time.sleep(0.1)
        raise AssertionError(f"no mail number {position} to {address}")


def issuing(plan: str, *more: str) -> list[str]:
    """The command that issues contracts of `plan`."""
    return ["contracts", "issue", "--plan", plan, "--holder", "Contoso", *more, "--json"]


def text_of(mail: EmailMessage) -> str:
    """The mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage, part: str) -> str:
    """The address in the mail's text that contains `part`."""
    links = re.findall(r"https?://[^\s>]+", text_of(mail))
    return str(next(link for link in links if part in link))
