"""Files on pages: several at once, bad ones named next to the field, pictures and texts shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import close_case
from opora.cases.files import erase_files_of, receive_file
from opora.cases.models import Attachment, Case, Draft, Message
from opora.cases.states import FILES_KEPT
from tests import cast, factories
from tests.cases.sent import WORD, png
from tests.cast import signed_in
from tests.factories import NOW, PICTURE

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: Account) -> Case:
    return factories.case(submitted_by=alice)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def on(case: Case, name: str, content: bytes, **facts: Any) -> Attachment:
    file = receive_file(account=case.submitted_by, chunks=[content], name=name, now=NOW, case=case)
    for fact, value in facts.items():
        setattr(file, fact, value)
    file.save()
    return file


def page_of(file: Attachment, what: str = "preview") -> str:
    assert file.case is not None
    return f"/requests/{file.case.number}/files/{file.public_id.hex}/{what}/"


# --- Bad files among good ones --------------------------------------------------------------------

SENTENCES = {
    "en": (
        "nothing.log is empty.",
        "report.png is something else than its name says.",
        "much.log is too large.",
    ),
    "cs": (
        "nothing.log je prázdný.",
        "Soubor report.png je něco jiného, než říká jeho název.",
        "much.log je příliš velký.",
    ),
}


def mixed(settings: Any) -> list[SimpleUploadedFile]:
    settings.ATTACHMENT_LIMIT = 2**20
    return [
        upload("nothing.log", b""),
        upload("first.log", b"first"),
        upload("report.png", WORD),
        upload("much.log", bytes(2**20 + 1)),
        upload("../../second.log", b"second"),
    ]


@pytest.mark.shows("FI-01", "FI-04", "S6.1")
@pytest.mark.parametrize("language", ["en", "cs"])
def test_on_a_draft_each_bad_file_gets_its_sentence_and_the_good_ones_stay(
    alice: Account, alices: Client, settings: Any, language: str
) -> None:
    alice.language = language
    alice.save()
    draft = factories.draft(alice)
    answer = alices.post(
        f"/requests/new/{draft.public_id.hex}/",
        {"do": "next:problem", "title": "Backups stop", "attachments": mixed(settings)},
    )
    assert answer.status_code == 422
    page = answer.content.decode().replace("\u00a0", " ")
    for sentence in SENTENCES[language]:
        assert sentence in page
    assert 'id="id_attachments-error"' in page
    assert 'href="#id_attachments"' in page
    assert 'value="Backups stop"' in page
    assert Draft.objects.get().answers["title"] == "Backups stop"
    kept = Attachment.objects.order_by("pk").values_list("name", flat=True)
    assert list(kept) == ["first.log", "second.log"]


@pytest.mark.shows("FI-01", "FI-04", "S8.2")
@pytest.mark.parametrize("language", ["en", "cs"])
def test_on_a_message_too_and_what_was_written_is_still_there(
    alice: Account, alices: Client, case: Case, settings: Any, language: str
) -> None:
    alice.language = language
    alice.save()
    answer = alices.post(
        f"/requests/{case.number}/messages/",
        {"body": "Here are the logs.", "attachments": mixed(settings)},
    )
    assert answer.status_code == 422
    page = answer.content.decode().replace("\u00a0", " ")
    for sentence in SENTENCES[language]:
        assert page.count(sentence) == 2, "next to the field, and on top with a link to it"
    assert "Here are the logs." in page
    assert not Message.objects.exists()
    assert page.count('name="kept"') == 2
    kept = [file.public_id.hex for file in Attachment.objects.order_by("pk")]
    again = alices.post(
        f"/requests/{case.number}/messages/", {"body": "Here are the logs.", "kept": kept}
    )
    assert again.status_code == 302
    assert Message.objects.get().attachments == kept


# --- Shown safely ---------------------------------------------------------------------------------


@pytest.mark.shows("XS-04", "FI-07")
def test_a_picture_is_shown_as_what_its_bytes_are(alices: Client, case: Case) -> None:
    file = on(case, "screen.png", PICTURE)
    page = alices.get(page_of(file)).content.decode()
    assert f'src="{page_of(file, "picture")}"' in page
    answer: Any = alices.get(page_of(file, "picture"))
    assert b"".join(answer) == PICTURE
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].endswith("sandbox")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.shows("XS-04", "XS-01")
@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "log.txt"])
def test_markup_is_shown_as_text_inside_a_page_of_ours(
    alices: Client, case: Case, name: str
) -> None:
    file = on(case, name, b"<svg onload=alert(1)><script>alert(2)</script> \xc5\xbelu\xc5\xa5")
    answer = alices.get(page_of(file))
    page = answer.content.decode()
    assert "&lt;script&gt;alert(2)&lt;/script&gt; žluť" in page
    assert "<script>alert" not in page
    assert "require-trusted-types-for" in answer["Content-Security-Policy"]
    assert alices.get(page_of(file, "picture")).status_code == 404
    shown: Any = alices.get(f"/requests/{case.number}/files/{file.public_id.hex}/")
    assert shown["Content-Type"] == "application/octet-stream"
    assert shown["Content-Disposition"].startswith("attachment")
    shown.close()


@pytest.mark.shows("FI-03")
@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (png(50_000, 50_000), {}),
        (PICTURE, {"size": 10 * 2**20 + 1}),
        (PICTURE, {"state": "rejected"}),
        (PICTURE, {"state": "scanning"}),
        (PICTURE, {"erased_at": NOW}),
    ],
)
def test_a_picture_that_may_not_be_shown_is_not(
    alices: Client, case: Case, content: bytes, facts: dict[str, Any]
) -> None:
    file = on(case, "screen.png", content, **facts)
    assert alices.get(page_of(file, "picture")).status_code == 404
    assert alices.get(page_of(file)).status_code == 200


def test_a_long_text_shows_its_beginning(alices: Client, case: Case) -> None:
    file = on(case, "long.log", b"x" * 70_000 + b"the end")
    page = alices.get(page_of(file)).content.decode()
    assert "This is the beginning." in page
    assert "the end" not in page


@pytest.mark.shows("FI-06")
def test_a_locked_file_says_why_and_gives_nothing(alices: Client, case: Case) -> None:
    file = on(case, "tool.exe", b"MZ\x00", state="rejected")
    for path in (f"/requests/{case.number}/", page_of(file)):
        page = alices.get(path).content.decode().replace("\u00a0", " ")
        assert "the virus scanner found something harmful in it" in page.lower()
        assert f'/files/{file.public_id.hex}/"' not in page
    answer = alices.get(f"/requests/{case.number}/files/{file.public_id.hex}/")
    assert answer.status_code == 409
    assert "Nobody can open it." in answer.content.decode()


@pytest.mark.shows("FI-06")
def test_script_is_told_what_the_scanner_said_of_ones_own_upload(
    alice: Account, alices: Client, settings: Any
) -> None:
    settings.SCANNER = "command:scanner"
    draft = factories.draft(alice)
    sent = alices.post(
        f"/requests/new/{draft.public_id.hex}/files/", {"file": upload("tool.exe", b"MZ\x00")}
    ).json()
    assert (sent["state"], sent["note"]) == ("received", "being checked for viruses")
    address = f"/uploads/{sent['id']}/"
    assert alices.get(address).json() == sent
    Attachment.objects.update(state="rejected")
    assert "found something harmful in tool.exe" in alices.get(address).json()["refused"]
    assert signed_in(cast.bob()).get(address).status_code == 404


@pytest.mark.shows("S8.6")
def test_the_page_says_on_which_day_files_are_erased_and_later_that_they_were(
    alice: Account, alices: Client, case: Case
) -> None:
    file = on(case, "job.log", b"log")
    close_case(case=case, outcome="solved", by=alice, now=NOW)
    page = alices.get(f"/requests/{case.number}/").content.decode().replace("\u00a0", " ")
    assert "attachments are erased on 21 Feb 2027" in page
    later = NOW + FILES_KEPT + timedelta(minutes=1)
    assert erase_files_of(case_pk=case.pk, closed_before=later - FILES_KEPT, now=later) == 1
    assert "The file was erased" in alices.get(page_of(file)).content.decode()
