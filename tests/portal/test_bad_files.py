"""Bad files in step 1: of 0 bytes, of 6 GB, named as a path, harmful, named as what they are not.
Each gets a sentence beside the field in the reader's language, and what was typed stays (FI)."""

from __future__ import annotations

import io
import re
import shlex
import sys
from typing import Any

import pytest
from django.conf import settings as ours
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from opora.accounts.models import Account
from opora.cases.actions import scan_attachment
from opora.cases.models import Attachment, Draft, Message
from tests import factories
from tests.cases.sent import WORD
from tests.factories import NOW
from tests.portal.workflow_forms import plain, started

pytestmark = pytest.mark.django_db
GIGABYTES = 6 * 2**30
TYPED = {"title": "Backups stop", "description": "Since Sunday.", "sections": "problem"}
# The file that every scanner finds, put together here: whole, it must lie in no repository.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
LOOKS_FOR_IT = (
    "import sys; found = b'EICAR-' in sys.stdin.buffer.read(); "
    "print('Eicar-Test' if found else ''); sys.exit(1 if found else 0)"
)
SCANNER = f"command:{shlex.quote(sys.executable)} -c {shlex.quote(LOOKS_FOR_IT)}"
# (what, name, content, how the field says so: in English, in Czech)
REFUSED = [
    ("0 bytes", "nothing.log", b"", "nothing.log is empty.", "nothing.log je prázdný."),
    (
        "over the limit",
        "much.log",
        bytes(2**20 + 1),
        "much.log is too large. A file may have at most 1 MB.",
        "Soubor much.log je příliš velký. Jeden soubor smí mít nejvýše 1 MB.",
    ),
    (
        "a Word file called .png",
        "report.png",
        WORD,
        "report.png is something else than its name says.",
        "Soubor report.png je něco jiného, než říká jeho název.",
    ),
]


@pytest.fixture(autouse=True)
def _small(settings: Any) -> None:
    settings.ATTACHMENT_LIMIT = 2**20


def beside(page: str) -> str:
    found = re.search(r'id="id_attachments-error">(.*?)</p>', page, re.DOTALL)
    assert found, "nothing stands beside the field"
    return plain(found[1])


def nothing_typed_is_lost(page: str) -> None:
    assert 'value="Backups stop"' in page
    assert "Since Sunday.</textarea>" in page
    kept = Draft.objects.get().answers
    assert (kept["title"], kept["description"]) == ("Backups stop", "Since Sunday.")


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0])
@pytest.mark.shows("S6.1", "FI-01", "FI-04")
def test_a_bad_file_is_refused_beside_the_field_with_and_without_script(
    alices: Client, language: str, row: tuple[str, str, bytes, str, str]
) -> None:
    _what, name, content, *sentences = row
    alices.cookies["language"] = language
    address = started(alices)
    file = SimpleUploadedFile(name, content)
    answer = alices.post(address, TYPED | {"do": "next:problem", "attachments": [file]})
    said = sentences[language == "cs"]
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in beside(page)
    assert 'href="#id_attachments"' in page
    nothing_typed_is_lost(page)
    file.seek(0)
    script = alices.post(f"{address}files/", {"file": file})
    assert script.status_code == 422
    assert said in plain(script.json()["refused"])
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["../../x", "..\\..\\x", "/etc/x"])
@pytest.mark.shows("FI-01")
def test_a_file_named_as_a_path_is_taken_under_its_last_part(alices: Client, name: str) -> None:
    address = started(alices)
    file = SimpleUploadedFile("x", b"x")
    file.name = name  # a browser would not send it; others may
    answer = alices.post(address, TYPED | {"do": "save", "attachments": [file]})
    assert answer.status_code == 302
    assert Attachment.objects.get().name == "x"
    assert '<span class="file-name">x</span>' in alices.get(address).content.decode()


@pytest.mark.parametrize(
    ("language", "checked", "locked"),
    [
        ("en", "being checked for viruses", "locked: the virus scanner found something harmful"),
        (
            "cs",
            "probíhá antivirová kontrola",
            "uzamčeno: antivirový program v něm našel něco škodlivého",
        ),
    ],
)
@pytest.mark.shows("FI-06", "S6.1")
def test_the_virus_test_file_is_locked_and_its_row_says_so(
    alices: Client, settings: Any, language: str, checked: str, locked: str
) -> None:
    settings.SCANNER = SCANNER
    alices.cookies["language"] = language
    address = started(alices)
    file = SimpleUploadedFile("invoice.com", EICAR)
    assert alices.post(address, TYPED | {"do": "save", "attachments": [file]}).status_code == 302
    assert checked in plain(alices.get(address).content.decode())
    kept = Attachment.objects.get()
    scan_attachment(attachment_pk=kept.pk, now=NOW)
    page = alices.get(address).content.decode()
    row = re.search(r'<li class="file">.*?invoice\.com.*?</li>', page, re.DOTALL)
    assert row
    assert locked in plain(row[0])
    assert f"remove-file:{kept.public_id.hex}" in row[0]
    nothing_typed_is_lost(page)
    told = alices.get(f"/uploads/{kept.public_id.hex}/").json()
    assert "invoice.com" in told["refused"]


# --- Of 6 GB -------------------------------------------------------------------------------------


class Body(io.RawIOBase):
    """The head of a form, then as many zeros as it is long; counts what was read."""

    def __init__(self, head: bytes, length: int) -> None:
        self.head, self.length, self.given = head, length, 0

    def read(self, size: int = -1) -> bytes:
        size = min(size if size >= 0 else 2**16, self.length - self.given)
        part = self.head[self.given : self.given + size]
        part += bytes(size - len(part))
        self.given += len(part)
        return part


def form_with(name: str, fields: dict[str, str], *, at: str = "attachments") -> bytes:
    """A form up to the first byte of its file, as a browser sends it."""
    whole: bytes = encode_multipart(BOUNDARY, fields)
    head = whole.removesuffix(f"--{BOUNDARY}--\r\n".encode())
    return (
        head
        + (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
            f'name="{at}"; filename="{name}"\r\n\r\n'
        ).encode()
    )


def sent(browser: Client, path: str, body: Body, announced: int) -> Any:
    return browser.request(
        REQUEST_METHOD="POST",
        PATH_INFO=path,
        CONTENT_TYPE=MULTIPART_CONTENT,
        CONTENT_LENGTH=str(announced),
        **{"wsgi.input": body},
    )


SIX_GB = {
    "en": "dump.bin is too large. A file may have at most 1 MB.",
    "cs": "Soubor dump.bin je příliš velký. Jeden soubor smí mít nejvýše 1 MB.",
}


@pytest.mark.parametrize("language", ["en", "cs"])
@pytest.mark.shows("FI-04", "S6.1")
def test_six_gigabytes_are_refused_by_their_announced_length_before_they_are_read(
    alices: Client, language: str
) -> None:
    alices.cookies["language"] = language
    address = started(alices)
    body = Body(form_with("dump.bin", TYPED), GIGABYTES)
    answer = sent(alices, address, body, GIGABYTES)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert SIX_GB[language] in beside(page)
    nothing_typed_is_lost(page)
    assert body.given < 2**20
    script = Body(form_with("dump.bin", {}, at="file"), GIGABYTES)
    told = sent(alices, f"{address}files/", script, GIGABYTES)
    assert told.status_code == 422
    assert SIX_GB[language] in plain(told.json()["refused"])
    assert script.given < 2**20
    assert not Attachment.objects.exists()


@pytest.mark.shows("FI-04", "S6.1")
def test_whatever_length_was_announced_reading_stops_soon_after_the_limit(alices: Client) -> None:
    address = started(alices)
    announced = 36 * 2**20  # twenty files of 1 MB, and what may stand around them
    body = Body(form_with("dump.bin", TYPED), GIGABYTES)
    answer = sent(alices, address, body, announced)
    assert SIX_GB["en"] in beside(answer.content.decode())
    nothing_typed_is_lost(answer.content.decode())
    assert body.given <= 22 * 2**20
    assert not Attachment.objects.exists()


@pytest.mark.shows("FI-04", "S8.2")
def test_a_message_says_so_too_and_keeps_its_words(alice: Account, alices: Client) -> None:
    case = factories.case(submitted_by=alice)
    body = Body(form_with("dump.bin", {"body": "Here it is."}), GIGABYTES)
    answer = sent(alices, f"/requests/{case.number}/messages/", body, GIGABYTES)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert SIX_GB["en"] in plain(page)
    assert "Here it is." in page
    assert not Message.objects.exists()


@pytest.mark.shows("S6.1")
def test_as_many_files_as_fit_into_a_form_arrive_at_their_full_size(alices: Client) -> None:
    """Only what is thrown away counts towards giving up."""
    address = started(alices)
    most = ours.DATA_UPLOAD_MAX_NUMBER_FILES
    files = [SimpleUploadedFile(f"{n}.log", bytes([n]) * 2**20) for n in range(most)]
    answer = alices.post(address, TYPED | {"do": "save", "attachments": files})
    assert answer.status_code == 302
    assert Attachment.objects.filter(size=2**20).count() == most
