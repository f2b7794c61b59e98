"""Why a response is due when it is: never another instant than the clock's, nothing left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from opora.sla.calendars import calendar_for
from opora.sla.clock import SEVERITIES, Calendar, Explanation, due_after_change, due_at, explain
from opora.sla.words import how_long, what_is_skipped
from tests.sla.test_due_at import COUNTRIES, PRAGUE, ZONES, at, instants, offices, open_minutes

pytestmark = pytest.mark.rules

MINUTE = timedelta(minutes=1)
calendars = st.one_of(
    offices(), st.builds(calendar_for, st.sampled_from(COUNTRIES), st.sampled_from(ZONES))
)
to_the_minute = calendars.map(
    lambda calendar: replace(
        calendar,
        opens=calendar.opens.replace(second=0, microsecond=0),
        closes=calendar.closes.replace(second=0, microsecond=0),
    )
)
severities = st.sampled_from(SEVERITIES)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def why(
    since: str,
    severity: str = "B",
    *,
    country: str = "CZ",
    zone: str = PRAGUE,
    round_the_clock: bool = False,
) -> Explanation:
    return explain(
        severity=severity,
        round_the_clock=round_the_clock,
        since=at(since, zone),
        calendar=calendar_for(country, zone),
    )


def plain(sentences: list[str]) -> list[str]:
    return [sentence.replace("\u00a0", " ") for sentence in sentences]


@pytest.mark.shows("S16.2", "P12")
@pytest.mark.parametrize(
    ("since", "severity", "length", "skipped"),
    [
        # Runs through: nothing to say but how long.
        ("2026-11-19 10:00", "B", "4 business hours, Prague calendar", []),
        (
            "2026-11-19 15:00",
            "B",
            "4 business hours, Prague calendar",
            ["The hours outside 9:00–17:00 do not count."],
        ),
        (
            "2026-11-19 06:00",
            "A",
            "2 business hours, Prague calendar",
            ["The time starts on Thursday 19 Nov at 9:00, when the office opens."],
        ),
        (
            "2026-09-25 16:00",  # a Friday; Monday is a holiday
            "B",
            "4 business hours, Prague calendar",
            [
                "The hours outside 9:00–17:00 do not count.",
                "Saturday 26 Sep and Sunday 27 Sep do not count: weekend.",
                "Monday 28 Sep is a public holiday: Statehood Day.",
            ],
        ),
        (
            "2026-04-02 16:00",  # over Easter
            "C",
            "8 business hours, Prague calendar",
            [
                "The hours outside 9:00–17:00 do not count.",
                "Saturday 4 Apr and Sunday 5 Apr do not count: weekend.",
                "Friday 3 Apr is a public holiday: Good Friday.",
                "Monday 6 Apr is a public holiday: Easter Monday.",
            ],
        ),
    ],
)
def test_says_how_long_and_what_does_not_count(
    since: str, severity: str, length: str, skipped: list[str]
) -> None:
    found = why(since, severity)
    assert how_long(found) == length
    assert plain(what_is_skipped(found)) == skipped


@pytest.mark.shows("S16.2")
def test_holidays_are_named_in_the_readers_language() -> None:
    found = why("2026-09-25 16:00")
    with translation.override("cs"):
        assert how_long(found) == "4 pracovní hodiny, kalendář Praha"
        assert plain(what_is_skipped(found)) == [
            "Doba mimo 9:00–17:00 se nepočítá.",
            "Sobota 26. 9. a neděle 27. 9. se nepočítají: víkend.",
            "Pondělí 28. 9. je státní svátek: Den české státnosti.",
        ]


@pytest.mark.shows("S16")
def test_around_the_clock_skips_nothing() -> None:
    found = why("2026-12-24 23:30", "A", round_the_clock=True)
    assert how_long(found) == "2 hours, around the clock"
    assert what_is_skipped(found) == []


@pytest.mark.shows("S16.1", "S16.2")
def test_hours_of_an_office_elsewhere_are_named_by_its_city() -> None:
    found = why("2026-11-25 22:00", "A", country="US", zone="America/New_York")
    assert how_long(found) == "2 business hours, Los Angeles calendar"
    assert plain(what_is_skipped(found)) == [
        "The time starts on Friday 27 Nov at 6:00, when the office opens.",
        "Thursday 26 Nov is a public holiday: Thanksgiving Day.",
    ]


# --- Whatever the zone, the change of its clocks and the holidays ---------------------------------


@pytest.mark.shows("S16.1", "S16.2")
@settings(max_examples=80, deadline=None)
@given(calendar=calendars, since=instants, severity=severities, is_round=st.booleans())
def test_an_explanation_never_disagrees_with_the_clock(
    calendar: Calendar, since: datetime, severity: str, is_round: bool
) -> None:
    found, due = (
        ask(severity=severity, round_the_clock=is_round, since=since, calendar=calendar)
        for ask in (explain, due_at)
    )
    assert isinstance(found, Explanation)
    assert found.due_at == due
    # What counts is as long as the target, in order, after the submission, and ends when it is due.
    assert sum((one.length for one in found.counted), timedelta()) == calendar.targets[severity]
    edges = [edge for one in found.counted for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert since <= edges[0]
    assert edges[-1] == found.due_at


@pytest.mark.shows("S16.1", "S16.2")
@settings(max_examples=40, deadline=None)
@given(calendar=to_the_minute, since=instants, severity=severities)
def test_exactly_the_open_minutes_count(calendar: Calendar, since: datetime, severity: str) -> None:
    start = since.replace(second=0, microsecond=0)
    found = explain(severity=severity, round_the_clock=False, since=start, calendar=calendar)
    counted = set()
    for period in found.counted:
        moment = period.start
        while moment < period.end:
            counted.add(moment + MINUTE)
            moment += MINUTE
    walked = set()
    for end in open_minutes(start, calendar):
        if end > found.due_at:
            break
        walked.add(end)
    assert counted == walked


@pytest.mark.shows("S16.2")
@settings(max_examples=120, deadline=None)
@given(
    country=st.sampled_from(COUNTRIES),
    zone=st.sampled_from(ZONES),
    since=instants,
    severity=severities,
    language=st.sampled_from(["cs", "en"]),
)
def test_every_holiday_in_the_way_is_named_and_no_other(
    country: str, zone: str, since: datetime, severity: str, language: str
) -> None:
    calendar = calendar_for(country, zone)
    found = explain(severity=severity, round_the_clock=False, since=since, calendar=calendar)
    first = since.astimezone(calendar.zone).date()
    last = found.due_at.astimezone(calendar.zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    kept = [calendar.holiday(day) for day in days]
    with translation.override(language):
        said = "\n".join(what_is_skipped(found))
    for names in kept:
        assert names is None or names[language] in said
    assert len(found.holidays) == sum(names is not None for names in kept)
    worked = {one.start.astimezone(calendar.zone).date() for one in found.counted}
    assert worked.isdisjoint({closed.day for closed in found.closed})


# --- When the severity changes --------------------------------------------------------------------


@pytest.mark.shows("S16.3")
@settings(max_examples=120, deadline=None)
@given(
    calendar=calendars,
    submitted=instants,
    waited=st.timedeltas(timedelta(0), timedelta(days=6)),
    before=severities,
    after=severities,
)
def test_lowering_counts_from_submission_and_raising_from_the_change(
    calendar: Calendar, submitted: datetime, waited: timedelta, before: str, after: str
) -> None:
    if before == after:
        return
    changed = submitted + waited
    found = due_after_change(
        before=before,
        after=after,
        submitted_at=submitted,
        changed_at=changed,
        calendar=calendar,
    )

    def due(severity: str, since: datetime) -> datetime:
        return due_at(severity=severity, round_the_clock=False, since=since, calendar=calendar)

    if SEVERITIES.index(after) > SEVERITIES.index(before):
        assert found == due(after, submitted) >= due(before, submitted)
    else:
        # Never in the past, however late it is raised; and 24/7 is not added.
        assert found == due(after, changed) >= changed + calendar.targets[after]
    assert found.tzinfo is UTC


@pytest.mark.shows("S16.3", "S6.3")
@settings(max_examples=60, deadline=None)
@given(calendar=calendars, since=instants, severity=st.sampled_from(["B", "C"]))
def test_24_7_changes_nothing_but_with_critical_severity(
    calendar: Calendar, since: datetime, severity: str
) -> None:
    with_it, without = (
        due_at(severity=severity, round_the_clock=chosen, since=since, calendar=calendar)
        for chosen in (True, False)
    )
    assert with_it == without
