"""The facts of a version: their names in the file and with us, and what values they take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

POLICIES = ("fixed", "modern", "component", "unknown")
DAYS: Mapping[str, str] = {  # the file's name of a day -> ours
    "release_date": "released_on",
    "mainstream_end": "mainstream_ends_on",
    "extended_end": "extended_ends_on",
    "esu_end": "security_updates_end_on",
    "retirement_date": "retires_on",
}
OLDEST_GENERATION = 1000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NoSuchValue(ValueError):
    """A value that the fact cannot have."""


def fact_called(name: str) -> str | None:
    """Our name of the fact that the file or the API calls `name`; None if there is none."""
    ours = DAYS.get(name, name)
    return ours if ours in (*DAYS.values(), "policy", "generation") else None


def parsed_fact(fact: str, value: object) -> Any:
    """The value of a fact (our name) from its JSON form; NoSuchValue for one it cannot have.

    Days are "YYYY-MM-DD", the generation a whole number from 0; both may be None. The policy is one
    of POLICIES.
    """
    if fact == "policy":
        if value in POLICIES:
            return value
    elif value is None:
        return None
    elif fact == "generation":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if is_number and value in range(OLDEST_GENERATION + 1):
            return value
    elif isinstance(value, str) and _DAY.fullmatch(value):
        return _day(value)
    raise NoSuchValue(fact)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NoSuchValue(text) from None
