"""Printable documents as PDF, drawn from plain text.

Text is only ever drawn, never read as markup, and there is no way to name a picture, a link or
another file: a document holds what it was given and nothing else (XS-09). The typeface is read once
a process, from the library that the pages have it from.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import fontpkg_open_sans
from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from opora.core.formats import NBSP

# Nothing here opens addresses; should anything ever, the library has none to open.
rl_config.trustedSchemes, rl_config.trustedHosts = [], []

FONT = "Open Sans"
WIDTH, HEIGHT = A4
MARGIN = 44.0
BOTTOM = 64.0  # where rows end, over the line at the foot
SIZE = 8.5
LINE = 12.0
PADDING = 4.0  # over and under a row
INK, QUIET, RULE = 0.1, 0.4, 0.78  # shades of grey


@dataclass(frozen=True)
class DocumentColumn:
    """`width` in points; numbers stand at the right."""

    title: str
    width: float
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of plain text. `strong` are the positions of rows that sum up."""

    title: str
    columns: Sequence[DocumentColumn]
    rows: Sequence[Sequence[str]]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Party:
    """Somebody whom the document is between: what they are in it, their name, lines about them."""

    role: str
    name: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """One column of pages: a head, parties side by side, facts as pairs, notes, tables. Every text
    is plain.

    `lead` is what the document comes down to, under its title. `page_words` is written at the foot
    of each page, with %(page)s and %(pages)s in it.
    """

    language: str
    issuer: str
    title: str
    foot: str
    page_words: str
    lead: str = ""
    parties: Sequence[Party] = ()
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    tables: Sequence[Table] = field(default=())


def pdf_of(document: Document) -> bytes:
    """The document as PDF, on A4."""
    _typeface()
    pages = _Layout(document).pages
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4, pageCompression=1)
    canvas.setTitle(document.title)
    canvas.setAuthor(document.issuer)
    canvas.setCreator("Opora")
    canvas.setCatalogEntry("Lang", document.language)
    for number, marks in enumerate(pages, start=1):
        for mark in marks:
            mark.draw(canvas)
        for mark in _foot(document, number, len(pages)):
            mark.draw(canvas)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


@cache
def _typeface() -> None:
    folder = Path(fontpkg_open_sans.__file__).parent / "files"
    pdfmetrics.registerFont(TTFont(FONT, str(folder / "OpenSans[wdth,wght].ttf")))


# --- Marks on a page ------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    text: str
    size: float = SIZE
    shade: float = INK
    is_strong: bool = False
    is_right: bool = False

    def draw(self, canvas: Canvas) -> None:
        x = self.x - _width(self.text, self.size) if self.is_right else self.x
        canvas.saveState()
        canvas.setFillGray(self.shade)
        line = canvas.beginText(x, self.y)
        line.setFont(FONT, self.size)
        if self.is_strong:  # the file has one weight: bold is its outline, drawn over
            canvas.setStrokeGray(self.shade)
            canvas.setLineWidth(self.size / 30)
            line.setTextRenderMode(2)
        line.textOut(self.text)
        canvas.drawText(line)
        canvas.restoreState()


@dataclass(frozen=True)
class _Rule:
    y: float
    shade: float = RULE
    thickness: float = 0.5

    def draw(self, canvas: Canvas) -> None:
        canvas.setStrokeGray(self.shade)
        canvas.setLineWidth(self.thickness)
        canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)


_Mark = _Text | _Rule


class _Layout:
    """Where every mark of a document stands; `pages` from the first to the last."""

    def __init__(self, document: Document) -> None:
        self.pages: list[list[_Mark]] = [[]]
        self.y = HEIGHT - MARGIN
        self._head(document)
        for table in document.tables:
            self._table(table)

    def _head(self, document: Document) -> None:
        whole = WIDTH - 2 * MARGIN
        self._lines(document.issuer, width=whole, size=10, shade=QUIET, is_strong=True)
        self.y -= 10
        self._lines(document.title, width=whole, size=19, is_strong=True)
        if document.lead:
            self._lines(document.lead, width=whole, size=12.5)
        if document.parties:
            self._parties(document.parties)
        self.y -= 18
        for term, detail in document.facts:
            self._pair(term, detail)
        self.y -= 4
        for note in document.notes:
            self._lines(note, width=whole, size=9, shade=QUIET)
            self.y -= 2

    def _parties(self, parties: Sequence[Party]) -> None:
        """Columns of one width, each from the same height down."""
        self.y -= 14
        top, lowest = self.y, self.y
        column = (WIDTH - 2 * MARGIN) / len(parties)
        for position, party in enumerate(parties):
            x, self.y = MARGIN + position * column, top
            self._party(party, x, column - 16)
            lowest = min(lowest, self.y)
        self.y = lowest - 12

    def _party(self, party: Party, x: float, width: float) -> None:
        self.y -= LINE
        self._put(_Text(x, self.y, party.role, SIZE, QUIET))
        self.y -= 3
        texts = [(party.name, 10.5, True), *((line, 9.5, False) for line in party.lines)]
        for text, size, is_strong in texts:
            for line in wrapped(text, width, size):
                self.y -= LINE + 1.5
                self._put(_Text(x, self.y, line, size, is_strong=is_strong))

    def _pair(self, term: str, detail: str) -> None:
        label = 130.0
        shown = wrapped(detail, WIDTH - 2 * MARGIN - label, 9.5)
        self._room(LINE * len(shown) + 3)
        self._put(_Text(MARGIN, self.y, term, 9.5, QUIET))
        for line in shown:
            self._put(_Text(MARGIN + label, self.y, line, 9.5))
            self.y -= LINE + 1
        self.y -= 2

    def _table(self, table: Table) -> None:
        self._room(5 * LINE)
        self.y -= 14
        self._lines(table.title, width=WIDTH - 2 * MARGIN, size=12, is_strong=True)
        self.y -= 14
        self._titles(table)
        for position, row in enumerate(table.rows):
            self._row(table, row, is_strong=position in table.strong)

    def _titles(self, table: Table) -> None:
        self._cells(table, [[column.title] for column in table.columns], shade=QUIET)
        self._put(_Rule(self.y + LINE - PADDING, QUIET, 0.8))
        self.y -= PADDING

    def _row(self, table: Table, row: Sequence[str], *, is_strong: bool) -> None:
        cells = [
            wrapped(text, column.width - 8, SIZE)
            for text, column in zip(row, table.columns, strict=True)
        ]
        height = LINE * max(len(cell) for cell in cells) + 2 * PADDING
        if self._room(height):
            self._titles(table)
        self._cells(table, cells, is_strong=is_strong)
        self._put(_Rule(self.y + LINE - PADDING))
        self.y -= PADDING

    def _cells(
        self,
        table: Table,
        cells: Sequence[Sequence[str]],
        *,
        shade: float = INK,
        is_strong: bool = False,
    ) -> None:
        x = MARGIN
        for column, lines in zip(table.columns, cells, strict=True):
            at = x + column.width - 4 if column.is_number else x
            for depth, line in enumerate(lines):
                self._put(
                    _Text(at, self.y - depth * LINE, line, SIZE, shade, is_strong, column.is_number)
                )
            x += column.width
        self.y -= LINE * max(len(cell) for cell in cells) + PADDING

    def _lines(
        self, text: str, *, width: float, size: float, shade: float = INK, is_strong: bool = False
    ) -> None:
        for line in wrapped(text, width, size):
            self._room(size * 1.4)
            self.y -= size * 1.4
            self._put(_Text(MARGIN, self.y, line, size, shade, is_strong))
        self.y -= size * 0.4

    def _put(self, mark: _Mark) -> None:
        self.pages[-1].append(mark)

    def _room(self, height: float) -> bool:
        """Begin another page if this one has not so much room; whether it did."""
        if self.y - height >= BOTTOM:
            return False
        self.pages.append([])
        self.y = HEIGHT - MARGIN - LINE
        return True


def _foot(document: Document, number: int, pages: int) -> list[_Mark]:
    counted = document.page_words % {"page": number, "pages": pages}
    return [
        _Rule(BOTTOM - 14),
        _Text(MARGIN, BOTTOM - 28, document.foot, 8, QUIET),
        _Text(WIDTH - MARGIN, BOTTOM - 28, counted, 8, QUIET, is_right=True),
    ]


def wrapped(text: str, width: float, size: float) -> list[str]:
    """`text` in lines of at most `width` points, broken between words, else inside them. At least
    one line; control characters and line ends are blanks."""
    _typeface()
    lines = [""]
    for word in "".join(c if c.isprintable() or c == NBSP else " " for c in text).split(" "):
        if not word:
            continue
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if _width(longer, size) <= width:
            lines[-1] = longer
            continue
        *whole, rest = _broken(word, width, size)
        lines += [*whole, rest]
    return lines[1:] if len(lines) > 1 and not lines[0] else lines


def _broken(word: str, width: float, size: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and _width(pieces[-1] + character, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _width(text: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, FONT, size))
