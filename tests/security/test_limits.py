"""Texts and bytes of any size and shape: refused or kept, never an error of ours, never slow."""

from __future__ import annotations

import json
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from opora.cases.files import receive_file, shown_name, sweep
from opora.cases.models import Attachment, Draft
from tests import factories
from tests.cast import Cast, bearer, signed_in, whole_cast
from tests.security.every_answer import visits
from tests.security.payloads import FILE_NAMES

pytestmark = pytest.mark.django_db

SQL = (
    "' OR '1'='1", "'; DROP TABLE cases_case; --", '" OR ""="', "1) OR (1=1", "\\'; --",
    "%' OR '%'='", "_%", "%%s", "%(x)s", "$1", "?", "*", "(", ")", "NEAR(", "a OR b", "NOT", "AND",
    '"', "''", '"""',
    "-", "--", "a:b", "a*", "^a", "{a}", "col:x", "\x00", "a\x00b", "\ud800", "\uffff", "\u202e",
    "🙂" * 40, "a" * 5000, "<->", "!", "&", "|", ":*", "' ' '", "\\", "\n", "\r\n", "\t", " ",
    "\u3000",
)  # fmt: skip
FIELDS = (
    "title", "description", "body", "product", "version", "problem", "contract", "severity",
    "country", "time_zone", "primary_contact.email", "primary_contact.given_name", "kept", "to",
    "primary_contact.phone", "additional_contacts.0.email", "given_name", "family_name", "phone",
    "access_id", "contract_id", "outcome", "reason", "do", "sections", "name", "days", "email",
    "company",
    "login", "password", "code", "language", "appearance", "revision", "queue",
)  # fmt: skip
PARAMETERS = (
    "q", "state", "severity", "product", "version", "after", "view", "step", "next", "number",
    "cursor", "limit", "deployment", "family", "production", "country", "time_zone", "status",
)  # fmt: skip


@pytest.fixture
def people() -> Cast:
    return whole_cast()


@pytest.mark.shows("IN-01", "AC-09")
@pytest.mark.slow("every page, with every parameter, with fifty kinds of poison")
def test_no_poison_in_an_address_is_an_error_of_ours(people: Cast) -> None:
    factories.case(submitted_by=people.alice)
    for seen in visits(people):
        if seen.address in ("demo/", "health/ready"):
            continue
        for number, poison in enumerate(SQL):
            # Pages that take parameters meet all of it, the others a part.
            if seen.path not in ("/", "/desk/", "/coverage/", "/api/v1/cases") and number % 16:
                continue
            text = poison.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            answer = seen.client.get(seen.path, dict.fromkeys(PARAMETERS, text))
            b"".join(answer)
            assert answer.status_code < 500, (seen.path, poison)


@pytest.mark.shows("IN-01")
@pytest.mark.slow("every form, with every field, with a dozen kinds of poison")
def test_no_poison_in_a_form_is_an_error_of_ours(people: Cast) -> None:
    for seen in visits(people):
        if seen.is_program or seen.address.startswith("api/"):
            continue
        for poison in ("a\x00b", "' OR 1=1 --", "🙂" * 300, "\ud800", "-1"):
            text = poison.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            answer = seen.client.post(seen.path, dict.fromkeys(FIELDS, text))
            b"".join(answer)
            assert answer.status_code < 500, (seen.path, poison)
            if seen.address == "requests/new/<str:draft_id>/":
                pressed = {"do": "submit", "sections": "problem"}
                answer = seen.client.post(seen.path, dict.fromkeys(FIELDS, text) | pressed)
                assert answer.status_code < 500, (seen.path, poison)


@pytest.mark.shows("IN-01")
def test_each_parameter_of_a_call_may_hold_poison(people: Cast) -> None:
    program = bearer(people.alice)
    for path, names in (
        ("/api/v1/cases", ("q", "state", "severity", "product", "cursor", "limit")),
        ("/api/v1/products", ("q", "deployment", "family", "cursor")),
        ("/api/v1/contracts", ("cursor", "limit")),
    ):
        for name in names:
            for poison in ("\x00", "a\x00", "'", "\uffff", "\u202e", "9" * 99):
                answer = program.get(path, {name: poison})
                assert answer.status_code < 500, (path, name, poison)


@pytest.mark.shows("IN-01")
def test_poison_in_a_path_names_nothing(people: Cast) -> None:
    browser, program = signed_in(people.alice), bearer(people.alice)
    for part in ("%00", "%27", "%22", "%ff", "%e2%80%ae", "..%2f", "%0d%0a", "-1", "9" * 400):
        for path in (f"/requests/{part}/", f"/contracts/{part}/", f"/requests/new/{part}/"):
            assert browser.get(path).status_code in (400, 404), path
        for path in (f"/api/v1/cases/{part}", f"/api/v1/products/{part}/versions"):
            assert program.get(path).status_code in (400, 404), path


def megabyte() -> Iterator[str]:
    size = 1_000_000
    yield "a" * size
    yield " " * size + "x"
    yield "https://" * (size // 8)
    yield "https://a." + "a." * (size // 2)
    yield "mailto:" + "a" * size
    yield "<" * size
    yield "&" * size
    yield "k v " * (size // 4)
    yield "((((" * (size // 4)
    yield "\n" * size
    yield "e\u0301" * (size // 3)
    yield "ﷺ" * (size // 3)


@pytest.mark.shows("IN-04")
@pytest.mark.slow("a dozen texts of a megabyte in each field")
def test_a_megabyte_of_anything_is_read_or_refused_within_a_second(people: Cast) -> None:
    from opora.web import formats

    draft = Draft.objects.create(
        account=people.alice, created_at=factories.NOW, updated_at=factories.NOW
    )
    browser, program = signed_in(people.alice), bearer(people.alice)
    case = factories.case(submitted_by=people.alice)
    for text in megabyte():
        for deed in (
            lambda text=text: formats.prose(text),
            lambda text=text: formats.tidy(text),
            lambda text=text: shown_name(text),
            lambda text=text: browser.post(
                f"/requests/new/{draft.public_id.hex}/fields/", {"title": text, "description": text}
            ),
            lambda text=text: browser.post(f"/requests/{case.number}/messages/", {"body": text}),
            lambda text=text: program.post(
                f"/api/v1/cases/{case.number}/messages", {"body": text}, "application/json"
            ),
            lambda text=text: browser.get("/", {"q": text[:20_000]}),
            lambda text=text: browser.post(
                "/contracts/new/", {"access_id": text, "contract_id": text}
            ),
            lambda text=text: browser.post(
                f"/requests/{case.number}/sharing/", {"given_name": "a", "email": text}
            ),
        ):
            began = time.process_time()
            answer: Any = deed()
            assert time.process_time() - began < 1.0, (text[:20], answer)
            assert getattr(answer, "status_code", 200) < 500


@pytest.mark.shows("IN-04")
@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a":' * 100_000, b"1" * 500_000, b'"' + b"\\u0000" * 9]
)
def test_hostile_json_is_refused(people: Cast, body: bytes) -> None:  # fmt: skip
    began = time.process_time()
    answer = bearer(people.alice).post("/api/v1/eligibility", body, "application/json")
    assert answer.status_code in (413, 422)
    assert time.process_time() - began < 1.0


# --- Files ---------------------------------------------------------------------------------------


@pytest.mark.rules
@pytest.mark.shows("FI-01")
@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_shown_name_is_a_name(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 180
    assert not set('/\\\x00\r\n"<>|:*?') & set(shown)
    assert "\u202e" not in shown
    assert "\u200b" not in shown
    assert not shown.startswith(".")
    assert shown_name(shown) == shown


def png(width: int, height: int) -> bytes:
    """A picture that says it is huge, in a few hundred bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + zlib.compress(b"\x00" * 100_000)
    )


@pytest.mark.shows("FI-03", "FI-02")
def test_pictures_and_archives_that_burst_are_bytes_like_all_others(people: Cast) -> None:
    """Nothing is decoded or unpacked: what comes in goes out."""
    bomb = b"PK\x03\x04" + zlib.compress(b"\x00" * 10_000_000)
    case = factories.case(submitted_by=people.alice)
    for content, media in ((png(60_000, 60_000), "image/png"), (bomb, "application/zip")):
        answer = bearer(people.alice).post(
            f"/api/v1/cases/{case.number}/attachments",
            {"file": SimpleUploadedFile("x", content)},
        )
        assert answer.status_code == 201
        told = json.loads(answer.content)
        assert (told["size"], told["media_type"]) == (len(content), media)
        back = bearer(people.alice).get(f"/api/v1/cases/{case.number}/attachments/{told['id']}")
        assert b"".join(back) == content


def on_disk(settings: Any) -> list[Path]:
    return [path for path in (settings.DATA_DIR / "files").rglob("*") if path.is_file()]


@pytest.mark.shows("FI-04", "F-17")
def test_a_file_over_the_limit_leaves_nothing_however_it_is_sent(
    people: Cast, settings: Any
) -> None:
    settings.ATTACHMENT_LIMIT = 1000
    case = factories.case(submitted_by=people.alice)
    before = on_disk(settings)
    for path, client, field, beside in (
        (f"/requests/{case.number}/files/", signed_in(people.alice), "file", {}),
        (
            *(f"/requests/{case.number}/messages/", signed_in(people.alice)),
            *("attachments", {"body": "t"}),
        ),
        ("/api/v1/uploads", bearer(people.alice), "file", {}),
        (f"/api/v1/cases/{case.number}/attachments", bearer(people.alice), "file", {}),
        (f"/desk/cases/{case.number}/files/", signed_in(people.dana), "file", {}),
    ):
        answer = client.post(path, {field: SimpleUploadedFile("big.log", b"x" * 1001), **beside})
        assert answer.status_code in (413, 422), path
        assert on_disk(settings) == before, path
        fits = client.post(path, {field: SimpleUploadedFile("ok.log", b"x" * 1000), **beside})
        assert fits.status_code in (201, 302), path
        Attachment.objects.all().delete()
        for file in set(on_disk(settings)) - set(before):
            file.unlink()


@pytest.mark.shows("F-17", "F-29")
def test_an_upload_that_breaks_off_leaves_no_row_and_no_file(people: Cast, settings: Any) -> None:
    before = on_disk(settings)

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive_file(account=people.alice, chunks=broken(), name="a.log", now=factories.NOW)
    assert not Attachment.objects.exists()
    assert on_disk(settings) == before


@pytest.mark.shows("F-17", "F-29")
def test_what_a_crash_left_behind_goes_after_a_day_and_not_before(
    people: Cast, settings: Any
) -> None:
    import os
    from datetime import timedelta

    kept = receive_file(account=people.alice, chunks=[b"x"], name="a.log", now=factories.NOW,
                        case=factories.case(submitted_by=people.alice))  # fmt: skip
    folder = settings.DATA_DIR / "files" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    strays = [folder / ("ab" + "0" * 46), folder / ("ab" + "1" * 46 + ".part")]
    for stray in strays:
        stray.write_bytes(b"half")
        os.utime(stray, (factories.NOW.timestamp(),) * 2)
    sweep(now=factories.NOW + timedelta(hours=23))
    assert all(stray.exists() for stray in strays)
    sweep(now=factories.NOW + timedelta(hours=25))
    assert not any(stray.exists() for stray in strays)
    assert (settings.DATA_DIR / "files" / kept.stored_as[:2] / kept.stored_as).exists()
