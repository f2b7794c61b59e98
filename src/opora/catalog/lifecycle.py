"""The support phase of a version on a day, and the rule that makes ids of names (S10.1, S10.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FIXED = "fixed"

_OTHERS = re.compile(r"[^a-z0-9]+")


class Phase(StrEnum):
    """Where a version stands in its life. The values are promises of the API."""

    NOT_RELEASED = "not_released"
    MAINSTREAM = "mainstream"
    EXTENDED = "extended"
    ENDED = "ended"


@dataclass(frozen=True)
class Dates:
    """The facts that decide a phase. Days are last days, inclusive; None: not set, open-ended."""

    policy: str
    released_on: date | None = None
    mainstream_ends_on: date | None = None
    extended_ends_on: date | None = None
    retires_on: date | None = None


def phase_on(dates: Dates, day: date) -> Phase:
    """The support phase on `day`, last days included (S10.2). Policies other than `fixed` know no
    extended phase: all their support is mainstream."""
    if dates.released_on is not None and day < dates.released_on:
        return Phase.NOT_RELEASED
    if dates.policy == FIXED:
        return _fixed(dates.mainstream_ends_on, dates.extended_ends_on, day)
    last = dates.retires_on or dates.extended_ends_on
    return Phase.MAINSTREAM if last is None or day <= last else Phase.ENDED


def _fixed(mainstream_ends_on: date | None, extended_ends_on: date | None, day: date) -> Phase:
    if mainstream_ends_on is None and extended_ends_on is None:
        return Phase.MAINSTREAM
    if mainstream_ends_on is not None and day <= mainstream_ends_on:
        return Phase.MAINSTREAM
    if extended_ends_on is not None and day <= extended_ends_on:
        return Phase.EXTENDED
    return Phase.ENDED


def slug_of(text: str) -> str:
    """The id of a name: lower case, every run of characters other than a–z and 0–9 one dash, none
    at either end (S10.1). Letters with accents count as other characters."""
    return _OTHERS.sub("-", text.lower()).strip("-")
