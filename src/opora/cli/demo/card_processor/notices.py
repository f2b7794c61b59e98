"""Notices (web hooks): signed events, posted to one address: promptly, twice, late, or never."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence

from opora.cli.demo.card_processor.books import Thing

MODES = ("prompt", "twice", "held", "never")
TRIES = 8
LONGEST_PAUSE = 5.0  # seconds between tries


class Notices:
    """`mode`: "held" keeps them until `release`; "never" loses them."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.to = ""  # the address; empty: nobody is told
        self.mode = "prompt"
        self.held: list[Thing] = []
        self._secret = secret
        self._clock = clock
        self._going: queue.Queue[Thing | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def signed(self, event: Thing, *, at: float | None = None) -> tuple[dict[str, str], bytes]:
        """The headers and the body of an event's notice, signed at `at` (now)."""
        body = json.dumps(event).encode()
        moment = int(self._clock() if at is None else at)
        digest = hmac.new(self._secret.encode(), b"%d.%b" % (moment, body), hashlib.sha256)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": f"t={moment},v1={digest.hexdigest()}",
        }, body

    def noted(self, event: Thing) -> None:
        if self.mode == "held":
            self.held.append(event)
        elif self.mode != "never":
            self.post([event] * (2 if self.mode == "twice" else 1))

    def release(self, *, backwards: bool = False) -> None:
        """Post what was held."""
        held, self.held = self.held, []
        self.post(held[::-1] if backwards else held)

    def post(self, events: Sequence[Thing]) -> None:
        """Post in this order, from a thread of its own."""
        if not self.to:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        for event in events:
            self._going.put(event)

    def wait(self) -> None:
        """Until everything is posted, or given up."""
        self._going.join()

    def stop(self) -> None:
        if self._thread is not None:
            self._going.put(None)
            self._thread.join(timeout=LONGEST_PAUSE * 2)
            self._thread = None

    def _work(self) -> None:
        while (event := self._going.get()) is not None:
            try:
                self._deliver(event)
            finally:
                self._going.task_done()
        self._going.task_done()

    def _deliver(self, event: Thing) -> None:
        for number in range(TRIES):
            headers, body = self.signed(event)
            asked = urllib.request.Request(self.to, data=body, headers=headers)  # noqa: S310 - http, ours
            try:
                with urllib.request.urlopen(asked, timeout=10):  # noqa: S310 - http, ours
                    return
            except OSError:  # refused, or not 2xx
                time.sleep(min(0.2 * 2**number, LONGEST_PAUSE))
