"""CSV: what a spreadsheet would run is text, whatever its delimiter; nothing is held whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from opora.web.tables import BYTE_ORDER_MARK, Cell, csv_download, csv_of, safe

pytestmark = pytest.mark.rules

COMMANDS = "=+-@\t\r\n＝＋－＠"


def read(text: str, delimiter: str) -> list[list[str]]:
    assert text.startswith(BYTE_ORDER_MARK)
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter))


@pytest.mark.shows("XS-10")
@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("https://evil.example","x")',
        "=1+1",
        "+420 601 123 456",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\u00a0=1+1",
        "＝1+1",
    ],
)
def test_what_would_be_a_command_stands_behind_an_apostrophe(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Jan Novák", "a=b", "O'Brien", "", "#2611221234567890", "e-mail"])
def test_ordinary_texts_stay_as_they_are(cell: str) -> None:
    assert safe(cell) == cell


@pytest.mark.shows("XS-10")
@given(cells=st.lists(st.text(), min_size=1, max_size=4), delimiter=st.sampled_from(",;"))
def test_no_cell_begins_with_a_command_however_the_file_is_parted(
    cells: list[str], delimiter: str
) -> None:
    text = "".join(csv_of([[cells]], delimiter=delimiter))
    for row in read(text, delimiter):
        assert not any(cell.startswith(tuple(COMMANDS)) for cell in row)
    # Parted by the other sign it is no table any more, but no cell begins inside a name either.
    assert text[1:].count('"') >= 2 * len(cells)


def test_a_table_is_read_as_it_was_written() -> None:
    rows: list[list[Cell]] = [["Kdo", "Výdej"], ['Žluťoučký "kůň"; příliš', 1], ["a\nb", 0]]
    text = "".join(csv_of([rows[:1], rows[1:]], delimiter=";"))
    assert read(text, ";") == [["Kdo", "Výdej"], ['Žluťoučký "kůň"; příliš', "1"], ["a\nb", "0"]]


@pytest.mark.shows("XS-10")
def test_a_semicolon_in_a_name_begins_no_cell_where_semicolons_part_them() -> None:
    text = "".join(csv_of([[["x;=1+1", "y"]]], delimiter=","))
    ((cell,),) = read(text, ";")
    assert cell.startswith("x;=1+1")


def test_the_file_is_sent_while_it_is_read() -> None:
    read_so_far: list[int] = []

    def pieces() -> Iterator[Sequence[Sequence[Cell]]]:
        for number in range(3):
            read_so_far.append(number)
            yield [[number]]

    answer = csv_download(pieces(), name="výpis.csv")
    assert read_so_far == []
    sent = iter(answer)
    assert next(sent) == BYTE_ORDER_MARK.encode()
    assert next(sent) == b'"0"\r\n'
    assert read_so_far == [0]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''v%C3%BDpis.csv"


@pytest.mark.parametrize(("language", "delimiter"), [("cs", ";"), ("en", ",")])
def test_the_delimiter_is_that_of_the_readers_spreadsheet(language: str, delimiter: str) -> None:
    with translation.override(language):
        answer = csv_download([[["a", "b"]]], name="x.csv")
    assert b"".join(answer) == f'{BYTE_ORDER_MARK}"a"{delimiter}"b"\r\n'.encode()
