"""The processor: books, faults and notices behind one HTTP server, which may go down."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path

from opora.cli.demo.card_processor import api, intents, money
from opora.cli.demo.card_processor.books import Books, Thing, shown
from opora.cli.demo.card_processor.errors import ApiError
from opora.cli.demo.card_processor.faults import Fault, Faults
from opora.cli.demo.card_processor.notices import MODES, Notices


class Processor:
    """`with Processor(...) as processor:` serves on 127.0.0.1, on `port` or a free one."""

    def __init__(
        self,
        *,
        secret_key: str,
        publishable_key: str,
        webhook_secret: str,
        port: int = 0,
        path: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.secret_key, self.publishable_key = secret_key, publishable_key
        self.webhook_secret = webhook_secret
        self.books = Books(path, clock)
        self.faults = Faults()
        self.notices: Notices = Notices(webhook_secret, clock)
        self.books.noted = self.notices.noted
        self.asked: list[str] = []  # "POST /v1/refunds", as they came
        self._port = port
        self._server: ThreadingHTTPServer | None = None

    # --- Serving ---
    def start(self) -> None:
        from opora.cli.demo.card_processor.server import server_for

        self._server = server_for(self, self._port)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def serve(self) -> None:
        """In this thread, for ever."""
        from opora.cli.demo.card_processor.server import server_for

        server_for(self, self._port).serve_forever()

    def stop(self) -> None:
        """From now on connections are refused; `start` brings it back at the same address."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Processor:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self.notices.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    # --- What the world does ---
    def fail(self, kind: str, at: str, *, times: int = 2, seconds: float = 0.0) -> None:
        """Let calls go wrong: see `faults.KINDS`. `at` is found in "POST /v1/refunds"."""
        self.faults.add(Fault(kind, at, times, seconds))

    def tell(self, mode: str) -> None:
        """How notices go from now on: see `notices.MODES`."""
        if mode not in MODES:
            raise ValueError(f"notices go {', '.join(MODES)}")
        self.notices.mode = mode

    def answer_challenge(self, intent: str, *, approved: bool) -> None:
        """The customer answers the bank (3-D Secure), as on the page."""
        with self.books.lock:
            secret = self.books.get("payment_intent", intent)["client_secret"]
            self.answer_secret(secret, approved=approved)

    def answer_secret(self, secret: str, *, approved: bool) -> None:
        """The same, by the payment's client secret. Raises ApiError."""
        with self.books.lock:
            intents.answer_challenge(self.books, secret, approved=approved)
            self.books.keep()

    def intent_of(self, secret: str) -> Thing:
        """The payment intent that a client secret opens. Raises ApiError."""
        with self.books.lock:
            return shown(intents.by_secret(self.books, secret))

    def hold(self, intent: str) -> None:
        """The bank takes its time over this payment: it is under way."""
        with self.books.lock:
            intents.hold(self.books, intent)
            self.books.keep()

    def finish(self, intent: str, *, method: str = "pm_card_visa") -> None:
        """The bank has made up its mind about what it held."""
        with self.books.lock:
            held = self.books.get("payment_intent", intent)
            held["status"] = "requires_confirmation"
            with suppress(ApiError):  # declined: that is an answer
                intents.confirm(self.books, intent, {"payment_method": method})
            self.books.keep()

    def refund_elsewhere(self, intent: str, amount: int) -> Thing:
        """A refund made on the processor's own pages."""
        with self.books.lock:
            made = money.create_refund(
                self.books, {"payment_intent": intent, "amount": str(amount)}
            )
            self.books.keep()
            return made

    def finish_refunds(self) -> None:
        """Time passes: pending refunds arrive, some come back."""
        with self.books.lock:
            money.finish_refunds(self.books)
            self.books.keep()

    def dispute(self, intent: str, *, amount: int, reason: str = "fraudulent") -> str:
        """The customer charges back; the dispute's id."""
        with self.books.lock:
            made = money.dispute(self.books, intent, amount=amount, reason=reason)
            self.books.keep()
            return str(made["id"])

    def close_dispute(self, name: str, *, won: bool) -> None:
        with self.books.lock:
            money.close_dispute(self.books, name, won=won)
            self.books.keep()

    # --- What it knows ---
    def ledger(self) -> list[Thing]:
        """A row for each payment intent: see `money.ledger`."""
        with self.books.lock:
            return money.ledger(self.books)

    def events(self, *kinds: str) -> list[Thing]:
        """Events of these kinds (all), oldest first."""
        with self.books.lock:
            known = self.books.things["event"].values()
            return [event for event in known if not kinds or event["type"] in kinds]

    # --- The API ---
    def answer(self, method: str, path: str, asked: Thing, key: str) -> tuple[int, Thing]:
        """A call's status and body; the same again for the same idempotency key."""
        found = api.find(method, path)
        if found is None:
            error = ApiError(404, "invalid_request_error", f"Unrecognized request URL ({path}).")
            return error.status, error.body
        with self.books.lock:
            digest = hashlib.sha256(json.dumps([path, asked]).encode()).hexdigest()
            if key and (known := self.books.answers.get(key)):
                if known["digest"] == digest:
                    return known["status"], known["body"]
                error = ApiError(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they "
                    "were first used with.",
                )
                return error.status, error.body
            try:
                status, body = 200, api.answer(self.books, *found, asked)
            except ApiError as error:
                status, body = error.status, error.body
            body = json.loads(json.dumps(body))  # as it is now
            if key and status in (200, 402):  # what was refused before it began is not kept
                self.books.answers[key] = {"digest": digest, "status": status, "body": body}
            if method == "POST":
                self.books.keep()
            return status, body
