"""PDF: plain text in, the same text out; no markup, no file and no network on the way."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab import rl_config

from opora.web import documents
from opora.web.documents import Document, DocumentColumn, Table, pdf_of, wrapped
from tests.databases import PACKAGE
from tests.security.payloads import MARKUP
from tests.web.pdf_text import texts_of

pytestmark = pytest.mark.rules

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy – ŘŠŤŽÝÁÍÉĎŇÚŮÓ „−1“ 12 400 Kč"
COLUMNS = [DocumentColumn("Who", 400), DocumentColumn("Balance", 107, is_number=True)]


def document(*rows: tuple[str, str], **facts: object) -> Document:
    return Document(
        **{  # type: ignore[arg-type]
            "language": "cs",
            "issuer": "Opora",
            "title": "Statement",
            "foot": "Contract 1",
            "page_words": "Page %(page)s of %(pages)s",
            "tables": [Table("Entries", COLUMNS, rows)],
        }
        | facts
    )


# What leaves the process, or reads from outside of it, as the interpreter sees it.
LEAKS = ("open", "socket.", "subprocess.", "os.system", "os.exec", "urllib.", "ctypes.dlopen")
_heard: list[tuple[str, object]] = []
_listening = False


def _listen(event: str, args: tuple[object, ...]) -> None:
    if _listening and event.startswith(LEAKS):
        _heard.append((event, args[0] if args else None))


sys.addaudithook(_listen)


@contextmanager
def overheard() -> Iterator[list[tuple[str, object]]]:
    """What is opened inside the block: files, sockets, processes."""
    global _listening
    _heard.clear()
    _listening = True
    try:
        yield _heard
    finally:
        _listening = False


@pytest.mark.shows("XS-09")
def test_the_ear_hears_a_file_that_is_opened() -> None:
    with overheard() as heard, open(__file__, encoding="utf-8"):  # noqa: PTH123 - what is tested
        pass
    assert heard == [("open", __file__)]


@pytest.mark.shows("XS-09")
def test_drawing_opens_no_file_and_no_address_whatever_is_drawn() -> None:
    hostile = [
        *(text.replace("{n}", "1") for text in MARKUP if text.isascii()),
        '<img src="file:///etc/passwd"/>',
        '<img src="http://169.254.169.254/latest/meta-data/"/>',
        "<para><img src='php://filter/resource=/etc/passwd'/></para>",
        '<link href="file:///etc/passwd">x</link>',
        "<font name='/etc/passwd'>x</font>",
        "data:image/png;base64,AAAA",
        "%(page)s {page} \\input{/etc/passwd} (unbalanced \\",
    ]
    pdf_of(document())  # the typeface is read once a process
    with overheard() as heard:
        made = pdf_of(
            document(
                *((text, "1") for text in hostile),
                issuer=hostile[-2],
                title=hostile[0],
                foot=hostile[-1],
                facts=[(text, text) for text in hostile[-4:]],
                notes=hostile[-4:],
            )
        )
    assert heard == []
    # It stands there as it was written: wrapped, never read.
    drawn = "".join("".join(page) for page in texts_of(made)).replace(" ", "")
    for text in hostile:
        assert "".join(text.split()) in drawn
    for name in (b"/URI", b"/JS", b"/Launch", b"/EmbeddedFile", b"/XObject", b"/Subtype /Link"):
        assert name not in made


@pytest.mark.shows("XS-09")
def test_no_module_uses_the_parts_of_the_library_that_read_markup_or_pictures() -> None:
    """Its paragraphs take markup with pictures by address; its canvas draws what it is given."""
    allowed = {
        "reportlab",
        "reportlab.lib.pagesizes",
        "reportlab.pdfbase",
        "reportlab.pdfbase.ttfonts",
        "reportlab.pdfgen.canvas",
    }
    used = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            used |= {name for name in names if name.split(".")[0] == "reportlab"}
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("drawImage", "drawInlineImage", "linkURL"), path
    assert used <= allowed
    assert rl_config.trustedSchemes == rl_config.trustedHosts == []


def test_czech_letters_are_found_in_the_file_as_they_were_written() -> None:
    made = pdf_of(document((CZECH, "1"), title=CZECH))
    texts = texts_of(made)[0]
    assert CZECH in texts
    assert b"/Lang (cs)" in made


def test_many_rows_fill_pages_each_with_headings_and_its_number() -> None:
    rows = [(f"row {number}", str(number)) for number in range(200)]
    pages = texts_of(pdf_of(document(*rows)))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Who" in page
    drawn = [text for page in pages for text in page if text.startswith("row ")]
    assert drawn == [row[0] for row in rows]


@given(st.text(max_size=200), st.floats(12, 200))
def test_lines_are_never_wider_than_they_may_be_and_lose_no_letter(text: str, width: float) -> None:
    lines = wrapped(text, width, 8.5)
    assert lines
    for line in lines:
        assert len(line) == 1 or documents._width(line, 8.5) <= width
    kept = [c for c in text if (c.isprintable() and c != " ") or c == "\u00a0"]
    assert [c for c in "".join(lines) if c != " "] == kept
