"""Kill -9 at each named step of submitting and of keeping a file; and of the worker at its mail.

F-01: before the commit nothing is left, after it everything; asking again with the key settles
which. F-29: a file without its row can be left, a row without its file never. F-02: a mail that was
being sent is sent again under the same Message-ID, once more for each kill and no more.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from aiosmtpd.controller import Controller

from tests.databases import ROOT
from tests.installation import Installation, Server, free_port
from tests.processes.crashing import COMMITS, STEPS
from tests.processes.customers import Customer, make_customer

pytestmark = pytest.mark.processes


@pytest.fixture
def crashing(installation: Installation) -> Installation:
    """An installation whose server dies where the test says."""
    installation.serving = (sys.executable, "-m", "tests.processes.crashing")
    installation.settings["PYTHONPATH"] = str(ROOT)
    return installation


def begin(installation: Installation) -> tuple[Server, Customer]:
    customer, issued = make_customer(installation)
    server = installation.serve("--workers", "1")
    added = requests.post(
        f"{server.url}/api/v1/contracts",
        json={"access_id": issued["access_id"], "contract_id": issued["contract_id"]},
        headers={"Authorization": f"Bearer {customer.token}"},
        timeout=30,
    )
    assert added.status_code == 201, added.text
    return server, customer


def until(answers: Callable[[], requests.Response], *, seconds: float = 20) -> requests.Response:
    """The answer, as soon as there is a process again to give one."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return answers()
        except requests.RequestException:
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.05)


@pytest.mark.shows("F-01", "I1", "I2", "I4")
@pytest.mark.slow("kills a web worker at each step of submitting")
def test_a_kill_at_any_step_of_submitting_leaves_all_or_nothing(crashing: Installation) -> None:
    server, customer = begin(crashing)
    steps = [f"{when} {step}" for step in STEPS if step.startswith("submit.")
             for when in ("before", "after")]  # fmt: skip
    opened = 0
    for step in (*steps, *COMMITS):
        (crashing.data_dir / "crash-at").write_text(step)
        with pytest.raises(requests.RequestException):
            customer.post(server, step.replace(" ", "-"))
        assert not (crashing.data_dir / "crash-at").exists(), f"{step} was never reached"
        numbers = until(lambda: customer_list(server, customer)).json()["items"]
        is_done = step == "after commit"
        assert len(numbers) == opened + is_done, step
        again = until(partial(customer.post, server, step.replace(" ", "-")))
        assert again.status_code == 201, (step, again.text)
        opened += 1
        numbers_now = customer_list(server, customer).json()["items"]
        assert len(numbers_now) == opened, step
        if is_done:
            assert again.json()["number"] == numbers[0]["number"]
    (contract,) = customer.get(server, "/contracts")["items"]
    assert contract["incidents_left"] == 100_000 - opened
    assert server.stop() == 0
    crashing.run("verify")


def customer_list(server: Server, customer: Customer) -> requests.Response:
    return requests.get(
        f"{server.url}/api/v1/cases?limit=100",
        headers={"Authorization": f"Bearer {customer.token}"},
        timeout=30,
    )


@pytest.mark.shows("F-29", "F-17")
@pytest.mark.slow("kills a web worker at each step of keeping a file")
def test_a_kill_at_any_step_of_keeping_a_file_leaves_no_row_without_it(
    crashing: Installation,
) -> None:
    server, customer = begin(crashing)
    opened = customer.post(server, "a-case").json()["number"]
    headers = {"Authorization": f"Bearer {customer.token}"}
    address = f"{server.url}/api/v1/cases/{opened}/attachments"

    def send(name: str) -> requests.Response:
        files = {"file": (name, b"x" * 5000)}
        return requests.post(address, headers=headers, files=files, timeout=30)

    steps = [f"{when} {step}" for step in STEPS if step.startswith("file.")
             for when in ("before", "after")]  # fmt: skip
    for step in (*steps, *COMMITS):
        (crashing.data_dir / "crash-at").write_text(step)
        with pytest.raises(requests.RequestException):
            send(f"{step}.log")
        assert not (crashing.data_dir / "crash-at").exists(), f"{step} was never reached"
        # The row is committed loose and put on the request afterwards: nothing is on it yet.
        rows = until(lambda: requests.get(address, headers=headers, timeout=30)).json()["items"]
        assert rows == [], step
    until(lambda: send("whole.log"))
    (row,) = requests.get(address, headers=headers, timeout=30).json()["items"]
    content = requests.get(f"{address}/{row['id']}", headers=headers, timeout=30).content
    assert content == b"x" * 5000
    assert server.stop() == 0
    on_disk = {path.name for path in (crashing.data_dir / "files").rglob("*") if path.is_file()}
    stored = {name for (name,) in rows_of(crashing, "SELECT stored_as FROM cases_attachment")}
    assert len(stored) == 2, "the whole one, and the one whose row was committed"
    assert stored <= on_disk
    assert len(on_disk) > len(stored), "files without rows are left; the sweeper removes them"
    crashing.run("verify")


def rows_of(installation: Installation, query: str) -> list[tuple[Any, ...]]:
    """What the database holds, read past Opora."""
    if installation.database_url:
        with psycopg.connect(installation.database_url) as connection:
            return connection.execute(query).fetchall()
    file = sqlite3.connect(installation.data_dir / "opora.sqlite3")
    try:
        return file.execute(query).fetchall()
    finally:
        file.close()


class Sink:
    """A mail server that counts, and kills the worker while it takes some of the mails."""

    def __init__(self, pid: Path, kills_at: set[int]) -> None:
        self.pid = pid
        self.kills_at = kills_at
        self.hit: list[str] = []  # mails that the worker was killed at
        self.taken: list[str] = []
        self.lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self.lock:
            self.taken.append(str(message_from_bytes(envelope.content)["Message-ID"]))
            if len(self.taken) in self.kills_at:
                os.kill(int(self.pid.read_text()), signal.SIGKILL)
                self.hit.append(self.taken[-1])
        return "250 taken"


@pytest.mark.shows("F-02", "I5")
@pytest.mark.slow("kills the worker while it sends")
def test_a_worker_killed_at_its_mail_sends_that_mail_once_more_and_no_other(
    crashing: Installation,
) -> None:
    mails = 12
    sink = Sink(crashing.data_dir / "worker.pid", kills_at={2, 6, 9})
    port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        crashing.settings |= {
            "OPORA_EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "OPORA_TEST_LEASE": "2",
        }
        server, customer = begin(crashing)
        for number in range(mails):
            assert customer.post(server, f"mail-{number}").status_code == 201
        deadline = time.monotonic() + 60
        while len(set(sink.taken)) < mails:
            assert time.monotonic() < deadline, (len(set(sink.taken)), sink.hit)
            time.sleep(0.2)
        time.sleep(3)  # longer than the lease: whatever would be sent once more is sent by now
        assert server.stop() == 0
    finally:
        controller.stop()
    copies = Counter(sink.taken)
    assert len(sink.hit) == 3
    assert len(copies) == mails
    # Once more for each kill, even where two hit the same mail.
    assert copies == Counter({mail: 1 + sink.hit.count(mail) for mail in copies})
    crashing.run("verify")
