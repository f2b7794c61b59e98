"""Warnings before the end, and a forecast that says nothing silly."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.contracts.eligibility import Standing
from opora.contracts.outlook import (
    FEWEST_USED,
    LONGEST_LOOK,
    SHORTEST_LOOK,
    Alert,
    Forecast,
    Pace,
    alert_for,
    forecast,
    looks_back_to,
)

pytestmark = pytest.mark.rules

TODAY = date(2026, 11, 23)
RUNNING = Standing(
    plan={"en": "Plan"},
    activated_on=date(2026, 1, 1),
    starts_on=date(2026, 1, 1),
    ends_on=date(2027, 12, 31),
    is_suspended=False,
    is_cancelled=False,
    incidents_left=7,
)


def ending(days: int, **facts: object) -> Standing:
    return replace(RUNNING, ends_on=TODAY + timedelta(days=days), **facts)  # type: ignore[arg-type]


@pytest.mark.shows("S13.5", "P1")
@pytest.mark.parametrize(
    ("days", "within"),
    [(0, 7), (7, 7), (8, 30), (30, 30), (31, 60), (60, 60)],
)
def test_the_nearest_warning_is_given_up_to_the_last_usable_day(days: int, within: int) -> None:
    assert alert_for(ending(days), 20, TODAY) == Alert(within, days, is_last_incident=False)


@pytest.mark.shows("S13.5")
def test_one_incident_left_is_warned_of_unless_it_was_the_only_one() -> None:
    last = replace(RUNNING, incidents_left=1)
    days = (date(2027, 12, 31) - TODAY).days
    assert alert_for(last, 20, TODAY) == Alert(None, days, is_last_incident=True)
    assert alert_for(last, 1, TODAY) is None
    assert alert_for(RUNNING, 20, TODAY) is None


@pytest.mark.parametrize(
    "standing",
    [
        ending(-1),
        ending(5, is_cancelled=True),
        ending(5, incidents_left=0),
        ending(5, starts_on=TODAY + timedelta(days=1)),
        replace(ending(5), activated_on=None, starts_on=None, ends_on=None),
    ],
)
def test_where_nothing_is_left_to_lose_nobody_is_warned_or_told_a_pace(standing: Standing) -> None:
    assert alert_for(standing, 20, TODAY) is None
    assert forecast(standing, Pace(used=50, days=100), TODAY) is None


def test_the_mails_and_the_page_warn_on_the_same_days() -> None:
    from opora.contracts.actions.reminders import ENDING
    from opora.contracts.outlook import WARNING_DAYS

    assert tuple(days for days, _code in ENDING) == WARNING_DAYS


@pytest.mark.shows("P1")
def test_a_pace_that_empties_the_contract_says_in_how_many_days() -> None:
    standing = replace(RUNNING, incidents_left=4)
    # Nine in a hundred days: four more last 44.4 days, so the last is gone on the 45th.
    assert forecast(standing, Pace(used=9, days=100), TODAY) == Forecast(days=45, left_at_end=0)


@pytest.mark.shows("P1")
def test_a_pace_that_leaves_some_says_how_many_lapse() -> None:
    assert forecast(ending(30), Pace(used=10, days=100), TODAY) == Forecast(
        days=None, left_at_end=4
    )


@pytest.mark.parametrize(
    "pace", [Pace(used=2, days=100), Pace(used=9, days=27), Pace(used=-3, days=100), Pace(0, 0)]
)
def test_of_little_data_no_pace_is_made(pace: Pace) -> None:
    assert forecast(RUNNING, pace, TODAY) is None


def test_a_suspended_contract_has_no_pace_but_its_days_go_on() -> None:
    suspended = ending(5, is_suspended=True)
    assert forecast(suspended, Pace(used=9, days=100), TODAY) is None
    assert alert_for(suspended, 20, TODAY) == Alert(7, 5, is_last_incident=False)


def test_a_pace_is_measured_over_half_a_year_of_this_term_at_most() -> None:
    assert looks_back_to(RUNNING, TODAY) == TODAY - timedelta(days=LONGEST_LOOK - 1)
    young = replace(RUNNING, starts_on=date(2026, 11, 1))
    assert looks_back_to(young, TODAY) == date(2026, 11, 1)


PACES = st.builds(Pace, used=st.integers(-50, 100_000), days=st.integers(-5, LONGEST_LOOK))
STANDINGS = st.builds(
    lambda left, before, after, suspended, cancelled: Standing(
        plan={"en": "Plan"},
        activated_on=TODAY - timedelta(days=max(before, 0)),
        starts_on=TODAY - timedelta(days=before),
        ends_on=TODAY + timedelta(days=after),
        is_suspended=suspended,
        is_cancelled=cancelled,
        incidents_left=left,
    ),
    st.integers(0, 100_000),
    st.integers(-30, 400),
    st.integers(-30, 4000),
    st.booleans(),
    st.booleans(),
)


@given(standing=STANDINGS, pace=PACES)
def test_a_forecast_is_never_silly(standing: Standing, pace: Pace) -> None:
    said = forecast(standing, pace, TODAY)
    if said is None:
        return
    assert standing.ends_on is not None
    to_end = (standing.ends_on - TODAY).days
    assert pace.used >= FEWEST_USED
    assert pace.days >= SHORTEST_LOOK
    assert not standing.is_suspended
    if said.days is None:
        assert 1 <= said.left_at_end <= standing.incidents_left
        # What is said to be left would still be there after so many days at this pace.
        used = pace.used * to_end / pace.days
        assert said.left_at_end - 1 < standing.incidents_left - used <= said.left_at_end
    else:
        assert said.left_at_end == 0
        assert 1 <= said.days <= to_end
        # That day is the first by which the pace has taken all.
        assert pace.used * said.days >= standing.incidents_left * pace.days
        assert pace.used * (said.days - 1) < standing.incidents_left * pace.days


@given(standing=STANDINGS, pace=PACES, more=st.integers(1, 500))
def test_more_left_never_lasts_shorter_and_more_used_never_longer(
    standing: Standing, pace: Pace, more: int
) -> None:
    said = forecast(standing, pace, TODAY)
    richer = forecast(replace(standing, incidents_left=standing.incidents_left + more), pace, TODAY)
    faster = forecast(standing, replace(pace, used=pace.used + more), TODAY)
    if said is None:
        return
    assert richer is not None
    assert faster is not None
    far = 10**9
    assert (richer.days or far) >= (said.days or far)
    assert (faster.days or far) <= (said.days or far)
    assert richer.left_at_end >= said.left_at_end >= faster.left_at_end
