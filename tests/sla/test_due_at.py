"""When the first response is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opora.sla.calendars import calendar_for
from opora.sla.clock import Calendar, due_after_change, due_at, explain, never

pytestmark = pytest.mark.rules

PRAGUE = "Europe/Prague"
MINUTE = timedelta(minutes=1)

instants = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - the zone is given below
    datetime(2029, 12, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def at(text: str, zone: str = PRAGUE) -> datetime:
    """A local time of day, as people say it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(
    severity: str,
    since: datetime,
    *,
    country: str = "CZ",
    zone: str = PRAGUE,
    round_the_clock: bool = False,
) -> datetime:
    return due_at(
        severity=severity,
        round_the_clock=round_the_clock,
        since=since,
        calendar=calendar_for(country, zone),
    )


@pytest.mark.shows("S16", "S16.1")
@pytest.mark.parametrize(
    ("severity", "since", "expected"),
    [
        # A Thursday: inside hours, to the minute; the last minute is due at closing.
        ("A", "2026-11-19 10:00", "2026-11-19 12:00"),
        ("B", "2026-11-19 10:00", "2026-11-19 14:00"),
        ("C", "2026-11-19 09:00", "2026-11-19 17:00"),
        ("B", "2026-11-19 13:00", "2026-11-19 17:00"),
        ("B", "2026-11-19 13:00:00.000001", "2026-11-20 09:00:00.000001"),
        # Outside hours, counting starts at the next opening; closing time is outside.
        ("A", "2026-11-19 06:30", "2026-11-19 11:00"),
        ("A", "2026-11-19 17:00", "2026-11-20 11:00"),
        ("A", "2026-11-19 16:59", "2026-11-20 10:59"),
        ("A", "2026-11-19 23:59", "2026-11-20 11:00"),
        # A weekend.
        ("C", "2026-11-20 15:00", "2026-11-23 15:00"),
        ("B", "2026-11-21 12:00", "2026-11-23 13:00"),
        ("B", "2026-11-22 23:00", "2026-11-23 13:00"),
        # 17 November 2026, a Tuesday, is a holiday.
        ("B", "2026-11-16 15:00", "2026-11-18 11:00"),
        ("B", "2026-11-17 10:00", "2026-11-18 13:00"),
        # Good Friday to Easter Monday.
        ("C", "2026-04-02 16:00", "2026-04-07 16:00"),
        # Christmas 2026: Thursday to Saturday, then Sunday.
        ("A", "2026-12-23 16:30", "2026-12-28 10:30"),
        # Over both changes of the clocks the wall clock of the office decides.
        ("C", "2026-03-27 16:00", "2026-03-30 16:00"),
        ("C", "2026-10-23 16:00", "2026-10-26 16:00"),
    ],
)
def test_business_hours_in_prague(severity: str, since: str, expected: str) -> None:
    answer = due(severity, at(since))
    assert answer == at(expected)
    assert answer.tzinfo is UTC


@pytest.mark.shows("S16.1")
def test_the_instant_itself_moves_with_the_clocks() -> None:
    """16:00 in Prague is 15:00 UTC in winter and 14:00 in summer."""
    assert due("C", at("2026-03-27 16:00")) == datetime(2026, 3, 30, 14, tzinfo=UTC)
    assert due("C", at("2026-10-23 16:00")) == datetime(2026, 10, 26, 15, tzinfo=UTC)


@pytest.mark.shows("S16")
def test_24_7_counts_every_hour_for_critical_severity_only() -> None:
    saturday = at("2026-11-21 23:30")
    assert due("A", saturday, round_the_clock=True) == at("2026-11-22 01:30")
    assert due("A", saturday) == at("2026-11-23 11:00")
    assert due("B", saturday, round_the_clock=True) == at("2026-11-23 13:00")
    # Two hours are two hours over a change of the clocks.
    night = at("2026-03-29 01:30")
    assert due("A", night, round_the_clock=True) == at("2026-03-29 04:30")


@pytest.mark.shows("S16.1")
@pytest.mark.parametrize("country", ["US", "CA"])
def test_north_america_is_served_from_the_pacific_coast(country: str) -> None:
    zone = "America/New_York"  # the request's zone does not matter there
    thursday = at("2026-10-15 08:00", zone)  # 05:00 in Los Angeles
    assert due("B", thursday, country=country, zone=zone) == at(
        "2026-10-15 10:00", "America/Los_Angeles"
    )
    late = at("2026-10-15 20:00", zone)  # 17:00 in Los Angeles
    assert due("B", late, country=country, zone=zone) == at(
        "2026-10-16 09:00", "America/Los_Angeles"
    )


@pytest.mark.shows("S16.1")
def test_thanksgiving_closes_the_united_states_and_not_canada() -> None:
    pacific = "America/Los_Angeles"
    eve = at("2026-11-25 17:00", pacific)
    assert due("A", eve, country="US", zone=pacific) == at("2026-11-27 07:00", pacific)
    assert due("A", eve, country="CA", zone=pacific) == at("2026-11-26 07:00", pacific)
    # A holiday on a Saturday is kept on the Friday before it: 3 July 2026.
    assert due("A", at("2026-07-02 17:00", pacific), country="US", zone=pacific) == at(
        "2026-07-06 07:00", pacific
    )


@pytest.mark.shows("S16.1")
def test_japan_works_until_half_past_five_in_tokyo() -> None:
    tokyo = "Asia/Tokyo"
    friday = at("2026-11-20 16:00", tokyo)
    # Monday 23 November is Labor Thanksgiving Day.
    assert due("B", friday, country="JP", zone=PRAGUE) == at("2026-11-24 11:30", tokyo)
    # Golden Week 2026: Wednesday 29 April; Sunday 3 May to Wednesday 6 May.
    assert due("C", at("2026-05-01 17:00", tokyo), country="JP", zone=tokyo) == at(
        "2026-05-07 16:30", tokyo
    )


@pytest.mark.shows("S16.1")
def test_a_weekend_on_friday_and_saturday() -> None:
    cairo = "Africa/Cairo"
    thursday = at("2026-11-19 16:00", cairo)
    assert due("B", thursday, country="EG", zone=cairo) == at("2026-11-22 12:00", cairo)


@pytest.mark.shows("S16.1")
@pytest.mark.parametrize("country", ["", "XX", "ZZ", "os", "C", "CZE"])
def test_an_unknown_country_has_no_holidays(country: str) -> None:
    assert due("B", at("2026-12-25 10:00"), country=country) == at("2026-12-25 14:00")
    assert due("B", at("2026-12-26 10:00"), country=country) == at("2026-12-28 13:00")


@pytest.mark.shows("S16.3")
def test_lowering_counts_from_submission_and_raising_from_the_change() -> None:
    calendar = calendar_for("CZ", PRAGUE)
    submitted, changed = at("2026-11-19 09:00"), at("2026-11-19 11:00")

    def after(before: str, now: str) -> datetime:
        return due_after_change(
            before=before, after=now, submitted_at=submitted, changed_at=changed, calendar=calendar
        )

    assert after("A", "B") == at("2026-11-19 13:00")
    assert after("A", "C") == at("2026-11-19 17:00")
    assert after("B", "C") == at("2026-11-19 17:00")
    assert after("C", "B") == at("2026-11-19 15:00")
    assert after("C", "A") == at("2026-11-19 13:00")
    assert after("B", "A") == at("2026-11-19 13:00")
    with pytest.raises(ValueError, match="stays the same"):
        after("B", "B")


@pytest.mark.shows("S16.3")
def test_a_change_to_critical_does_not_add_24_7() -> None:
    answer = due_after_change(
        before="B",
        after="A",
        submitted_at=at("2026-11-20 15:00"),
        changed_at=at("2026-11-20 16:30"),
        calendar=calendar_for("CZ", PRAGUE),
    )
    assert answer == at("2026-11-23 10:30")


@pytest.mark.shows("S16.2")
def test_an_explanation_names_hours_place_and_closed_days() -> None:
    facts = explain(
        severity="C",
        round_the_clock=False,
        since=at("2026-04-02 16:00"),
        calendar=calendar_for("CZ", PRAGUE),
    )
    assert facts.due_at == at("2026-04-07 16:00")
    assert (facts.hours, facts.around_the_clock) == (8, False)
    assert facts.zone == PRAGUE
    assert (facts.opens, facts.closes) == (time(9), time(17))
    assert [(c.day, c.is_holiday, c.names.get("cs")) for c in facts.closed] == [
        (date(2026, 4, 3), True, "Velký pátek"),
        (date(2026, 4, 4), False, None),
        (date(2026, 4, 5), False, None),
        (date(2026, 4, 6), True, "Velikonoční pondělí"),
    ]
    assert [c.names["en"] for c in facts.holidays] == ["Good Friday", "Easter Monday"]

    critical = explain(
        severity="A",
        round_the_clock=True,
        since=at("2026-04-02 16:00"),
        calendar=calendar_for("US", PRAGUE),
    )
    assert (critical.hours, critical.around_the_clock, critical.closed) == (2, True, ())
    assert critical.zone == "America/Los_Angeles"


def test_an_office_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="opens before it closes"):
        Calendar(zone=ZoneInfo(PRAGUE), opens=time(17), closes=time(9))
    never_open = Calendar(
        zone=ZoneInfo(PRAGUE), opens=time(9), closes=time(17), weekend=frozenset(range(7))
    )
    with pytest.raises(ValueError, match="no business hours left"):
        due_at(
            severity="B", round_the_clock=False, since=at("2026-11-19 10:00"), calendar=never_open
        )


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    """Samoa went from Thursday 29 to Saturday 31 December 2011."""
    apia = "Pacific/Apia"
    calendar = Calendar(zone=ZoneInfo(apia), opens=time(9), closes=time(17), weekend=frozenset())
    answer = due_at(
        severity="B", round_the_clock=False, since=at("2011-12-29 15:00", apia), calendar=calendar
    )
    assert answer == at("2011-12-31 11:00", apia)


# --- Against a clock that walks minute by minute ------------------------------------------------


def open_minutes(since: datetime, calendar: Calendar) -> Iterator[datetime]:
    """The ends of the minutes from `since` on in which the office is open, slowly."""
    moment = since.astimezone(UTC)
    while True:
        local = moment.astimezone(calendar.zone)
        if (
            local.weekday() not in calendar.weekend
            and calendar.holiday(local.date()) is None
            and calendar.opens <= local.time() < calendar.closes
        ):
            yield moment + MINUTE
        moment += MINUTE


ZONES = [
    "Europe/Prague",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Gaza",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
]
COUNTRIES = ["CZ", "US", "CA", "JP", "EG", "IL", "AE", "NP", "BR", "DE", "", "XX"]


@pytest.mark.shows("S16", "S16.1")
@settings(max_examples=60, deadline=None)
@given(
    since=instants,
    zone=st.sampled_from(ZONES),
    country=st.sampled_from(COUNTRIES),
    severity=st.sampled_from(["A", "B", "C"]),
)
def test_agrees_with_a_clock_that_walks_minute_by_minute(
    since: datetime, zone: str, country: str, severity: str
) -> None:
    start = since.replace(second=0, microsecond=0)
    calendar = calendar_for(country, zone)
    minutes = {"A": 120, "B": 240, "C": 480}[severity]
    walk = open_minutes(start, calendar)
    for _ in range(minutes - 1):
        next(walk)
    assert due(severity, start, country=country, zone=zone) == next(walk)


@st.composite
def offices(draw: st.DrawFn) -> Calendar:
    """Offices with odd hours around the hours at which clocks change."""
    opens = draw(st.times(time(0), time(20)))
    closes = draw(st.times(time(1), time(23, 59)))
    assume((closes.hour - opens.hour) * 60 + closes.minute - opens.minute >= 60)
    return Calendar(
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        opens=opens,
        closes=closes,
        weekend=draw(st.frozensets(st.integers(0, 6), max_size=3)),
        holiday=never,
    )


@pytest.mark.shows("S16.1")
@given(
    calendar=offices(),
    since=instants,
    later=st.timedeltas(timedelta(0), timedelta(days=9)),
    severity=st.sampled_from(["A", "B", "C"]),
)
def test_whoever_asks_later_is_never_answered_earlier(
    calendar: Calendar, since: datetime, later: timedelta, severity: str
) -> None:
    first = due_at(severity=severity, round_the_clock=False, since=since, calendar=calendar)
    second = due_at(
        severity=severity, round_the_clock=False, since=since + later, calendar=calendar
    )
    assert since + calendar.targets[severity] <= first <= second
    assert first.astimezone(calendar.zone).weekday() not in calendar.weekend


@pytest.mark.shows("S16")
@given(
    calendar=offices(),
    since=instants,
)
def test_a_less_severe_request_is_never_due_earlier(calendar: Calendar, since: datetime) -> None:
    a, b, c = (
        due_at(severity=s, round_the_clock=False, since=since, calendar=calendar) for s in "ABC"
    )
    assert due_at(severity="A", round_the_clock=True, since=since, calendar=calendar) <= a <= b <= c
