"""What lies ahead of a contract: when to warn of its end, and how long its incidents last at the
pace of lately. Pure: facts in, figures out; words are the doors' (S13.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from opora.contracts.eligibility import Standing

# Days before the last usable one on which people are warned, nearest first.
WARNING_DAYS = (7, 30, 60)
# How far back a pace is measured, and how little is too little to speak of one.
LONGEST_LOOK = 182
SHORTEST_LOOK = 28
FEWEST_USED = 3


@dataclass(frozen=True)
class Alert:
    """What to warn of on a day. `ends_within`: the nearest of 7, 30 and 60 days that the last
    usable day is within, and `days_left` until it, 0 on the day itself; None: it is not near.
    """

    ends_within: int | None
    days_left: int
    is_last_incident: bool


@dataclass(frozen=True)
class Pace:
    """So many incidents used in so many days: drawn, less those that came back."""

    used: int
    days: int


@dataclass(frozen=True)
class Forecast:
    """Where the pace leads. Either everything is used in `days` (at least one, on or before the
    last usable day), or `left_at_end` (at least one) is still there when the contract ends."""

    days: int | None
    left_at_end: int


def alert_for(standing: Standing, granted: int, on: date) -> Alert | None:
    """What holders are to be warned of; None if nothing is near, or nothing is left to lose. Of a
    contract that was `granted` one incident, the last is no news."""
    if not _is_running(standing, on) or standing.ends_on is None:
        return None
    days_left = (standing.ends_on - on).days
    within = next((days for days in WARNING_DAYS if days_left <= days), None)
    is_last = standing.incidents_left == 1 < granted
    return Alert(within, days_left, is_last) if within is not None or is_last else None


def looks_back_to(standing: Standing, on: date) -> date:
    """The first day that the pace is measured from: half a year ago, at most to the term's
    start."""
    earliest = on - timedelta(days=LONGEST_LOOK - 1)
    return max(earliest, standing.starts_on) if standing.starts_on else earliest


def forecast(standing: Standing, pace: Pace, on: date) -> Forecast | None:
    """Where `pace` leads, counted from `on`; None where too little happened to say so, or where
    nothing can be used."""
    if not _is_running(standing, on) or standing.is_suspended or standing.ends_on is None:
        return None
    if pace.days < SHORTEST_LOOK or pace.used < FEWEST_USED:
        return None
    left = standing.incidents_left
    days_to_end = (standing.ends_on - on).days
    days_to_go = -(-left * pace.days // pace.used)
    if days_to_go <= days_to_end:
        return Forecast(days=days_to_go, left_at_end=0)
    return Forecast(days=None, left_at_end=left - pace.used * days_to_end // pace.days)


def _is_running(standing: Standing, on: date) -> bool:
    return (
        standing.activated_on is not None
        and standing.starts_on is not None
        and standing.starts_on <= on
        and standing.incidents_left > 0
        and not standing.is_over(on)
    )
