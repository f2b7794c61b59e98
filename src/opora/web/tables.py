"""Tables that leave as CSV, for spreadsheets that take some texts for commands (XS-10)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from opora.core.formats import language

BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for something else
# What begins a formula, also in its full-width form, and what spreadsheets skip before looking.
COMMANDS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where the decimal mark is a comma, spreadsheets part columns with semicolons.
DELIMITERS = {"cs": ";", "en": ","}

Cell = str | int


def safe(cell: Cell) -> str:
    """The cell as text that no spreadsheet runs: an apostrophe stands before what would be a
    command. Numbers are at least zero and stay as they are."""
    text = str(cell)
    return f"'{text}" if text.startswith(COMMANDS) or text.lstrip().startswith(COMMANDS) else text


def csv_of(pieces: Iterable[Iterable[Sequence[Cell]]], *, delimiter: str = ",") -> Iterator[str]:
    """CSV by RFC 4180, a piece at a time. Every cell is quoted: a semicolon in a name would begin
    a cell of its own where commas part none."""
    yield BYTE_ORDER_MARK
    for rows in pieces:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([safe(cell) for cell in row] for row in rows)
        yield text.getvalue()


def csv_download(pieces: Iterable[Iterable[Sequence[Cell]]], *, name: str) -> StreamingHttpResponse:
    """A file that is sent while it is read; its delimiter is that of the reader's language."""
    answer = StreamingHttpResponse(
        csv_of(pieces, delimiter=DELIMITERS[language()]), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer
