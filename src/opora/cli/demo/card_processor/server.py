"""The processor over HTTP: the API, its control addresses for other processes, its script."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opora.cli.demo.card_processor import api
from opora.cli.demo.card_processor.errors import ApiError

if TYPE_CHECKING:
    from opora.cli.demo.card_processor.faults import Fault
    from opora.cli.demo.card_processor.processor import Processor

LARGEST = 65536  # bytes of a body
SCRIPTS = Path(__file__).with_name("script")
FILES = {
    "/v3/": "stripe.js",  # as it was before Stripe.js had versions
    "/endive/stripe.js": "stripe.js",
    **{f"/frame/{path.name}": path.name for path in SCRIPTS.iterdir()},
}
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
FRAME_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"

CONTROLS: dict[str, Callable[[Processor, dict[str, Any]], Any]] = {
    "fail": lambda processor, given: processor.fail(**given),
    "tell": lambda processor, given: processor.tell(**given),
    "release": lambda processor, given: processor.notices.release(**given),
    "answer_challenge": lambda processor, given: processor.answer_challenge(**given),
    "hold": lambda processor, given: processor.hold(**given),
    "finish": lambda processor, given: processor.finish(**given),
    "refund": lambda processor, given: processor.refund_elsewhere(**given),
    "finish_refunds": lambda processor, given: processor.finish_refunds(),
    "dispute": lambda processor, given: processor.dispute(**given),
    "close_dispute": lambda processor, given: processor.close_dispute(**given),
    "ledger": lambda processor, given: processor.ledger(),
}


class Server(ThreadingHTTPServer):
    """Closing it also ends connections that are kept open: who is down answers nobody."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *given: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def server_for(processor: Processor, port: int) -> ThreadingHTTPServer:
    """On 127.0.0.1 only; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """The demo's terminal is for the demo."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path in FILES:
                self.file(FILES[parts.path])
            else:
                self.call("GET", parts.path, parts.query)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if length > LARGEST:
                self.close_connection = True
                self.answer(413, {})
                return
            path = urlsplit(self.path).path
            body = self.rfile.read(length).decode()
            if path.startswith("/control/"):
                self.control(path.removeprefix("/control/"), body)
            elif path.startswith("/frame/"):
                self.frame(path.removeprefix("/frame/"), api.read_form(body))
            else:
                self.call("POST", path, body)

        def call(self, method: str, path: str, form: str) -> None:
            """A call of the API, with whatever is to go wrong."""
            processor.asked.append(f"{method} {path}")
            found = api.find(method, path)
            if (refusal := self.refusal(is_public=bool(found and found[0].is_public))) is not None:
                self.answer(refusal.status, refusal.body)
                return
            fault = processor.faults.take(method, path)
            if fault is not None and self.fails(fault, "before"):
                return
            key = self.headers.get("Idempotency-Key", "") if method == "POST" else ""
            status, body = processor.answer(method, path, api.read_form(form), key)
            if fault is None or not self.fails(fault, "after"):
                self.answer(status, body)

        def fails(self, fault: Fault, moment: str) -> bool:
            """Whether the fault has spoken, or fallen silent, instead of the answer."""
            match moment, fault.kind:
                case ("before", "drop") | ("after", "act_then_drop"):
                    self.reset()
                case ("before", "error") | ("after", "act_then_error"):
                    self.answer(500, ApiError(500, "api_error", "Something went wrong.").body)
                case ("before", "busy"):
                    self.answer(
                        429,
                        ApiError(
                            429, "invalid_request_error", "Too many requests.", code="rate_limit"
                        ).body,
                    )
                case ("before", "elsewhere"):
                    self.send(302, b"", "text/plain", Location=f"{processor.url}/elsewhere")
                case ("after", "slow"):
                    time.sleep(fault.seconds)
                    return False
                case _:
                    return False
            return True

        def reset(self) -> None:
            """The other side hears nothing more."""
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True

        def refusal(self, *, is_public: bool) -> ApiError | None:
            """Why this key may not ask; None: it may."""
            given = self.headers.get("Authorization", "")
            if given.startswith("Basic "):
                given = "Bearer " + base64.b64decode(given[6:]).decode().partition(":")[0]
            key = given.removeprefix("Bearer ")
            allowed = [processor.secret_key, *([processor.publishable_key] if is_public else [])]
            if any(secrets.compare_digest(key.encode(), one.encode()) for one in allowed):
                return None
            return ApiError(401, "invalid_request_error", "Invalid API Key provided.")

        def control(self, name: str, body: str) -> None:
            if (refusal := self.refusal(is_public=False)) is not None:
                self.answer(refusal.status, refusal.body)
            elif name not in CONTROLS:
                self.answer(404, {})
            else:
                self.answer(200, {"answer": CONTROLS[name](processor, json.loads(body or "{}"))})

        def file(self, name: str) -> None:
            """The script, or a page of its frames, which any page may show."""
            path = SCRIPTS / name
            self.send(200, path.read_bytes(), MEDIA_TYPES[path.suffix])

        def frame(self, name: str, form: dict[str, Any]) -> None:
            """The bank's page asks about its payment, or tells what the customer said."""
            if (refusal := self.refusal(is_public=True)) is not None:
                self.answer(refusal.status, refusal.body)
                return
            secret = str(form.get("client_secret", ""))
            try:
                if name == "answer":
                    processor.answer_secret(secret, approved=form.get("approved") == "yes")
                self.answer(200, processor.intent_of(secret))
            except ApiError as error:
                self.answer(error.status, error.body)

        def answer(self, status: int, content: object) -> None:
            self.send(status, json.dumps(content).encode(), "application/json")

        def send(self, status: int, body: bytes, media_type: str, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", FRAME_POLICY)
            self.send_header("Request-Id", f"req_{secrets.token_hex(7)}")
            self.end_headers()
            self.wfile.write(body)

    return Server(("127.0.0.1", port), Handler)
