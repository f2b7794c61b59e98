"""Days, instants and numbers as the reader writes them; pages and mails share them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_time,
    get_timezone_location,
    get_timezone_name,
)
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language

NO_BREAK = "\u00a0"


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse("cs" if language == "cs" else "en_GB")


def reader_locale() -> Locale:
    return _locale((get_language() or "en")[:2])


def day(value: date) -> str:
    """24. 11. 2026 · 24 Nov 2026"""
    locale = reader_locale()
    if locale.language == "cs":
        return f"{value.day}.{NO_BREAK}{value.month}.{NO_BREAK}{value.year}"
    return format_date(value, "d MMM y", locale=locale).replace(" ", NO_BREAK)


def clock(value: datetime) -> str:
    """14:02, in the reader's zone."""
    return format_time(
        timezone.localtime(value), "H:mm" if _is_czech() else "HH:mm", locale=reader_locale()
    )


def instant(value: datetime, *, zone: ZoneInfo | None = None, with_weekday: bool = False) -> str:
    """út 24. 11. 2026 10:40 · Tue 24 Nov 2026, 10:40; in the reader's zone, or in `zone`, named."""
    local = value.astimezone(zone or timezone.get_current_timezone())
    text = day(local.date())
    if with_weekday:
        text = f"{format_date(local, 'EEE', locale=reader_locale())}{NO_BREAK}{text}"
    hours = format_datetime(local, "H:mm" if _is_czech() else "HH:mm", locale=reader_locale())
    text = f"{text}{NO_BREAK}{hours}" if _is_czech() else f"{text}, {hours}"
    return f"{text} ({zone_name(zone)})" if zone else text


def zone_name(zone: ZoneInfo) -> str:
    """Prague · Praha: the zone by its city."""
    return (
        get_timezone_name(zone, locale=reader_locale(), width="short")
        if zone.key == "UTC"
        else (_city(zone))
    )


def number(value: int) -> str:
    """12 400 · 12,400"""
    return format_decimal(value, locale=reader_locale())


def file_size(size: int) -> str:
    """1,5 MB · 1.5 MB; whole kilobytes below a megabyte."""
    if size < 2**20:
        return f"{format_decimal(max(1, round(size / 2**10)), locale=reader_locale())}{NO_BREAK}kB"
    megabytes = format_decimal(round(size / 2**20, 1), locale=reader_locale())
    return f"{megabytes}{NO_BREAK}MB"


def _city(zone: ZoneInfo) -> str:
    return get_timezone_location(zone, locale=reader_locale(), return_city=True)


def _is_czech() -> bool:
    return reader_locale().language == "cs"
