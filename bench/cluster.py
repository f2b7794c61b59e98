"""A PostgreSQL server of the benchmark's own, whose data folder is kept for the next run.

Durable defaults: what is answered has been synced. Only filling a database switches that off, and
begins anew if it is cut short.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

FOLDER = Path(os.environ.get("OPORA_BENCH_DIR", ".cache/bench")).resolve()
FILLING = (
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=8GB",
    "autovacuum=off",
)


@dataclass(frozen=True)
class Server:
    port: int

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url(database), autocommit=True)


@contextmanager
def running(*, filling: bool = False) -> Iterator[Server]:
    """The server, from start to stop; `filling` trades safety for speed."""
    data = FOLDER / "postgresql"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (data / "PG_VERSION").exists():
        _make(data)
    (data / "postmaster.pid").unlink(missing_ok=True)
    port = free_port()
    options = ["port=" + str(port), "listen_addresses=127.0.0.1", "max_connections=100"]
    options += [f"unix_socket_directories={data}", *(FILLING if filling else ())]
    words = [word for option in options for word in ("-c", option)]
    with (FOLDER / "postgresql.log").open("ab") as log:
        process = subprocess.Popen(
            [*_as_owner(), str(_programs() / "postgres"), "-D", str(data), *words],
            stdout=log,
            stderr=log,
        )
    try:
        server = Server(port)
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()  # waits for nobody: connections are closed by then
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            subprocess.run(
                [*_as_owner(), str(_programs() / "pg_ctl"), "-D", str(data), "-m", "fast", "stop"],
                check=True,
                stdout=subprocess.DEVNULL,
            )


def comment_on(server: Server, name: str) -> str:
    """What was noted on a database; empty if there is none."""
    with server.connect() as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
    return str(row[0] or "") if row else ""


def drop_database(server: Server, name: str) -> None:
    with server.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def copy_database(server: Server, source: str, name: str) -> None:
    """A copy to measure on, so that what a run writes is gone for the next one."""
    drop_database(server, name)
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY".encode())


def _make(data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    subprocess.run(
        [
            *_as_owner(),
            str(_programs() / "initdb"),
            *("-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _as_owner() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] * (
        os.geteuid() == 0
    )


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else Path(shutil.which("postgres") or "postgres").parent


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"PostgreSQL did not start; see {FOLDER / 'postgresql.log'}")
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("PostgreSQL did not answer within two minutes.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
