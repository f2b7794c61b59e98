"""A customer of a running installation who submits over the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from tests.installation import Installation, Server

INCIDENTS = 100_000


@dataclass
class Customer:
    """An account with a token and a contract, as the command line makes them."""

    token: str
    contract: str

    def post(self, server: Server, key: str) -> requests.Response:
        return requests.post(
            f"{server.url}/api/v1/cases",
            json=self.wanted(key),
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
            timeout=30,
        )

    def wanted(self, key: str) -> dict[str, Any]:
        return {
            "product": "windows-server",
            "version": "windows-server-2025",
            "title": f"Does not start ({key})",
            "description": "It stops with an error as soon as it is started.",
            "contract": self.contract,
            "severity": "B",
            "round_the_clock": False,
            "country": "CZ",
            "time_zone": "Europe/Prague",
            "primary_contact": {
                "given_name": "Alice",
                "family_name": "Adams",
                "email": "alice@example.com",
                "preferred_contact": "email",
                "language": "en",
            },
            "additional_contacts": [],
        }

    def get(self, server: Server, path: str) -> Any:
        response = requests.get(
            f"{server.url}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert response.status_code == 200, response.text
        return response.json()

    def cases(self, server: Server) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(server, f"/cases?limit=100&cursor={cursor}")
            yield from page["items"]
            cursor = page["next"]


def make_customer(installation: Installation) -> tuple[Customer, dict[str, Any]]:
    """The customer, and the contract as issued: still to be registered."""
    installation.run(
        *("accounts", "create", "--email", "alice@example.com", "--kind", "personal"),
        *("--given-name", "Alice", "--family-name", "Adams", "--country", "CZ"),
        *("--time-zone", "Europe/Prague", "--language", "en"),
    )
    token = installation.run("tokens", "issue", "--email", "alice@example.com").stdout.strip()
    (issued,) = installation.lines(
        *("contracts", "issue", "--plan", "assurance-24x7", "--holder", "Alice Adams"),
        *("--legacy", "--incidents", str(INCIDENTS)),
    )
    return Customer(token=token, contract=issued["id"]), issued
