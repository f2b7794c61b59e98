"""Answers of every address of Opora, as those who may use it get them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.architecture.world import World, path_of, table
from tests.cast import whole_cast

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


def visits(world: World | None = None) -> Iterator[Visit]:
    """Every address in the table of who may use what."""
    world = world or World(whole_cast())
    for address in sorted(table()):
        yield visit(address, world)


def visit(address: str, world: World | None = None) -> Visit:
    world = world or World(whole_cast())
    who, parts = table()[address]
    path = path_of(address, {part: world.one(name) for part, name in parts.items()})
    client = world.client(OPENS[who], program=who.startswith("program"))
    return Visit(address, who, path, client)
