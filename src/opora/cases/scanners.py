"""Asking a virus scanner about one file: clamd over its socket, or a command with the file on its
standard input. What `OPORA_SCANNER` names; the caller decides what follows.
"""

from __future__ import annotations

import shlex
import socket
import struct
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

CLEAN = ""
NAMELESS = "unnamed"
PATIENCE = 60  # seconds without a word from the scanner
LONGEST_SCAN = 600
CHUNK = 256 * 1024
FOUND = 1  # the exit code of scanning commands that found something; 0 is clean


class ScannerTrouble(Exception):
    """The scanner did not say yes or no: it is away, or could not read the file."""


def threat_in(path: Path, *, scanner: str) -> str:
    """The name of what the scanner found, `CLEAN` for nothing. ScannerTrouble if it cannot say.

    `scanner`: `clamd:/path/of/socket`, `clamd://host:port` or `command:PROGRAM ARGUMENTS`.
    """
    kind, _colon, rest = scanner.partition(":")
    try:
        if kind == "clamd":
            return _read_answer(_ask_clamd(path, scanner, rest))
        if kind == "command":
            return _run(path, rest)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScannerTrouble(f"{type(error).__name__}: {error}") from error
    raise ScannerTrouble(f"{kind}: is no scanner")


def _connected(scanner: str, rest: str) -> socket.socket:
    if rest.startswith("//"):
        place = urlsplit(scanner)
        return socket.create_connection((place.hostname or "", place.port or 3310), PATIENCE)
    link = socket.socket(socket.AF_UNIX)
    try:
        link.settimeout(PATIENCE)
        link.connect(rest)
    except OSError:
        link.close()
        raise
    return link


def _ask_clamd(path: Path, scanner: str, rest: str) -> str:
    """clamd's INSTREAM: chunks with their length in front, an empty one at the end."""
    with _connected(scanner, rest) as link, path.open("rb") as file:
        link.sendall(b"zINSTREAM\0")
        # A scanner that has seen enough hangs up; what it said is still there to be read.
        with suppress(BrokenPipeError, ConnectionResetError):
            while chunk := file.read(CHUNK):
                link.sendall(struct.pack("!L", len(chunk)) + chunk)
            link.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := link.recv(4096)):
            answer += more
    return answer.rstrip(b"\0").decode("utf-8", errors="replace").strip()


def _read_answer(answer: str) -> str:
    """`stream: OK`, `stream: NAME FOUND`, or trouble in words."""
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return CLEAN
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND") or NAMELESS
    raise ScannerTrouble(f"clamd says: {said[:200]}")


def _run(path: Path, command: str) -> str:
    with path.open("rb") as file:
        done = subprocess.run(  # noqa: S603 - the operator's own setting, no shell
            shlex.split(command), stdin=file, capture_output=True, timeout=LONGEST_SCAN
        )
    if done.returncode == 0:
        return CLEAN
    said = done.stdout.decode("utf-8", errors="replace").strip()
    if done.returncode == FOUND:
        return said.splitlines()[0][:100] if said else NAMELESS
    raise ScannerTrouble(f"exit {done.returncode}: {said[:200]}")
