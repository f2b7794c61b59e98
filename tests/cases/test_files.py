"""What is taken as a file, under what name, and how large a picture may unfold (FI-01, FI-03)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.accounts.models import Account
from opora.cases.errors import EmptyFile, FileNamedOtherwise
from opora.cases.files import receive_file
from opora.cases.models import Attachment
from opora.cases.pictures import MOST_PIXELS, is_bearable, size_of
from tests import cast
from tests.cases.sent import OLD_WORD, PDF, WORD, gif, jpeg, png
from tests.factories import NOW, PICTURE


def on_disk(settings: Any) -> set[Path]:
    return set(Path(settings.DATA_DIR, "files").glob("??/*"))


def take(name: str, content: bytes) -> Attachment:
    account = Account.objects.first() or cast.alice()
    return receive_file(account=account, chunks=[content], name=name, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.png", WORD),
        ("report.JPG", OLD_WORD),
        ("report.jpeg", PDF),
        ("scan.pdf", WORD),
        ("scan.pdf", PICTURE),
    ],
    ids=["word-png", "old-word-jpg", "pdf-jpeg", "word-pdf", "picture-pdf"],
)
def test_a_document_named_as_a_picture_is_refused_and_nothing_of_it_stays(
    settings: Any, name: str, content: bytes
) -> None:
    before = on_disk(settings)
    with pytest.raises(FileNamedOtherwise) as refused:
        take(name, content)
    assert refused.value.detail.startswith(f"{name} is something else than its name says.")
    assert not Attachment.objects.exists()
    assert on_disk(settings) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("screen.png", PICTURE, "image/png"),
        ("photo.jpg", PICTURE, "image/png"),  # phones rename pictures; what it is decides
        ("dump.png", b"\x00\x01\x02", "application/octet-stream"),
        ("report.docx", WORD, "application/zip"),
        ("report.doc", OLD_WORD, "application/x-ole-storage"),
        ("page.svg", b"<svg onload='x'/>", "text/plain"),
        ("page.html", b"<script>x</script>", "text/plain"),
    ],
)
def test_what_a_file_is_follows_its_bytes(name: str, content: bytes, media_type: str) -> None:
    file = take(name, content)
    assert (file.name, file.media_type) == (name, media_type)


@pytest.mark.django_db
@pytest.mark.shows("FI-01")
def test_a_path_in_a_name_is_no_path() -> None:
    assert take("../../x", b"log").name == "x"
    with pytest.raises(EmptyFile):
        take("../../x", b"")


# --- How large a picture is -----------------------------------------------------------------------


@pytest.mark.rules
@pytest.mark.shows("FI-03")
@pytest.mark.parametrize(
    ("head", "media_type"),
    [(png(640, 480), "image/png"), (gif(640, 480), "image/gif"), (jpeg(640, 480), "image/jpeg")],
)
def test_the_size_of_a_picture_is_read_from_its_head(head: bytes, media_type: str) -> None:
    assert size_of(head, media_type) == (640, 480)
    assert is_bearable(head, media_type)
    assert size_of(head[:-1], media_type) is None
    assert not is_bearable(head[:-1], media_type)


@pytest.mark.rules
@pytest.mark.shows("FI-03")
@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (png(50_000, 50_000), "image/png"),
        (gif(65_535, 65_535), "image/gif"),
        (jpeg(65_535, 65_535), "image/jpeg"),
        (png(0, 10), "image/png"),
        (png(MOST_PIXELS + 1, 1), "image/png"),
    ],
)
def test_a_flood_of_pixels_is_not_shown(head: bytes, media_type: str) -> None:
    assert not is_bearable(head, media_type)


@pytest.mark.rules
@pytest.mark.shows("FI-03")
@given(st.binary(max_size=200), st.sampled_from(["image/png", "image/gif", "image/jpeg", "x"]))
def test_whatever_the_bytes_are_reading_them_ends(head: bytes, media_type: str) -> None:
    size = size_of(b"\xff\xd8" + head, media_type)
    assert size is None or len(size) == 2
