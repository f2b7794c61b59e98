"""The support phase of a version, and the ids made of names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opora.catalog.lifecycle import Dates, Phase, phase_on, slug_of

pytestmark = pytest.mark.rules

RELEASED = date(2016, 10, 15)
MAINSTREAM = date(2022, 1, 11)
EXTENDED = date(2027, 1, 12)
DAY = timedelta(days=1)
FIXED = Dates("fixed", RELEASED, MAINSTREAM, EXTENDED)

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
maybe = st.none() | days
policies = st.sampled_from(["fixed", "modern", "component", "unknown"])
dates = st.builds(Dates, policies, maybe, maybe, maybe, maybe)


@pytest.mark.shows("S10.2")
@pytest.mark.parametrize(
    ("day", "phase"),
    [
        (RELEASED - DAY, "not_released"),
        (RELEASED, "mainstream"),
        (MAINSTREAM, "mainstream"),
        (MAINSTREAM + DAY, "extended"),
        (EXTENDED, "extended"),
        (EXTENDED + DAY, "ended"),
    ],
)
def test_a_fixed_version_goes_through_its_phases_last_days_included(day: date, phase: str) -> None:
    assert phase_on(FIXED, day) == phase


@pytest.mark.shows("S10.2")
@pytest.mark.parametrize(
    ("dates", "day", "phase"),
    [
        # Only an extended end: extended until it.
        (Dates("fixed", None, None, EXTENDED), EXTENDED, "extended"),
        (Dates("fixed", None, None, EXTENDED), EXTENDED + DAY, "ended"),
        # Only a mainstream end: no extended phase.
        (Dates("fixed", None, MAINSTREAM), MAINSTREAM, "mainstream"),
        (Dates("fixed", None, MAINSTREAM), MAINSTREAM + DAY, "ended"),
        # Neither: mainstream, whatever the day. A retirement day means nothing there.
        (Dates("fixed", RELEASED), date(2099, 1, 1), "mainstream"),
        (Dates("fixed", RELEASED, retires_on=MAINSTREAM), EXTENDED, "mainstream"),
        # A mainstream end after the extended end still counts to its last day.
        (Dates("fixed", None, EXTENDED, MAINSTREAM), EXTENDED, "mainstream"),
    ],
)
def test_a_fixed_version_with_fewer_days(dates: Dates, day: date, phase: str) -> None:
    assert phase_on(dates, day) == phase


@pytest.mark.shows("S10.2")
@pytest.mark.parametrize("policy", ["modern", "component", "unknown"])
def test_any_other_policy_knows_mainstream_only(policy: str) -> None:
    retiring = Dates(policy, RELEASED, date(2017, 1, 1), EXTENDED, MAINSTREAM)
    assert phase_on(retiring, RELEASED - DAY) == Phase.NOT_RELEASED
    assert phase_on(retiring, MAINSTREAM) == Phase.MAINSTREAM
    assert phase_on(retiring, MAINSTREAM + DAY) == Phase.ENDED
    ending = Dates(policy, RELEASED, date(2017, 1, 1), EXTENDED)
    assert phase_on(ending, EXTENDED) == Phase.MAINSTREAM
    assert phase_on(ending, EXTENDED + DAY) == Phase.ENDED
    assert phase_on(Dates(policy, RELEASED, MAINSTREAM), date(2099, 1, 1)) == Phase.MAINSTREAM


@pytest.mark.shows("S10.2")
@given(dates, days)
def test_a_phase_never_comes_back(dates: Dates, day: date) -> None:
    order = [Phase.NOT_RELEASED, Phase.MAINSTREAM, Phase.EXTENDED, Phase.ENDED]
    today, tomorrow = phase_on(dates, day), phase_on(dates, day + DAY)
    assert order.index(today) <= order.index(tomorrow)


@pytest.mark.shows("S10.2")
@given(dates, days)
def test_not_released_means_before_the_release_and_nothing_else(dates: Dates, day: date) -> None:
    is_before = dates.released_on is not None and day < dates.released_on
    assert (phase_on(dates, day) == Phase.NOT_RELEASED) is is_before


@pytest.mark.shows("S10.2")
@given(dates, days)
def test_only_fixed_versions_are_in_extended_support(dates: Dates, day: date) -> None:
    if phase_on(dates, day) == Phase.EXTENDED:
        assert dates.policy == "fixed"
        assert dates.extended_ends_on is not None
        assert day <= dates.extended_ends_on


@pytest.mark.shows("S10.1")
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        (".NET Framework 4.8.1", "net-framework-4-8-1"),
        ("Windows Server", "windows-server"),
        ("Dynamics 365 Customer Insights - Data", "dynamics-365-customer-insights-data"),
        (
            "Office 365 (Enterprise, Government, Education)",
            "office-365-enterprise-government-education",
        ),
        ("Azure AD (Entra) Connect", "azure-ad-entra-connect"),
        ("Účetnictví 2022", "etnictv-2022"),
        ("  --a__b--  ", "a-b"),
        ("C#", "c"),
        ("日本", ""),
    ],
)
def test_the_id_of_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.shows("S10.1")
@given(st.text())
def test_an_id_is_lower_case_letters_digits_and_single_dashes_inside(text: str) -> None:
    slug = slug_of(text)
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert "--" not in slug
    assert slug == slug.strip("-")
    assert slug_of(slug) == slug
