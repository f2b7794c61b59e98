"""Bodies that come in chunks, their length unsaid (RFC 9112, 7.1): read like any other.

Programs that stream what they send use them. Django reads as many bytes as the request announces;
without a number it would see an empty body. Here the most that such a body may have is announced
in its place, and nobody reads past the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from opora.web.uploads import most_of_a_form

Answer = TypeVar("Answer")


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def readline(self, size: int = -1, /) -> bytes: ...


def takes_chunks(
    application: Callable[[dict[str, Any], Any], Answer],
) -> Callable[[dict[str, Any], Any], Answer]:
    """`application`, which then also answers to bodies without a length, where the server says that
    it marks their end."""

    def answer(environ: dict[str, Any], start_response: Any) -> Answer:
        if _is_chunked(environ):
            is_form = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/")
            most = most_of_a_form() if is_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            environ["CONTENT_LENGTH"] = str(most)
            environ["wsgi.input"] = _AtMost(environ["wsgi.input"], most)
        return application(environ, start_response)

    return answer


def _is_chunked(environ: dict[str, Any]) -> bool:
    coded = environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() == "chunked"
    return (
        coded and not environ.get("CONTENT_LENGTH") and bool(environ.get("wsgi.input_terminated"))
    )


class _AtMost:
    """A stream that is refused, not cut, where it goes on after `most` bytes."""

    def __init__(self, stream: Readable, most: int) -> None:
        self.stream, self.left = stream, most

    def read(self, size: int = -1, /) -> bytes:
        return self._counted(self.stream.read(self._at_most(size)))

    def readline(self, size: int = -1, /) -> bytes:
        return self._counted(self.stream.readline(self._at_most(size)))

    def _at_most(self, size: int) -> int:
        return self.left if size < 0 else min(size, self.left)

    def _counted(self, data: bytes) -> bytes:
        self.left -= len(data)
        if not self.left and self.stream.read(1):
            raise RequestDataTooBig
        return data
