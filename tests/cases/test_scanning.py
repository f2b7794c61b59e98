"""A virus scanner sees each file first; what it finds stays locked (FI-06, S8.6)."""

from __future__ import annotations

import shlex
import socketserver
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine

from opora.cases.actions import scan_attachment
from opora.cases.errors import AttachmentNotReady, AttachmentRejected
from opora.cases.files import open_file, path_of, receive_file, remove_upload
from opora.cases.models import Attachment, Case
from opora.cases.scanners import ScannerTrouble, threat_in
from opora.core.models import AuditLine, Job
from opora.jobs.worker import Worker
from tests import cast, factories
from tests.factories import NOW

# Not the test file that every scanner knows: that one must lie in no repository.
HARMFUL = b"please find this"
LOOKS_FOR_IT = (
    "import sys; found = b'please find this' in sys.stdin.buffer.read(); "
    "print('Test.Threat' if found else ''); sys.exit(1 if found else 0)"
)
COMMAND = f"command:{shlex.quote(sys.executable)} -c {shlex.quote(LOOKS_FOR_IT)}"


class Clamd(socketserver.StreamRequestHandler):
    """As much of clamd as INSTREAM needs."""

    def handle(self) -> None:
        assert self._until_nul() == b"zINSTREAM"
        seen = b""
        while (length := struct.unpack("!L", self.rfile.read(4))[0]) > 0:
            seen += self.rfile.read(length)
        if b"too much" in seen:
            said = b"INSTREAM size limit exceeded. ERROR"
        else:
            said = b"stream: Test.Threat FOUND" if HARMFUL in seen else b"stream: OK"
        self.wfile.write(said + b"\0")

    def _until_nul(self) -> bytes:
        read = b""
        while (one := self.rfile.read(1)) not in (b"\0", b""):
            read += one
        return read


@contextmanager
def clamd() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"clamd://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(params=["clamd", "command"])
def scanner(request: Any) -> Iterator[str]:
    if request.param == "command":
        yield COMMAND
    else:
        with clamd() as address:
            yield address


def a_file(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


@pytest.mark.shows("FI-06")
def test_a_scanner_says_what_it_found(scanner: str, tmp_path: Path) -> None:
    assert threat_in(a_file(tmp_path, b"log " * 200_000), scanner=scanner) == ""
    harmful = b"log " * 200_000 + HARMFUL
    assert threat_in(a_file(tmp_path, harmful), scanner=scanner) == "Test.Threat"


@pytest.mark.parametrize(
    "away",
    [
        "clamd:/nowhere/clamd.sock",
        "command:/nowhere/scanner",
        f"command:{sys.executable} -c 'raise SystemExit(2)'",
        "nonsense:x",
    ],
)
def test_a_scanner_that_cannot_say_is_no_yes(away: str, tmp_path: Path) -> None:
    with pytest.raises(ScannerTrouble):
        threat_in(a_file(tmp_path, b"log"), scanner=away)


def test_a_file_larger_than_the_scanner_takes_is_no_yes(tmp_path: Path) -> None:
    with clamd() as address, pytest.raises(ScannerTrouble, match="size limit"):
        threat_in(a_file(tmp_path, b"too much"), scanner=address)


def test_a_socket_in_the_file_system_does_as_well(tmp_path: Path) -> None:
    address = tmp_path / "clamd.sock"
    with socketserver.UnixStreamServer(str(address), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert threat_in(a_file(tmp_path, HARMFUL), scanner=f"clamd:{address}") == "Test.Threat"
        server.shutdown()


# --- What follows ---------------------------------------------------------------------------------


def received(content: bytes, *, case: Case | None = None) -> Attachment:
    return receive_file(
        account=case.submitted_by if case else cast.alice(),
        chunks=[content],
        name="log.txt",
        now=NOW,
        case=case,
    )


@pytest.mark.django_db
def test_without_a_scanner_a_file_is_ready_at_once() -> None:
    assert received(b"log").state == "ready"
    assert not Job.objects.filter(kind="attachment.scan").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.shows("FI-06", "S8.6")
def test_a_file_is_given_away_only_after_the_scanner_saw_it(settings: Any, scanner: str) -> None:
    settings.SCANNER = scanner
    file = received(b"log")
    assert file.state == "received"
    with pytest.raises(AttachmentNotReady):
        open_file(file)
    with time_machine.travel(NOW, tick=False):
        Worker(threading.Event()).run_batch()
    file.refresh_from_db()
    assert file.state == "ready"
    with open_file(file) as content:
        assert content.read() == b"log"


@pytest.mark.django_db
@pytest.mark.shows("FI-06")
def test_what_the_scanner_finds_stays_on_disk_and_is_given_to_nobody(settings: Any) -> None:
    settings.SCANNER = COMMAND
    file = received(HARMFUL, case=factories.case(submitted_by=cast.alice()))
    for _ in range(2):
        scan_attachment(attachment_pk=file.pk, now=NOW)
    file.refresh_from_db()
    assert file.state == "rejected"
    with pytest.raises(AttachmentRejected):
        open_file(file)
    assert path_of(file).read_bytes() == HARMFUL
    line = AuditLine.objects.get(code="file.rejected")
    assert (line.target_id, line.facts) == (file.public_id.hex, {"threat": "Test.Threat"})


@pytest.mark.django_db
@pytest.mark.shows("FI-06")
def test_a_scanner_that_is_away_keeps_the_file_locked_until_it_is_back(settings: Any) -> None:
    settings.SCANNER = "command:/nowhere/scanner"
    file = received(b"log")
    with pytest.raises(ScannerTrouble):
        scan_attachment(attachment_pk=file.pk, now=NOW)
    file.refresh_from_db()
    assert file.state == "scanning"
    with pytest.raises(AttachmentNotReady):
        open_file(file)
    settings.SCANNER = COMMAND
    scan_attachment(attachment_pk=file.pk, now=NOW)
    file.refresh_from_db()
    assert file.state == "ready"


@pytest.mark.django_db
def test_a_file_that_was_taken_back_meanwhile_is_left_alone(settings: Any) -> None:
    settings.SCANNER = COMMAND
    file = received(b"log")
    pk = file.pk
    remove_upload(attachment=file, now=NOW)
    scan_attachment(attachment_pk=pk, now=NOW)
    assert not Attachment.objects.exists()
