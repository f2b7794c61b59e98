"""An installation of its own, driven from outside: real processes, a durable database."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.databases import child_environment

OPORA = Path(sys.executable).with_name("opora")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A running `opora serve`: `url` answers; its process group is the server."""

    url: str
    process: subprocess.Popen[str]

    def stop(self, *, seconds: float = 20) -> int:
        """End it as an operator would; its exit status."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            return self.process.wait(timeout=seconds)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9 of everything, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()


@dataclass
class Installation:
    """A data folder and database with the catalogue and plans loaded, and the commands on them."""

    data_dir: Path
    database_url: str
    settings: dict[str, str] = field(default_factory=dict)
    servers: list[Server] = field(default_factory=list)
    serving: tuple[str, ...] = (str(OPORA),)  # what `serve` is called on

    @property
    def env(self) -> dict[str, str]:
        return child_environment(self.data_dir, self.database_url) | self.settings

    def run(
        self, *arguments: str, given: str = "", status: int = 0, seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """`opora ARGUMENTS` with `given` on standard input; fails unless it exits with `status`."""
        done = subprocess.run(
            [OPORA, *arguments],
            env=self.env,
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == status, (
            f"opora {' '.join(arguments)} exited {done.returncode}, not {status}:\n"
            f"{done.stdout}{done.stderr}"
        )
        return done

    def lines(self, *arguments: str, given: str = "") -> list[Any]:
        """What `opora ARGUMENTS --json` prints, one JSON value a line."""
        printed = self.run(*arguments, "--json", given=given).stdout
        return [json.loads(line) for line in printed.splitlines() if line]

    def serve(self, *arguments: str, seconds: float = 60) -> Server:
        """`opora serve` on a free port, in a process group of its own, once it says it is ready."""
        port = free_port()
        log = (self.data_dir / f"serve-{port}.log").open("w")
        with log:
            process = subprocess.Popen(
                [*self.serving, "serve", "--port", str(port), *arguments],
                env=self.env | {"OPORA_PORT": str(port)},  # read before the arguments by `crashing`
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        server = Server(f"http://localhost:{port}", process)
        self.servers.append(server)
        deadline = time.monotonic() + seconds
        assert process.stdout is not None
        while time.monotonic() < deadline and process.poll() is None:
            if select.select([process.stdout], [], [], 0.2)[0]:
                line = process.stdout.readline()
                if line.startswith("ready "):
                    server.url = line.split()[1]
                    return server
        server.kill()
        raise AssertionError(
            f"opora serve was not ready within {seconds} s:\n{Path(log.name).read_text()}"
        )

    def stop_all(self) -> None:
        for server in self.servers:
            server.kill()
