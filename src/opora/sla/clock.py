"""When the first response is due (S16): arithmetic over a calendar, nothing else.

Business hours are an office's hours by its own wall clock. What counts is the time that passes
while the office is open, so a day on which clocks change is as long as it really is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CRITICAL = "A"
SEVERITIES = ("A", "B", "C")  # most severe first
TARGETS: Mapping[str, timedelta] = {
    "A": timedelta(hours=2),
    "B": timedelta(hours=4),
    "C": timedelta(hours=8),
}
LONGEST_CLOSURE = timedelta(days=400)
ONE_DAY = timedelta(days=1)


def never(day: date) -> Mapping[str, str] | None:
    """The holidays of a country without any."""
    return None


@dataclass(frozen=True)
class Calendar:
    """The hours of one office. `weekend` holds `date.weekday()` numbers; `holiday` answers the
    names of a day's holiday, {"cs", "en"}, or None on any other day; `targets` are the times to
    respond, by severity."""

    zone: ZoneInfo
    opens: time
    closes: time
    weekend: frozenset[int] = frozenset({5, 6})
    holiday: Callable[[date], Mapping[str, str] | None] = never
    targets: Mapping[str, timedelta] = field(default_factory=lambda: TARGETS)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("An office opens before it closes, on the same day.")

    def is_working(self, day: date) -> bool:
        return day.weekday() not in self.weekend and self.holiday(day) is None


@dataclass(frozen=True)
class Period:
    """A stretch of time, in UTC, half-open."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class ClosedDay:
    """A day between submission and due instant on which the clock stood still. `names` are the
    holiday's, {"cs", "en"}; empty on a weekend."""

    day: date
    names: Mapping[str, str]

    @property
    def is_holiday(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True)
class Explanation:
    """Why a response is due when it is: facts for a sentence like "4 business hours, Prague".

    `hours` is the target; with `around_the_clock` they are plain hours, and neither zone nor closed
    days matter. `counted` are the stretches that count, in order: together as long as the target,
    and the last one ends when the response is due. What lies before and between them is skipped.
    `closed` lists, in order, the days of the office's calendar without business hours that lie in
    the way; weekend days too, so that a page may choose to name only holidays.
    """

    due_at: datetime
    hours: int
    around_the_clock: bool
    zone: str
    opens: time
    closes: time
    closed: tuple[ClosedDay, ...]
    counted: tuple[Period, ...]
    since: datetime

    @property
    def holidays(self) -> tuple[ClosedDay, ...]:
        return tuple(day for day in self.closed if day.is_holiday)

    @property
    def weekends(self) -> tuple[ClosedDay, ...]:
        """Closed days that are no holidays."""
        return tuple(day for day in self.closed if not day.is_holiday)

    @property
    def starts_later(self) -> bool:
        """Whether nothing counts at first: it was submitted while the office was closed."""
        return self.counted[0].start > self.since

    @property
    def is_interrupted(self) -> bool:
        """Whether the office closes before the time is over."""
        return len(self.counted) > 1


def due_at(
    *, severity: str, round_the_clock: bool, since: datetime, calendar: Calendar
) -> datetime:
    """The instant, in UTC, by which the first response is due if the clock starts at `since`.

    Around the clock only where 24/7 goes with severity A; else business hours count, from the next
    opening if `since` lies outside them. Hours that run out as the office closes are due then, not
    the next morning.
    """
    return _counted(severity, since, calendar, round_the_clock=round_the_clock)[-1].end


def due_after_change(
    *,
    before: str,
    after: str,
    submitted_at: datetime,
    changed_at: datetime,
    calendar: Calendar,
) -> datetime:
    """The due instant, in UTC, once the severity changes from `before` to `after` (S16.3): from
    submission where it is lowered, from the change where it is raised. 24/7 never survives a
    change: leaving A drops it, changing to A does not add it. ValueError if nothing changes."""
    if before == after:
        raise ValueError("The severity stays the same.")
    is_raised = SEVERITIES.index(after) < SEVERITIES.index(before)
    return due_at(
        severity=after,
        round_the_clock=False,
        since=changed_at if is_raised else submitted_at,
        calendar=calendar,
    )


def explain(
    *, severity: str, round_the_clock: bool, since: datetime, calendar: Calendar
) -> Explanation:
    """`due_at` with its reasons."""
    counted = _counted(severity, since, calendar, round_the_clock=round_the_clock)
    due = counted[-1].end
    around_the_clock = severity == CRITICAL and round_the_clock
    return Explanation(
        due_at=due,
        hours=int(calendar.targets[severity] / timedelta(hours=1)),
        around_the_clock=around_the_clock,
        zone=calendar.zone.key,
        opens=calendar.opens,
        closes=calendar.closes,
        closed=() if around_the_clock else tuple(_closed_days(since, due, calendar)),
        counted=counted,
        since=since.astimezone(UTC),
    )


def _counted(
    severity: str, since: datetime, calendar: Calendar, *, round_the_clock: bool
) -> tuple[Period, ...]:
    """The stretches after `since` that make up the time to respond."""
    target = calendar.targets[severity]
    if severity == CRITICAL and round_the_clock:
        start = since.astimezone(UTC)
        return (Period(start, start + target),)
    found: list[Period] = []
    left = target
    for opening, closing in _openings(since, calendar):
        if left <= closing - opening:
            return (*found, Period(opening, opening + left))
        found.append(Period(opening, closing))
        left -= closing - opening
    raise ValueError("This calendar has no business hours left.")


def _openings(since: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """What is left of each opening after `since`, as half-open periods in UTC, in order."""
    first = since.astimezone(calendar.zone).date()
    day = first
    while day - first <= LONGEST_CLOSURE:
        if calendar.is_working(day):
            opening = _instant(day, calendar.opens, calendar.zone)
            closing = _instant(day, calendar.closes, calendar.zone)
            start = max(opening, since.astimezone(UTC))
            if start < closing and opening.astimezone(calendar.zone).date() == day:
                yield start, closing
        day += ONE_DAY


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _closed_days(since: datetime, due: datetime, calendar: Calendar) -> Iterator[ClosedDay]:
    day = since.astimezone(calendar.zone).date()
    last = due.astimezone(calendar.zone).date()
    while day <= last:
        names = calendar.holiday(day)
        if names is not None or day.weekday() in calendar.weekend:
            yield ClosedDay(day, names or {})
        day += ONE_DAY
