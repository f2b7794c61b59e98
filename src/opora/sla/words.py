"""A due instant in words: how much time, by whose calendar, and what does not count (S16.2).

Pure: an explanation in, sentences in the reader's language out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opora.core import formats
from opora.core.wording import in_language
from opora.sla.clock import Explanation

DAY = {"cs": "EEEE d. M.", "en": "EEEE d MMM"}
MOST_DAYS_NAMED = 4  # weekend days; more than two weekends in the way are only said to be there


def how_long(why: Explanation) -> str:
    """`4 business hours, Prague calendar`; `2 hours, around the clock`."""
    if why.around_the_clock:
        return ngettext(
            "%(count)s hour, around the clock", "%(count)s hours, around the clock", why.hours
        ) % {"count": why.hours}
    return ngettext(
        "%(count)s business hour, %(city)s calendar",
        "%(count)s business hours, %(city)s calendar",
        why.hours,
    ) % {"count": why.hours, "city": formats.city(why.zone)}


def what_is_skipped(why: Explanation) -> list[str]:
    """A sentence for each kind of time that does not count; none around the clock, and none where
    the time runs through. Days and hours are those of the office."""
    return [] if why.around_the_clock else list(_skipped(why))


def _skipped(why: Explanation) -> Iterator[str]:
    if why.starts_later:
        start = why.counted[0].start.astimezone(ZoneInfo(why.zone))
        yield _("The time starts on %(day)s at %(hour)s, when the office opens.") % {
            "day": _day(start.date()),
            "hour": _hour(start.time()),
        }
    if why.is_interrupted:
        yield _("The hours outside %(opens)s–%(closes)s do not count.") % {
            "opens": _hour(why.opens),
            "closes": _hour(why.closes),
        }
    weekend = [closed.day for closed in why.weekends]
    if len(weekend) > MOST_DAYS_NAMED:
        yield _("Weekends do not count.")
    elif weekend:
        yield ngettext(
            "%(days)s does not count: weekend.", "%(days)s do not count: weekend.", len(weekend)
        ) % {"days": _first(_listed(weekend))}
    for closed in why.holidays:
        yield _("%(day)s is a public holiday: %(name)s.") % {
            "day": _first(_day(closed.day)),
            "name": in_language(closed.names),
        }


def _listed(days: Sequence[date]) -> str:
    words = [_day(day) for day in days]
    if len(words) == 1:
        return words[0]
    return _("%(all_but_last)s and %(last)s") % {
        "all_but_last": ", ".join(words[:-1]),
        "last": words[-1],
    }


def _day(day: date) -> str:
    return formats.day(day, DAY)


def _first(words: str) -> str:
    """Words at the start of a sentence."""
    return words[:1].upper() + words[1:]


def _hour(at: time) -> str:
    return f"{at.hour}:{at.minute:02}"
