"""The calendar a country works by."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

import holidays
import pytest

from opora.sla.calendars import calendar_for, preload

pytestmark = pytest.mark.rules


@pytest.mark.shows("S16.1")
@pytest.mark.parametrize(
    ("country", "zone", "opens", "closes"),
    [
        ("US", "America/Los_Angeles", time(6), time(18)),
        ("CA", "America/Los_Angeles", time(6), time(18)),
        ("JP", "Asia/Tokyo", time(9), time(17, 30)),
        ("CZ", "Europe/Prague", time(9), time(17)),
        ("", "Europe/Prague", time(9), time(17)),
    ],
)
def test_hours_by_country(country: str, zone: str, opens: time, closes: time) -> None:
    calendar = calendar_for(country, "Europe/Prague")
    assert (calendar.zone.key, calendar.opens, calendar.closes) == (zone, opens, closes)
    assert calendar.targets == {
        "A": timedelta(hours=2),
        "B": timedelta(hours=4),
        "C": timedelta(hours=8),
    }


@pytest.mark.shows("S16.1")
@pytest.mark.parametrize(
    ("country", "weekend"),
    [("CZ", {5, 6}), ("EG", {4, 5}), ("IL", {4, 5}), ("AE", {5, 6}), ("IR", {4}), ("XX", {5, 6})],
)
def test_weekends_by_country(country: str, weekend: set[int]) -> None:
    assert calendar_for(country, "UTC").weekend == weekend


@pytest.mark.shows("S16.1")
def test_holidays_are_national_and_named_in_both_languages() -> None:
    czech = calendar_for("CZ", "Europe/Prague")
    assert czech.holiday(date(2026, 11, 17)) == {
        "cs": "Den boje za svobodu a demokracii a Mezinárodní den studentstva",
        "en": "Struggle for Freedom and Democracy Day and International Students' Day",
    }
    assert czech.holiday(date(2026, 11, 18)) is None
    # Reformation Day is kept in some German states only, Unity Day in all.
    german = calendar_for("DE", "Europe/Berlin")
    assert german.holiday(date(2025, 10, 31)) is None
    assert german.holiday(date(2025, 10, 3)) is not None


@pytest.mark.shows("S16.1")
def test_a_holiday_kept_in_the_year_before_is_known() -> None:
    """New Year 2028 is a Saturday: it is kept on Friday 31 December 2027."""
    american = calendar_for("US", "UTC")
    assert american.holiday(date(2027, 12, 31)) is not None


def test_every_country_of_the_library_can_be_asked() -> None:
    for country in holidays.list_supported_countries(include_aliases=False):
        calendar = calendar_for(country, "UTC")
        names = [calendar.holiday(date(2026, 1, 1) + timedelta(days=n)) for n in range(365)]
        assert all(set(name) == {"cs", "en"} for name in names if name is not None)
        assert calendar.weekend < set(range(7))


def test_lower_case_is_the_same_country_and_the_answer_is_kept() -> None:
    assert calendar_for("cz", "Europe/Prague") is calendar_for("CZ", "Europe/Prague")


def test_an_unknown_zone_is_no_zone() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        calendar_for("CZ", "Europe/Nowhere")


def test_loading_beforehand_takes_the_wait_from_the_first_request() -> None:
    script = (
        "import sys, time\n"
        "from datetime import date\n"
        "from opora.sla.calendars import calendar_for, preload\n"
        "assert 'holidays' not in sys.modules\n"
        "preload()\n"
        "start = time.perf_counter()\n"
        "assert calendar_for('CZ', 'Europe/Prague').holiday(date(2026, 11, 17))\n"
        "assert time.perf_counter() - start < 0.05\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    preload(["CZ"], years=[2026, 2027])
