"""What people type, made fit to be kept: every database takes it, nothing they meant is lost."""

from __future__ import annotations

import re

BLANK_LINES_IN_FRONT = re.compile(r"\A(?:[^\S\n]*\n)+")


def plain(text: str) -> str:
    """`text` without NUL, and with what is no character replaced: both engines keep the rest."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def block(text: str) -> str:
    """`text` without the blank lines around it. Its first line stays indented: it may be a log."""
    return BLANK_LINES_IN_FRONT.sub("", plain(text)).rstrip()


def one_line(text: str) -> str:
    """`text` on one line, with single spaces."""
    return " ".join(plain(text).split())


def has_control_characters(text: str) -> bool:
    return any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)
