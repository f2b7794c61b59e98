"""How instants, days, numbers and people's texts are written for the reader.

Language and zone are those the request runs under (`web.middleware.ReaderMiddleware`).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import nh3
from babel.dates import format_date as babel_date
from babel.dates import get_timezone_location
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language, gettext
from markupsafe import Markup, escape

from opora.accounts.places import countries
from opora.core.formats import file_size, number

NBSP = "\u00a0"
DAY = {"cs": "d. M. y", "en": "d MMM y"}
DAY_THIS_YEAR = {"cs": "d. M.", "en": "d MMM"}
WEEKDAY = {"cs": "EEE d. M. y", "en": "EEE d MMM y"}
WEEKDAY_THIS_YEAR = {"cs": "EEE d. M.", "en": "EEE d MMM"}
TIME = {"cs": "H:mm", "en": "HH:mm"}


def language() -> str:
    """`cs` or `en`."""
    return "cs" if (get_language() or "en").startswith("cs") else "en"


def day(value: date | None, style: str = "short") -> str:
    """A calendar day: `24 Nov 2026`, `24. 11. 2026`; `long` names the weekday."""
    if value is None:
        return "–"
    return _day(value, (WEEKDAY if style == "long" else DAY)[language()], language())


def clock(value: datetime) -> str:
    """The time of day in the reader's zone: `14:02`."""
    return _time(value.astimezone(get_current_timezone()), language())


def instant(value: datetime | None, style: str = "short", zone: str = "") -> str:
    """An instant in the reader's zone (or in `zone`, which is then named if it is another one).

    `short`: `24 Nov 2026, 10:40`. `long`: `Tue 24 Nov, 10:40`, with the year unless it is this one.
    """
    if value is None:
        return "–"
    reader = get_current_timezone()
    local = value.astimezone(ZoneInfo(zone) if zone else reader)
    spoken = language()
    if style == "long":
        this_year = local.year == timezone.now().astimezone(local.tzinfo).year
        pattern = (WEEKDAY_THIS_YEAR if this_year else WEEKDAY)[spoken]
    else:
        pattern = DAY[spoken]
    separator = NBSP if spoken == "cs" and style != "long" else ", "
    text = f"{_day(local.date(), pattern, spoken)}{separator}{_time(local, spoken)}"
    if local.utcoffset() != value.astimezone(reader).utcoffset():
        text += f" ({city(zone)})"
    return text


def moment(value: datetime | None, style: str = "brief") -> Markup:
    """A `<time>` element. `brief`: today the time, this year day and month, else the whole day; the
    whole instant stands in its title. Other styles as in `instant`."""
    if value is None:
        return Markup("–")
    local = value.astimezone(get_current_timezone())
    spoken = language()
    if style == "brief":
        now = timezone.now().astimezone(local.tzinfo)
        if local.date() == now.date():
            shown = _time(local, spoken)
        else:
            pattern = DAY_THIS_YEAR if local.year == now.year else DAY
            shown = _day(local.date(), pattern[spoken], spoken)
    else:
        shown = instant(value, style)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.isoformat(timespec="minutes"), instant(value), shown
    )


@lru_cache(maxsize=1024)
def _city(zone: str, spoken: str) -> str:
    return get_timezone_location(zone, locale=spoken, return_city=True) or zone


def city(zone: str) -> str:
    """The city a zone is named after, in the reader's language: `Prague`, `Praha`."""
    return _city(zone, language())


@lru_cache(maxsize=4096)
def _day(value: date, pattern: str, spoken: str) -> str:
    text = babel_date(value, pattern, locale=spoken)
    return text.replace(". ", f".{NBSP}") if spoken == "cs" else text.replace(" ", NBSP)


def _time(value: datetime, spoken: str) -> str:
    return f"{value.hour}:{value.minute:02}" if spoken == "cs" else f"{value:%H:%M}"


def contract_id(text: str | None) -> str:
    """Twelve digits in groups of four, as they are printed: `1234-5678-9012`."""
    if text and not text.isdigit():
        return text
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4)) if text else "–"


def case_number(text: str) -> str:
    """Sixteen digits in groups that can be read aloud."""
    return NBSP.join(text[at : at + 4] for at in range(0, len(text), 4))


_LINK = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"'\u200b]{1,2000}", re.IGNORECASE)
_SAFE: dict[str, Any] = {
    "tags": {"a"},
    "attributes": {"a": {"href"}},
    "url_schemes": {"http", "https", "mailto"},
    "link_rel": "noopener noreferrer nofollow ugc",
}


def prose(text: str) -> Markup:
    """What a person typed, as typed: escaped, addresses become links, nothing else is markup.

    Line ends and indentation stay; the style sheet shows them (XS-01, XS-02).
    """
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        address = found.group().rstrip(".,;:!?)]}")
        parts += (
            escape(text[end : found.start()]),
            Markup('<a href="{0}">{0}</a>').format(address),
        )
        end = found.start() + len(address)
    parts.append(escape(text[end:]))
    if len(parts) == 1:
        return parts[0]
    return Markup(nh3.clean("".join(parts), **_SAFE))  # noqa: S704 - cleaned by the allow-list


_SHORT_WORD = re.compile(r"(?<![^\W\d_])([ksvzouaiKSVZOUAI]) (?=\w)")


def tidy(text: object) -> str:
    """Czech typography: a one-letter preposition never ends a line."""
    words = str(text)
    return _SHORT_WORD.sub(rf"\1{NBSP}", words) if language() == "cs" else words


def country(code: str) -> str:
    """A country's name in the reader's language; the code if there is none."""
    return dict(countries()).get(code, code)


def listing(words: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    if len(words) < 2:
        return "".join(words)
    return gettext("%(all_but_last)s and %(last)s") % {
        "all_but_last": ", ".join(words[:-1]),
        "last": words[-1],
    }


FILTERS = {
    "case_number": case_number,
    "city": city,
    "clock": clock,
    "contract_id": contract_id,
    "country": country,
    "day": day,
    "file_size": file_size,
    "instant": instant,
    "listing": listing,
    "moment": moment,
    "number": number,
    "prose": prose,
    "tidy": tidy,
}
