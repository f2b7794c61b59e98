"""The processor's books: objects as plain dicts under their ids, and the events about them."""

from __future__ import annotations

import copy
import json
import secrets
import string
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opora.cli.demo.card_processor.errors import missing

Thing = dict[str, Any]

PREFIXES = {
    "customer": "cus_",
    "payment_method": "pm_",
    "confirmation_token": "ctoken_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "du_",
    "event": "evt_",
}
LETTERS = string.ascii_letters + string.digits


class Books:
    """`things[kind][id]`, oldest first. With a path they outlive the process.

    Whoever reads or writes holds the lock. `answers`: what was answered to an idempotency key.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.things: dict[str, dict[str, Thing]] = {kind: {} for kind in PREFIXES}
        self.answers: dict[str, Thing] = {}
        self.noted: Callable[[Thing], None] = lambda event: None  # told of each new event
        self._path = path
        if path is not None and path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            self.things, self.answers = kept["things"], kept["answers"]

    def now(self) -> int:
        return int(self.clock())

    def add(self, kind: str, **fields: Any) -> Thing:
        name = PREFIXES[kind] + "".join(secrets.choice(LETTERS) for _ in range(24))
        thing = {"id": name, "object": kind, "created": self.now(), **fields}
        if kind != "refund":  # the one that does not say
            thing["livemode"] = False
        self.things[kind][name] = thing
        return thing

    def get(self, kind: str, name: str, *, param: str = "id", status: int = 404) -> Thing:
        try:
            return self.things[kind][name]
        except KeyError:
            raise missing(kind, name, param=param, status=status) from None

    def all(self, kind: str, **fields: Any) -> list[Thing]:
        """Those whose fields are as given, newest first."""
        return [
            thing
            for thing in reversed(self.things[kind].values())
            if all(thing[name] == value for name, value in fields.items())
        ]

    def tell(self, kind: str, thing: Thing) -> None:
        """An event, with the thing as it is now."""
        event = self.add(
            "event",
            type=kind,
            api_version="2026-10-28.endive",
            data={"object": copy.deepcopy(shown(thing))},
            pending_webhooks=1,
            request=None,
        )
        self.noted(event)

    def keep(self) -> None:
        if self._path is None:
            return
        fresh = self._path.with_suffix(".part")
        fresh.write_text(
            json.dumps({"things": self.things, "answers": self.answers}), encoding="utf-8"
        )
        fresh.chmod(0o600)
        fresh.rename(self._path)


def shown(thing: Thing) -> Thing:
    """A thing without what the processor keeps to itself."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}
