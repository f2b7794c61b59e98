"""Answers of every address of Opora, as those who may use it get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from tests.architecture.world import World, path_of, table
from tests.cast import Cast, whole_cast

# Who opens an address of each section of access.toml with success.
OPENS = {
    "public": "nobody",
    "account": "alice",
    "own": "alice",
    "reader": "alice",
    "agent": "dana",
    "administrator": "eve",
    "program": "alice",
    "program-own": "alice",
    "program-reader": "alice",
}


@dataclass(frozen=True)
class Visit:
    """An address with its parts filled in, and a client that may open it."""

    address: str
    who: str
    path: str
    client: Any

    @property
    def is_program(self) -> bool:
        return self.who.startswith("program")


def visits(people: Cast | None = None) -> Iterator[Visit]:
    """Every address in the table of who may use what, each in a world that is gone afterwards."""
    people = people or whole_cast()
    for address in sorted(table()):
        with rolled_back():
            yield visit(address, World(people))


@contextmanager
def rolled_back() -> Iterator[None]:
    """A piece of the test's transaction that leaves nothing behind."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
        transaction.savepoint_commit(point)


def visit(address: str, world: World) -> Visit:
    who, parts = table()[address]
    path = path_of(address, {part: world.one(name) for part, name in parts.items()})
    client = world.client(OPENS[who], program=who.startswith("program"))
    return Visit(address, who, path, client)
