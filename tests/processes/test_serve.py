"""`opora serve`: one command, one signal, one line; what crashes comes back, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import requests

from tests.installation import OPORA, Installation, Server

pytestmark = pytest.mark.processes


def group(server: Server) -> dict[int, int]:
    """The processes of the server's group: {pid: parent}."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            state, parent, its_group = fields[0], int(fields[1]), int(fields[2])
            if its_group == server.process.pid and state not in "ZX":
                found[int(folder.name)] = parent
    return found


def children(server: Server) -> list[int]:
    return sorted(pid for pid, parent in group(server).items() if parent == server.process.pid)


def wait_for(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def is_replaced(server: Server, crashed: int) -> bool:
    return crashed not in group(server) and len(children(server)) == 2


def answers(server: Server, path: str = "/health/live") -> bool:
    try:
        return requests.get(server.url + path, timeout=5).status_code == 200
    except requests.RequestException:
        return False


@pytest.mark.slow("starts a server, kills parts of it and waits for them to come back")
def test_it_serves_recovers_and_ends_with_one_signal(installation: Installation) -> None:
    server = installation.serve("--workers", "2")
    port = server.url.rpartition(":")[2]
    for host in ("localhost", "127.0.0.1"):
        live = requests.get(f"http://{host}:{port}/health/live", timeout=10)
        assert (live.status_code, live.text) == (200, "ok\n")
    ready = requests.get(f"{server.url}/health/ready", timeout=10)
    assert (ready.status_code, ready.text) == (200, "ok\n")

    # The web server and the worker are children of the supervisor; each comes back after kill -9.
    assert len(children(server)) == 2
    assert len(group(server)) == 5
    for crashed in children(server):
        os.kill(crashed, signal.SIGKILL)
        wait_for(partial(is_replaced, server, crashed))
        wait_for(lambda: answers(server))
    wait_for(lambda: len(group(server)) == 5)

    assert server.stop() == 0
    assert group(server) == {}
    assert server.process.stdout is not None


@pytest.mark.shows("F-01")
@pytest.mark.slow("starts a server twice")
def test_a_killed_supervisor_leaves_nothing_behind_and_starts_again(
    installation: Installation,
) -> None:
    server = installation.serve("--workers", "1")
    port = server.url.rpartition(":")[2]
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=10)
    again = subprocess.Popen(
        [OPORA, "serve", "--port", port],
        env=installation.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    installation.servers.append(Server(server.url, again))
    assert again.stdout is not None
    assert again.stdout.readline() == f"ready http://localhost:{port}\n"
    assert group(server) == {}
    os.killpg(again.pid, signal.SIGTERM)
    # Nothing but the one line was printed.
    assert again.stdout.read() == ""
    assert again.wait(timeout=20) == 0


def test_a_port_that_is_taken_is_a_sentence(installation: Installation) -> None:
    server = installation.serve("--workers", "1")
    port = server.url.rpartition(":")[2]
    done = installation.run("serve", "--port", port, status=1)
    assert done.stderr == f"opora: port {port} cannot be used: Address already in use\n"
    assert done.stdout == ""
    assert answers(server)
