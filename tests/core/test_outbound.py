"""The one client for addresses that somebody else names, against real servers on this machine."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from opora.core import outbound
from opora.core.networks import could_be_called, may_be_called

REAL = socket.getaddrinfo


class Server(BaseHTTPRequestHandler):
    """Answers by path; remembers what it was asked."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        answers: dict[str, Callable[[], None]] = {
            "/moved": self.moved,
            "/long": lambda: self.say(b"x" * (outbound.LONGEST_ANSWER + 1)),
            "/bomb": lambda: self.say(
                gzip.compress(b"x" * (outbound.LONGEST_ANSWER + 1)), ("Content-Encoding", "gzip")
            ),
            "/packed": lambda: self.say(gzip.compress(b'{"a": 1}'), ("Content-Encoding", "gzip")),
            "/pieces": self.pieces,
            "/drip": self.drip,
        }
        answers.get(self.path, lambda: self.say(b'{"a": 1}'))()

    def say(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def moved(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/inside")
        self.end_headers()

    def pieces(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b'{"a"', b": 1}", b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        for _ in range(100):
            try:
                self.wfile.write(b"x")
                time.sleep(0.05)
            except OSError:
                return

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def house() -> Iterator[tuple[str, list[str]]]:
    """A server inside our house: its address, and the paths it was asked for."""
    handler = type("Handler", (Server,), {"asked": [], "protocol_version": "HTTP/1.1"})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler.asked  # type: ignore[attr-defined]
        server.shutdown()


@pytest.fixture
def only_public(settings: Any) -> None:
    """As on a public host: the operator listed no network, and the machine itself is none."""
    settings.OUTBOUND_NETWORKS = ()


INSIDE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "192.0.2.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0"),
    *("fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "64:ff9b::a9fe:a9fe"),
]


@pytest.mark.shows("WH-04")
@pytest.mark.usefixtures("only_public")
def test_only_public_addresses_are_called(settings: Any) -> None:
    assert [address for address in INSIDE if may_be_called(address)] == []
    assert may_be_called("93.184.216.34")
    assert may_be_called("2606:4700::1111")
    assert may_be_called("64:ff9b::5db8:d822")
    settings.OUTBOUND_NETWORKS = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    assert may_be_called("10.20.3.4")
    assert may_be_called("fd00::1")
    assert may_be_called("::ffff:10.20.3.4")
    assert not may_be_called("10.21.0.1")


@pytest.mark.usefixtures("only_public")
def test_a_host_is_judged_when_it_is_kept_as_far_as_that_can_be() -> None:
    assert not could_be_called("10.0.0.1")
    assert not could_be_called("localhost")
    assert could_be_called("login.example.com")


@pytest.mark.parametrize("path", ["/", "/packed", "/pieces"])
def test_an_answer_is_read_however_it_comes(house: tuple[str, list[str]], path: str) -> None:
    address, asked = house
    with outbound.session() as client:
        assert client.get(address + path).json() == {"a": 1}
    assert asked == [path]


@pytest.mark.shows("WH-04")
@pytest.mark.usefixtures("only_public")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "rebound.example"])
def test_an_address_inside_is_not_called_whatever_its_name(
    house: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    address, asked = house
    port = int(address.rpartition(":")[2])

    def resolve(*args: Any, **more: Any) -> Any:
        return REAL("127.0.0.1", port, type=socket.SOCK_STREAM)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for scheme in ("http", "https"):
        with outbound.session() as client, pytest.raises(outbound.Failed):
            client.get(f"{scheme}://{host}:{port}/")
    assert asked == []


@pytest.mark.shows("WH-04")
def test_what_was_looked_up_is_what_is_connected_to(
    house: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that may be called when it is looked at and is another a moment later (DNS
    rebinding): it is looked up once, so the second answer is never asked for."""
    address, asked = house
    port = int(address.rpartition(":")[2])
    answers = iter(["127.0.0.1", "10.0.0.1"])
    looked_up: list[str] = []

    def resolve(host: str, *args: Any, **more: Any) -> Any:
        if host == "localhost":
            looked_up.append(host)
            host = next(answers)
        return REAL(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with outbound.session() as client:
        assert client.get(f"http://localhost:{port}/").json() == {"a": 1}
    assert (looked_up, asked) == (["localhost"], ["/"])

    both = [*REAL("127.0.0.1", port), *REAL("10.0.0.1", port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: both)
    with outbound.session() as client, pytest.raises(outbound.Failed, match="not a public address"):
        client.get(f"http://localhost:{port}/")  # one good answer does not cover a bad one
    assert asked == ["/"]


@pytest.mark.shows("WH-04")
def test_no_redirect_is_followed(house: tuple[str, list[str]]) -> None:
    address, asked = house
    with outbound.session() as client, pytest.raises(outbound.NotCalled):
        client.get(address + "/moved")
    with outbound.session() as client, pytest.raises(outbound.NotCalled):
        client.get(address + "/moved", allow_redirects=True)
    assert asked == ["/moved", "/moved"]


def test_only_https_is_called_elsewhere() -> None:
    with outbound.session() as client:
        for address in ("http://example.com/", "ftp://example.com/", "file:///etc/passwd"):
            with pytest.raises(outbound.Failed):
                client.get(address)


@pytest.mark.parametrize("path", ["/long", "/bomb", "/drip"])
def test_an_answer_that_is_too_long_or_too_slow_is_given_up(
    house: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(outbound, "LONGEST_WAIT", 0.5)
    address, _ = house
    begun = time.monotonic()
    with outbound.session() as client, pytest.raises(outbound.Failed):
        client.get(address + path)
    assert time.monotonic() - begun < 3
