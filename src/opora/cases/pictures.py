"""How large a picture is when it is drawn, read from its first bytes without decoding it. Pure.

A few kilobytes may unfold into gigabytes of pixels (FI-03): only pictures of known and bearable
size are shown in a page; all others can still be downloaded.
"""

from __future__ import annotations

import struct

MOST_BYTES = 10 * 2**20
MOST_PIXELS = 40_000_000
HEAD = 256 * 1024  # metadata of a camera may stand before the size

Size = tuple[int, int]


def is_bearable(head: bytes, media_type: str) -> bool:
    """Whether a picture that begins with `head` may be shown."""
    size = size_of(head, media_type)
    return size is not None and 0 < size[0] * size[1] <= MOST_PIXELS


def size_of(head: bytes, media_type: str) -> Size | None:
    """Width and height; None if they are not where they should be."""
    try:
        if media_type == "image/png" and head[12:16] == b"IHDR":
            return struct.unpack_from("!II", head, 16)
        if media_type == "image/gif":
            return struct.unpack_from("<HH", head, 6)
        if media_type == "image/jpeg":
            return _size_of_jpeg(head)
    except struct.error:
        pass
    return None


def _size_of_jpeg(head: bytes) -> Size | None:
    """Walk from segment to segment to the one that starts a frame."""
    at = 2
    while True:
        marker, kind, length = struct.unpack_from("!BBH", head, at)
        if marker != 0xFF or length < 2:
            return None
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from("!HH", head, at + 5)
            return width, height
        at += 2 + length
