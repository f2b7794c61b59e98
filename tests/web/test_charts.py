"""Where the marks of a chart stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.web.charts import TOP, BarChart, Column, bar_chart

pytestmark = pytest.mark.rules


def chart(*values: int) -> BarChart:
    return bar_chart([Column(label=str(value), full_label="", value=value) for value in values])


def test_bars_are_as_high_as_their_values() -> None:
    made = chart(0, 5, 10)
    assert [bar.height for bar in made.bars] == [0, 66, 132]
    assert [bar.y + bar.height for bar in made.bars] == [made.base] * 3
    assert [bar.middle for bar in made.bars] == [16.667, 50.0, 83.333]


def test_one_of_a_thousand_can_still_be_seen() -> None:
    assert [bar.height for bar in chart(1, 1000).bars] == [2, 132]


def test_nothing_is_drawn_of_nothing() -> None:
    assert chart().bars == []
    assert [bar.height for bar in chart(0, 0).bars] == [0, 0]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_every_bar_stays_inside_and_beside_its_neighbours(values: list[int]) -> None:
    made = chart(*values)
    before = 0.0
    for bar in made.bars:
        assert before <= bar.x
        before = bar.x + bar.width
        assert before <= 100.001
        assert TOP <= bar.y <= made.base
        assert bar.value_y > 0
    assert max(made.label_y, made.group_y) <= made.height
