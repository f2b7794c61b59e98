"""M3: kill -9 of everything at random moments loses nothing acknowledged (F-01, I1, I2, I4).

Clients journal what they send and what they hear, as Jepsen does: a request that got no answer is
open, and must turn out whole or absent. Asking again with the same key settles which.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import requests

from tests.installation import Installation, Server
from tests.processes.customers import INCIDENTS, Customer, make_customer

pytestmark = pytest.mark.processes

KILLS = int(os.environ.get("OPORA_TEST_KILLS", "20"))
SEED = int(os.environ.get("OPORA_TEST_SEED", str(random.SystemRandom().randrange(10**6))))
CLIENTS = 4


@dataclass
class Journal:
    """What was sent under which key, and the number that was answered: None while it is open."""

    answers: dict[str, str | None] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, key: str) -> None:
        with self.lock:
            self.answers.setdefault(key, None)

    def heard(self, key: str, response: requests.Response) -> None:
        with self.lock:
            if response.status_code != 201:
                self.refusals.append(f"{key}: {response.status_code} {response.text[:300]}")
                return
            number = response.json()["number"]
            before = self.answers[key]
            if before not in (None, number):
                self.refusals.append(f"{key}: {number} after {before}")
            self.answers[key] = number

    def open_keys(self) -> list[str]:
        with self.lock:
            return [key for key, number in self.answers.items() if number is None]

    def acknowledged(self) -> dict[str, str]:
        with self.lock:
            return {key: number for key, number in self.answers.items() if number is not None}


def one_life(
    server: Server, customer: Customer, journal: Journal, *, seconds: float, life: int
) -> None:
    """Settle what is open, then submit from several clients until the server is killed."""
    for key in journal.open_keys():
        journal.heard(key, customer.post(server, key))
    dead = threading.Event()

    def submit(client: int) -> None:
        number = 0
        while not dead.is_set():
            number += 1
            key = f"{life}-{client}-{number}"
            journal.sent(key)
            try:
                journal.heard(key, customer.post(server, key))
            except requests.RequestException:
                return  # no answer: open

    clients = [threading.Thread(target=submit, args=(each,)) for each in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(seconds)
    dead.set()
    server.kill()
    for client in clients:
        client.join(timeout=60)


@pytest.mark.shows("F-01", "I1", "I2", "I4", "S13.2")
@pytest.mark.slow("kills and restarts a whole server many times")
def test_what_was_acknowledged_survives_kill_9_and_what_was_not_is_whole_or_absent(
    installation: Installation,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(SEED)
    record_property("seed", SEED)
    customer, issued = make_customer(installation)
    journal = Journal()
    for life in range(KILLS):
        server = installation.serve("--workers", "2")
        if life == 0:
            added = requests.post(
                f"{server.url}/api/v1/contracts",
                json={"access_id": issued["access_id"], "contract_id": issued["contract_id"]},
                headers={"Authorization": f"Bearer {customer.token}"},
                timeout=30,
            )
            assert added.status_code == 201, added.text
        one_life(server, customer, journal, seconds=chance.uniform(0.05, 1.5), life=life)
        assert journal.refusals == [], f"seed {SEED}"
        if life % 10 == 9:
            installation.run("verify")

    server = installation.serve("--workers", "2")
    acknowledged = journal.acknowledged()
    stored = {case["number"]: case["title"] for case in customer.cases(server)}
    # Acknowledged ⊆ stored, each as it was sent; the others are whole or absent.
    assert acknowledged, "nothing was ever acknowledged"
    for key, number in acknowledged.items():
        assert stored.get(number) == f"Does not start ({key})"
    strays = set(stored) - set(acknowledged.values())
    open_titles = {f"Does not start ({key})" for key in journal.open_keys()}
    assert {stored[number] for number in strays} <= open_titles
    # Asking again with the same key gives the same number, or opens what was absent, once.
    for key in [*journal.open_keys(), *chance.sample(sorted(acknowledged), k=1)]:
        journal.heard(key, customer.post(server, key))
    assert journal.refusals == []
    numbers = list(journal.acknowledged().values())
    assert len(numbers) == len(set(numbers)) == len(journal.answers)
    assert sorted(case["number"] for case in customer.cases(server)) == sorted(numbers)
    (contract,) = customer.get(server, "/contracts")["items"]
    assert contract["incidents_left"] == INCIDENTS - len(numbers)
    installation.run("verify")
    assert server.stop() == 0
    installation.run("verify")
    record_property("kills", KILLS)
    record_property("requests", len(numbers))
