"""The text of a PDF as a reader's program finds it: by each font's own table of characters."""

from __future__ import annotations

import base64
import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
SHOWN = re.compile(rb"/(F\d+\+\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def texts_of(pdf: bytes) -> list[list[str]]:
    """Every text of every page, in the order in which they are drawn."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    fonts = _fonts(objects)
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    return [_drawn(_stream(objects[_reference(page, b"Contents")]), fonts) for page in pages]


def _fonts(objects: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    """Names of fonts on pages, and what each of their codes stands for."""
    found = {}
    named = b" ".join(objects.values())
    for name, number in re.findall(rb"/(F\d+\+\d+) (\d+) 0 R", named):
        table = _stream(objects[_reference(objects[int(number)], b"ToUnicode")])
        pairs = re.findall(rb"<(\w{2})> <(\w{4,8})>", table)
        found[name] = {int(code, 16): chr(int(to, 16)) for code, to in pairs}
    return found


def _drawn(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> list[str]:
    """Each text as one string, however many subsets of the font it is drawn with."""
    texts = []
    for block in re.findall(rb"BT (.*?) ET\n", stream, re.DOTALL):
        font: dict[int, str] = {}
        said = ""
        for name, raw in SHOWN.findall(block):
            if name:
                font = fonts[name]
            else:
                said += "".join(font[code] for code in _plain(raw))
        if said:
            texts.append(said)
    return texts


def _plain(raw: bytes) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        what = found[1]
        return bytes([int(what, 8)]) if what.isdigit() else LETTERS.get(what, what)

    return ESCAPED.sub(one, raw)


def _stream(body: bytes) -> bytes:
    data = body[body.index(b"stream") + 6 : body.rindex(b"endstream")].strip(b"\r\n")
    if b"ASCII85Decode" in body:
        data = base64.a85decode(b"<~" + data, adobe=True)
    return zlib.decompress(data)


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found is not None, name
    return int(found[1])
