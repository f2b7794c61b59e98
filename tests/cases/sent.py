"""First bytes of files that people send: enough for what looks at them."""

from __future__ import annotations

import struct

WORD = b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml"
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Word 97"
PDF = b"%PDF-1.7 \x00"


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack("!II", width, height)


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height)


def jpeg(width: int, height: int, *, before: int = 40_000) -> bytes:
    metadata = b"\xff\xe1" + struct.pack("!H", before) + bytes(before - 2)
    return b"\xff\xd8" + metadata + b"\xff\xc0\x00\x11\x08" + struct.pack("!HH", height, width)
