"""How instants, days, numbers and people's texts are written on pages.

What mails need too is in `core.formats`; here is what only pages do: short forms beside whole ones,
markup, empty values, Czech typography.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import nh3
from django.utils import timezone
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext
from markupsafe import Markup, escape

from opora.accounts.places import countries
from opora.billing.wording import card_brand, paid_by
from opora.contracts.ids import grouped
from opora.core import formats
from opora.core.formats import (
    DAY,
    DAY_THIS_YEAR,
    NBSP,
    WEEKDAY,
    city,
    clock,
    file_size,
    language,
    money,
    number,
    one_decimal,
    tax_rate,
)
from opora.sla.words import how_long, what_is_skipped


def day(value: date | None, style: str = "short") -> str:
    """`24 Nov 2026`, `24. 11. 2026`; `long` names the weekday; – if there is no day."""
    if value is None:
        return "–"
    return formats.day(value, WEEKDAY if style == "long" else DAY)


def month_name(first_on: date) -> str:
    """`November 2026`, `listopad 2026`."""
    return formats.day(first_on, {"en": "LLLL y", "cs": "LLLL y"})


def instant(value: datetime | None, style: str = "short", zone: str = "") -> str:
    """An instant in the reader's zone (or in `zone`, which is then named if it is another one).

    `short`: `24 Nov 2026, 10:40`. `long`: `Tue 24 Nov, 10:40`, with the year unless it is this one.
    """
    if value is None:
        return "–"
    if style == "long":
        this_year = timezone.now().astimezone(get_current_timezone()).year
        return formats.long_instant(value, zone=zone, this_year=this_year)
    return formats.instant(value, zone=zone)


def moment(value: datetime | None, style: str = "brief") -> Markup:
    """A `<time>` element. `brief`: today the time, this year day and month, else the whole day; the
    whole instant stands in its title. Other styles as in `instant`."""
    if value is None:
        return Markup("–")
    local = value.astimezone(get_current_timezone())
    whole = instant(value)
    if style == "brief":
        now = timezone.now().astimezone(local.tzinfo)
        if local.date() == now.date():
            shown = clock(value)
        else:
            shown = formats.day(local.date(), DAY_THIS_YEAR if local.year == now.year else DAY)
    else:
        shown = whole if style == "short" else instant(value, style)
    # Digits and names of months: nothing here needs to be escaped, and lists have many.
    return Markup(  # noqa: S704
        f'<time datetime="{local.isoformat(timespec="minutes")}" title="{whole}">{shown}</time>'
    )


def contract_id(text: str | None) -> str:
    """As it is printed, `1234-5678-9012`; – if there is none yet."""
    return grouped((text or "").replace("-", "")) or "–"


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


_SHORT_WORD = re.compile(r"(?<![^\W\d_])(?<!<)([ksvzouaiKSVZOUAI]) (?=\w)")


def tidy(text: object) -> str:
    """Czech typography: a one-letter preposition never ends a line. What was escaped stays so."""
    words = text if isinstance(text, Markup) else str(text)
    if language() != "cs":
        return words
    tidied = _SHORT_WORD.sub(rf"\1{NBSP}", str(words))
    return Markup(tidied) if isinstance(words, Markup) else tidied  # noqa: S704 - only spaces changed


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
    "card_brand": card_brand,
    "case_number": case_number,
    "city": city,
    "clock": clock,
    "contract_id": contract_id,
    "country": country,
    "day": day,
    "file_size": file_size,
    "how_long": how_long,
    "instant": instant,
    "listing": listing,
    "moment": moment,
    "money": money,
    "month_name": month_name,
    "number": number,
    "one_decimal": one_decimal,
    "paid_by": paid_by,
    "prose": prose,
    "tax_rate": tax_rate,
    "tidy": tidy,
    "what_is_skipped": what_is_skipped,
}
