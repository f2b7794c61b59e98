"""A small HTTP client over one kept connection, cheap enough not to be what is measured."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlencode


class Refused(Exception):
    """The server answered something else than the flow needs."""


class Browser:
    """One client: a connection to a server on this machine. A closed one is opened again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._left = b""
        self.cookies = ""

    def get(self, path: str) -> bytes:
        """The body of a page; Refused unless it is there."""
        status, _headers, body = self.call("GET", path)
        return _expect(200, status, body)

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Send a form; where the answer leads."""
        status, headers, body = self.call(
            "POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded"
        )
        _expect(302, status, body)
        place = headers.lower().index(b"\r\nlocation:") + 11
        return headers[place : headers.index(b"\r\n", place)].strip().decode()

    def call(
        self, method: str, path: str, body: bytes = b"", kind: str = "", more: str = ""
    ) -> tuple[int, bytes, bytes]:
        """Status, head and body of one call."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\n{more}"
        if self.cookies:
            head += f"Cookie: {self.cookies}\r\n"
        if body:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        sent = head.encode() + b"\r\n" + body
        try:
            return self._exchange(sent)
        except (ConnectionError, EOFError):
            self.close()  # the server closed a connection that had been idle
            return self._exchange(sent)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket, self._left = None, b""

    def _exchange(self, sent: bytes) -> tuple[int, bytes, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(sent)
        while (end := self._left.find(b"\r\n\r\n")) < 0:
            self._receive()
        head, self._left = self._left[: end + 2], self._left[end + 4 :]
        lower = head.lower()
        place = lower.find(b"\r\ncontent-length:")
        if place < 0:
            raise Refused("an answer without a length")
        length = int(lower[place + 17 : lower.index(b"\r\n", place + 17)])
        while len(self._left) < length:
            self._receive()
        body, self._left = self._left[:length], self._left[length:]
        if b"\r\nconnection: close" in lower:
            self.close()
        return int(head[9:12]), head, body

    def _receive(self) -> None:
        assert self._socket is not None
        received = self._socket.recv(262144)
        if not received:
            raise EOFError
        self._left += received


def _expect(wanted: int, status: int, body: bytes) -> bytes:
    if status != wanted:
        raise Refused(f"{status} instead of {wanted}: {_told(body)}")
    return body


def _told(body: bytes) -> str:
    """What a refusing page says, without its markup."""
    text = re.sub(r"<[^>]*>", " ", body.decode(errors="replace"))
    return " ".join(text.split())[:1500]
