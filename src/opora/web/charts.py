"""Where the marks of a chart stand. Templates draw them as SVG (`web/components/chart.html`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 200  # of the drawing, in pixels
TOP = 24  # room for the value over the highest bar
BOTTOM = 44  # room for two lines of words under the bars
WIDEST_BAR = 8.0  # percent of the drawing's width
FULLNESS = 0.62  # of a column that its bar fills


@dataclass(frozen=True)
class Column:
    """A value of at least zero with its words: `label` under the bar, `group` under that (the year
    where it changes), `full_label` in the table. `is_unfinished`: the value may still grow."""

    label: str
    full_label: str
    value: int
    group: str = ""
    is_unfinished: bool = False


@dataclass(frozen=True)
class Bar:
    """`x`, `width` and `middle` in percent of the drawing's width; `y`, `height` and `value_y`,
    where the value stands, in pixels."""

    column: Column
    x: float
    width: float
    middle: float
    y: int
    height: int
    value_y: int


@dataclass(frozen=True)
class BarChart:
    """Bars from left to right over a base line at `base`, `height` pixels in all; words stand at
    `label_y` and `group_y`."""

    bars: list[Bar]
    base: int
    height: int
    label_y: int
    group_y: int


def bar_chart(columns: Sequence[Column]) -> BarChart:
    """Bars as high as their values; the highest fills the drawing, a zero has none."""
    base = HEIGHT - BOTTOM
    highest = max((column.value for column in columns), default=0) or 1
    room = 100 / max(len(columns), 1)
    width = min(room * FULLNESS, WIDEST_BAR)
    bars = []
    for position, column in enumerate(columns):
        middle = room * (position + 0.5)
        height = round((base - TOP) * column.value / highest)
        if column.value:
            height = max(height, 2)  # one of a thousand is still something
        bars.append(
            Bar(
                column,
                x=round(middle - width / 2, 3),
                width=round(width, 3),
                middle=round(middle, 3),
                y=base - height,
                height=height,
                value_y=base - height - 7,
            )
        )
    return BarChart(bars, base, HEIGHT, label_y=base + 18, group_y=base + 36)
