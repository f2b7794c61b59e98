"""The calendar a country works by (S16.1). Hours are data of ours, holidays a library's.

The library is loaded when first needed and a country's year once; `preload` does both beforehand,
so that no request waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from opora.sla.clock import Calendar, never

CODE = 2  # letters of a country's code
SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True)
class Hours:
    """Business hours as the data file gives them; no `zone`: the zone of the request."""

    opens: time
    closes: time
    zone: str = ""


@dataclass(frozen=True)
class Office:
    """The data file: the times to respond and the hours by country."""

    targets: Mapping[str, timedelta]
    by_country: Mapping[str, Hours]
    elsewhere: Hours


def calendar_for(country: str, time_zone: str) -> Calendar:
    """The calendar for a request from `country` (ISO 3166-1 alpha-2, "" or unknown: no holidays,
    Saturday and Sunday closed) in `time_zone` (an IANA name; ZoneInfoNotFoundError for any other).

    Some countries are served by one office, whatever the request's zone; their hours are its own.
    """
    known = country.upper() if len(country) == CODE else ""  # answers are kept by these two
    return _calendar(known, time_zone)


@lru_cache(maxsize=4096)
def _calendar(country: str, time_zone: str) -> Calendar:
    office = _office()
    hours = office.by_country.get(country, office.elsewhere)
    return Calendar(
        zone=ZoneInfo(hours.zone or time_zone),
        opens=hours.opens,
        closes=hours.closes,
        weekend=_weekend(country),
        holiday=_holiday(country),
        targets=office.targets,
    )


def preload(countries: Iterable[str] = (), *, years: Iterable[int] = ()) -> None:
    """Load the library, and these countries' holidays in these years. For a worker's start."""
    _holidays_of("US")  # the first country, whichever, brings in what all of them share
    for country in countries:
        calendar = calendar_for(country, "UTC")
        for year in years:
            calendar.holiday(date(year, 1, 1))


@cache
def _office() -> Office:
    text = (files("opora.sla") / "data" / "calendars.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    return Office(
        targets={s: timedelta(hours=hours) for s, hours in raw["targets_in_hours"].items()},
        by_country={country: _hours(row) for country, row in raw["countries"].items()},
        elsewhere=_hours(raw["elsewhere"]),
    )


def _hours(row: Mapping[str, str]) -> Hours:
    return Hours(
        opens=time.fromisoformat(row["opens"]),
        closes=time.fromisoformat(row["closes"]),
        zone=row.get("zone", ""),
    )


def _library() -> ModuleType:
    import holidays  # a tenth of a second: not for commands that never ask

    return holidays


def _holidays_of(country: str, **options: Any) -> Any | None:
    """The library's object for a country, None if it knows none. Without `years` it is empty."""
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        return None
    try:
        return _library().country_holidays(country, **options)
    except NotImplementedError:
        return None


def _weekend(country: str) -> frozenset[int]:
    known = _holidays_of(country)
    return SATURDAY_AND_SUNDAY if known is None else frozenset(known.weekend)


def _holiday(country: str) -> Callable[[date], Mapping[str, str] | None]:
    if _holidays_of(country) is None:
        return never
    return lambda day: _year_of(country, day.year).get(day)


@lru_cache(maxsize=2048)
def _year_of(country: str, year: int) -> Mapping[date, Mapping[str, str]]:
    """A country's national holidays in a year, with their names in both languages where the library
    knows them, else in English, else in the country's own."""
    own = _holidays_of(country)
    if own is None:
        return {}
    languages = own.supported_languages
    english = "en_US" if "en_US" in languages else own.default_language
    names = {
        ours: dict(_holidays_of(country, years=year, language=theirs) or {})
        for ours, theirs in (("cs", "cs" if "cs" in languages else english), ("en", english))
    }
    return {day: {language: known[day] for language, known in names.items()} for day in names["en"]}
