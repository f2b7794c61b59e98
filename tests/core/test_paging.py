"""Cursors say nothing, fit one list only, and cannot be made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.core.errors import InvalidInput
from opora.core.paging import Keyset, Page, clamp

pytestmark = pytest.mark.rules

LIST = Keyset("a list", datetime, int)
MOMENTS = st.datetimes(timezones=st.just(UTC), min_value=datetime(1, 1, 2))  # noqa: DTZ001 - bounds


@given(MOMENTS, st.integers(min_value=1, max_value=2**63 - 1))
def test_a_cursor_is_read_as_it_was_written(moment: datetime, key: int) -> None:
    assert LIST.read(LIST.write((moment, key))) == (moment, key)


@given(st.text(min_size=1, max_size=60))
def test_what_nobody_wrote_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        LIST.read(text)
    assert [error["field"] for error in refused.value.errors] == ["cursor"]


def test_a_cursor_fits_its_own_list_and_shows_no_key() -> None:
    cursor = LIST.write((datetime(2026, 11, 23, tzinfo=UTC), 4711))
    assert "4711" not in cursor
    with pytest.raises(InvalidInput):
        Keyset("another list", datetime, int).read(cursor)
    assert LIST.read(None) is LIST.read("") is None


def test_a_page_knows_whether_more_follows() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    rows = [(start + timedelta(hours=n), n) for n in range(3)]

    assert LIST.page(rows, 3, lambda row: row) == Page(rows, None)
    page = LIST.page(rows, 2, lambda row: row)
    assert page.items == rows[:2]
    assert LIST.read(page.next) == rows[1]
    assert page.map(lambda row: row[1]).items == [0, 1]


def test_a_limit_is_between_one_and_a_hundred() -> None:
    assert [clamp(limit) for limit in (-1, 0, 1, 25, 100, 1000)] == [1, 1, 1, 25, 100, 100]
