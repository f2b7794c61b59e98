"""Days, instants and numbers as the reader writes them; pages and mails share them.

Language and zone are those that are active: of the request, or of the mail's reader.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from opora.core.currencies import decimals

NBSP = "\u00a0"
WHOLE_MONEY = {"cs": "#,##0\u00a0¤", "en": "¤#,##0"}
LETTER_BEFORE_DIGIT = re.compile(r"(?<=[A-Z])(?=[0-9])")  # CZK12,400: a space in between
DAY = {"cs": "d. M. y", "en": "d MMM y"}
DAY_THIS_YEAR = {"cs": "d. M.", "en": "d MMM"}
WEEKDAY = {"cs": "EEE d. M. y", "en": "EEE d MMM y"}
WEEKDAY_THIS_YEAR = {"cs": "EEE d. M.", "en": "EEE d MMM"}


def language() -> str:
    """`cs` or `en`."""
    return "cs" if (get_language() or "en").startswith("cs") else "en"


def day(value: date, pattern: dict[str, str] = DAY) -> str:
    """A calendar day: `24 Nov 2026`, `24. 11. 2026`; no line breaks inside."""
    return _day(value, pattern[language()], language())


def clock(value: datetime) -> str:
    """The time of day in the reader's zone: `14:02`."""
    return _time(value.astimezone(get_current_timezone()))


def instant(value: datetime, *, zone: str = "") -> str:
    """`24 Nov 2026, 10:40`, `24. 11. 2026 10:40`, in the reader's zone, or in `zone`, which is then
    named if its clocks show another time."""
    local = value.astimezone(ZoneInfo(zone) if zone else get_current_timezone())
    separator = NBSP if language() == "cs" else ", "
    return _with_zone(f"{day(local.date())}{separator}{_time(local)}", value, local, zone)


def long_instant(value: datetime, *, zone: str = "", this_year: int | None = None) -> str:
    """`Tue 24 Nov 2026, 10:40`, `út 24. 11. 2026, 10:40`; without the year if it is `this_year`."""
    local = value.astimezone(ZoneInfo(zone) if zone else get_current_timezone())
    pattern = WEEKDAY_THIS_YEAR if local.year == this_year else WEEKDAY
    return _with_zone(f"{day(local.date(), pattern)}, {_time(local)}", value, local, zone)


def city(zone: str) -> str:
    """The city a zone is named after, in the reader's language: `Prague`, `Praha`."""
    return _city(zone, language())


def number(value: float) -> str:
    """By the reader's customs: `12,400`, `12 400`."""
    return str(format_decimal(value, locale=language()))


def one_decimal(value: float) -> str:
    """An average among others: `4.0`, `4,0`."""
    return str(format_decimal(value, format="#,##0.0", locale=language()))


def money(amount: int, currency: str) -> str:
    """Minor units as people write them: `12 400 Kč`, `CZK 12,400`, `€499.50`; whole amounts
    without decimals; no line breaks inside."""
    digits = decimals(currency)
    value = Decimal(amount).scaleb(-digits)
    pattern = WHOLE_MONEY[language()] if value == value.to_integral_value() else None
    # Without the table's digits there are two, as the pattern says.
    is_as_shown = pattern is None and digits == get_currency_precision(currency)
    text = str(
        format_currency(
            value, currency, format=pattern, locale=language(), currency_digits=is_as_shown
        )
    )
    return LETTER_BEFORE_DIGIT.sub(NBSP, text)


def tax_rate(basis_points: int) -> str:
    """`21 %`, `8.1 %`, `8,1 %`; no line break inside."""
    whole, rest = divmod(basis_points, 100)
    return f"{number(basis_points / 100 if rest else whole)}{NBSP}%"


def file_size(size: int) -> str:
    """`640 B`, `1.4 MB`, `1,4 MB`."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1024 or unit == "GB":
            break
        amount /= 1024
    rounded = round(amount, 0 if unit == "B" or amount >= 100 else 1)
    return f"{number(rounded)}{NBSP}{unit}"


def _with_zone(text: str, value: datetime, local: datetime, zone: str) -> str:
    same_clock = local.utcoffset() == value.astimezone(get_current_timezone()).utcoffset()
    return text if same_clock else f"{text} ({city(zone)})"


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, spoken: str) -> str:
    return format_date(value, pattern, locale=spoken).replace(" ", NBSP)


def _time(value: datetime) -> str:
    return f"{value.hour}:{value.minute:02}" if language() == "cs" else f"{value:%H:%M}"


@lru_cache(maxsize=1024)
def _city(zone: str, spoken: str) -> str:
    return get_timezone_location(zone, locale=spoken, return_city=True) or zone
