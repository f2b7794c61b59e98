"""The socket that `opora serve` listens on."""

from __future__ import annotations

import socket
import time

import pytest

from opora.cli import server


@pytest.mark.rules
def test_half_a_request_holds_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few clients that send half a request and go silent had held every thread for good."""
    monkeypatch.setattr(server, "SILENCE", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        server._listen("127.0.0.1", port) as listener,
        socket.create_connection(("127.0.0.1", port)) as client,
        listener.accept()[0] as taken,
    ):
        taken.setblocking(True)  # as the web server does before it reads
        client.sendall(b"POST / HT")
        assert taken.recv(100) == b"POST / HT"
        begun = time.monotonic()
        with pytest.raises(BlockingIOError):
            taken.recv(100)
        assert 0.9 < time.monotonic() - begun < 5
