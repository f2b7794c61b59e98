"""The one client for addresses that somebody else may choose (WH-04).

Whoever names an address to be called could name one inside our house: a provider of sign-in by
its description, a name in the DNS by another answer a moment later. So an address is looked up
once, everything found has to be public or in a network the operator listed
(`OPORA_OUTBOUND_NETWORKS`), and exactly what was looked up is connected to. No redirect is
followed. What is answered is short and comes soon. Elsewhere than on this machine it is https.

Where the environment names a proxy (`HTTPS_PROXY`), that looks names up and is the guard instead.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from opora.core.networks import may_be_called

PATIENCE = (5.0, 5.0)  # seconds to connect, and between two pieces of an answer
LONGEST_WAIT = 10.0  # seconds for a whole answer
LONGEST_ANSWER = 2**20  # bytes
PIECE = 2**14
OWN_NAMES = ("localhost", "127.0.0.1", "::1")

Session = requests.Session
Failed = requests.RequestException  # whatever goes wrong with a call


class NotCalled(Failed):
    """The address is not called, or its answer not taken: it breaks one of the rules above."""


def session() -> Session:
    """A client for a few calls; close it. Every failure is a `Failed`."""
    return _Session()


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        options |= {"timeout": PATIENCE, "allow_redirects": False, "stream": True}
        until = monotonic() + LONGEST_WAIT
        answer = super().request(method, url, *args, **options)
        try:
            answer._content = b"".join(_pieces(answer, until))
        finally:
            answer.close()
        return answer


def _pieces(answer: requests.Response, until: float) -> Iterator[bytes]:
    left = LONGEST_ANSWER
    for piece in iter(lambda: answer.raw.read1(PIECE, decode_content=True), b""):
        left -= len(piece)
        if left < 0 or monotonic() > until:
            raise NotCalled("the answer is too long, or takes too long")
        yield piece


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        target = urlsplit(request.url or "")
        if target.scheme != "https" and target.hostname not in OWN_NAMES:
            raise NotCalled("only https addresses are called")
        answer = super().send(request, *args, **options)
        if answer.is_redirect:
            answer.close()
            raise NotCalled("redirects are not followed")
        return answer


def _connected(connection: HTTPConnection) -> socket.socket:
    """A socket to one of the addresses that the host has now, each of which was looked at."""
    host, port = connection.host, connection.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(may_be_called(address) for address in addresses):
        raise NewConnectionError(connection, f"{host} is not a public address")
    failure: OSError | None = None
    for address in addresses:
        try:
            return create_connection((address, port), connection.timeout)
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, f"{host} does not answer: {failure}")


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _SafeConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection
