"""One run: every flow, at every size and number of clients, on Opora and on both floors in turn."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import opora
from bench import cast, cluster, floor, serving
from bench.client import Browser
from bench.cluster import FOLDER, Server
from bench.flows import FLOWS, Ticket

SUBJECTS = ("opora", "least", "sql")
CLIENTS = (1, 8)
NO_WORK = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|DISCARD)\b", re.IGNORECASE)
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")


@dataclass
class Figures:
    """What was measured of one flow, size and number of clients, on one subject."""

    seconds: list[float] = field(default_factory=list)  # one a flow
    spent: float = 0.0  # how long it was measured

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.spent if self.spent else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def percentile_95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


Key = tuple[int, str, int, str]  # size, flow, clients, subject


@dataclass
class Plan:
    sizes: tuple[int, ...]
    flows: tuple[str, ...]
    rounds: int
    seconds: float  # of a flow on a subject, in each round
    workers: int


@dataclass
class Measured:
    figures: dict[Key, Figures] = field(default_factory=dict)
    statements: dict[tuple[str, str], int] = field(default_factory=dict)  # flow, subject


def fill(sizes: Sequence[int]) -> None:
    """Make what is missing of the databases that are kept."""
    missing = list(sizes)
    if (FOLDER / "postgresql" / "PG_VERSION").exists():
        with cluster.running() as server:
            missing = [size for size in sizes if not _is_filled(server, size)]
    for size in missing:
        _tell(f"Filling a database with {size:,} cases; it is kept for the next run.")
        with cluster.running(filling=True) as server:
            name = f"filling_{size}"
            cluster.drop_database(server, name)
            with server.connect() as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            _run("bench.filling", str(size), url=server.url(name))
            cluster.drop_database(server, f"cases_{size}")
            with server.connect() as connection:
                connection.execute(f"ALTER DATABASE {name} RENAME TO cases_{size}".encode())
                told = f"COMMENT ON DATABASE cases_{size} IS '{_schema()}'"
                connection.execute(told.encode())


def _is_filled(server: Server, size: int) -> bool:
    """Filled, and by the migrations of this very code."""
    return cluster.comment_on(server, f"cases_{size}") == _schema()


def _schema() -> str:
    """A hash over all migrations, and which rows are made."""
    files = sorted(Path(opora.__file__).parent.glob("*/migrations/0*.py"))
    migrations = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(migrations + str(cast.ROWS).encode()).hexdigest()


def measure(plan: Plan) -> Measured:
    """Everything, interleaved: in each round each flow on each subject, one right after another."""
    fill(plan.sizes)
    measured = Measured()
    with cluster.running() as server, ExitStack() as stack:
        places: dict[int, dict[str, Any]] = {}
        for size in plan.sizes:
            places[size] = stack.enter_context(_ready(server, size, plan.workers))
        first = places[plan.sizes[0]]
        for flow in plan.flows:
            for subject in SUBJECTS:
                measured.statements[flow, subject] = _statements(server, first, subject, flow)
        _warm_up(plan, places)
        for turn in range(plan.rounds):
            _tell(f"round {turn + 1} of {plan.rounds}")
            for size in plan.sizes:
                for flow in plan.flows:
                    for clients in CLIENTS:
                        for subject in SUBJECTS:
                            _measure(
                                measured, plan, places, size, flow, clients, subject, plan.seconds
                            )
    return measured


@contextmanager
def _ready(server: Server, size: int, workers: int) -> Iterator[dict[str, Any]]:
    """A copy of the database, two servers on it, and tickets."""
    name = f"run_{size}"
    _tell(f"copying the database of {size:,} cases")
    cluster.copy_database(server, f"cases_{size}", name)
    url = server.url(name)
    made = json.loads(_run("bench.tickets", url=url))
    tickets = [{**ticket, "csrf": made["csrf"]} for ticket in made["tickets"]]
    with ExitStack() as stack:
        place: dict[str, Any] = {"url": url, "tickets": tickets}
        for which in ("opora", "least"):
            place[which] = stack.enter_context(serving.running(which, url, workers))
        yield place
    cluster.drop_database(server, name)


def _warm_up(plan: Plan, places: dict[int, dict[str, Any]]) -> None:
    for size in plan.sizes:
        for flow in plan.flows:
            for subject in SUBJECTS:
                _measure(Measured(), plan, places, size, flow, max(CLIENTS), subject, 0.7)


def _measure(
    measured: Measured,
    plan: Plan,
    places: dict[int, dict[str, Any]],
    size: int,
    flow: str,
    clients: int,
    subject: str,
    seconds: float,
) -> None:
    figures = measured.figures.setdefault((size, flow, clients, subject), Figures())
    taken, spent = _at_once(places[size], flow, clients, subject, seconds)
    figures.seconds += taken
    figures.spent += spent


def _at_once(
    place: dict[str, Any], flow: str, clients: int, subject: str, seconds: float
) -> tuple[list[float], float]:
    """Seconds of each flow that `clients` processes took in a row for so long, and how long."""
    pipes: list[Connection] = []
    processes = []
    start = time.monotonic() + 0.03 + 0.01 * clients
    for number in range(clients):
        mine, its = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_client, args=(its, place, flow, number, subject, start, start + seconds)
        )
        process.start()
        its.close()
        pipes.append(mine)
        processes.append(process)
    taken: list[float] = []
    for mine, process in zip(pipes, processes, strict=True):
        answer = mine.recv()
        process.join()
        if isinstance(answer, str):
            raise SystemExit(f"{flow} on {subject}: {answer}")
        taken += answer
    return taken, time.monotonic() - start


def _client(
    pipe: Connection,
    place: dict[str, Any],
    flow: str,
    number: int,
    subject: str,
    start: float,
    end: float,
) -> None:
    try:
        act = _act(place, flow, number, subject)
        taken, turn = [], int(start * 1000) % 9973
        time.sleep(max(0.0, start - time.monotonic()))
        while (began := time.monotonic()) < end:
            act(turn)
            taken.append(time.monotonic() - began)
            turn += 1
        pipe.send(taken)
    except Exception as error:  # told by the parent, which ends the run
        pipe.send(f"{type(error).__name__}: {error}")


def _act(place: dict[str, Any], flow: str, number: int, subject: str) -> Callable[[int], None]:
    ticket: Ticket = place["tickets"][number]
    if subject == "sql":
        connection = floor.connect(place["url"])
        return lambda turn: floor.WORKS[flow](connection, ticket, turn)
    browser = Browser(place[subject])
    its = ticket | {"cookies": ticket[subject]}
    return lambda turn: FLOWS[flow](browser, its, turn)


def _statements(server: Server, place: dict[str, Any], subject: str, flow: str) -> int:
    """How many statements one flow takes, by the database's own log; BEGIN and COMMIT apart."""
    act = _act(place, flow, 0, subject)
    for turn in range(4):
        act(turn)  # connections and caches of every worker's thread that may answer
    log = FOLDER / "postgresql.log"
    _log_statements(server, "all")
    before = log.stat().st_size
    act(4)
    _log_statements(server, "none")
    with log.open("rb") as file:
        file.seek(before)
        told = file.read().decode(errors="replace")
    found = [match[1] for match in STATEMENT.finditer(told)]
    # Switching the log off is told there too.
    own = ("log_statement", "pg_reload_conf")
    return sum(1 for text in found if not NO_WORK.match(text) and not any(o in text for o in own))


def _log_statements(server: Server, what: str) -> None:
    with server.connect() as connection:
        connection.execute(f"ALTER SYSTEM SET log_statement = '{what}'".encode())
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)


def _run(module: str, *words: str, url: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env=serving.environment_for(url),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
