"""When a contract's last usable day is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opora.contracts.terms import Terms, ends_on
from tests.contracts import shipped
from tests.factories import TERMS

pytestmark = pytest.mark.rules


def lasting(grace_days: int = 0, **term: int) -> Terms:
    changed: dict[str, Any] = {
        "term": {"years": 0, "months": 0} | term,
        "grace_days": grace_days,
    }
    return Terms.read(TERMS | changed)


@pytest.mark.shows("S11.4")
@pytest.mark.parametrize(
    ("starts", "terms", "ends"),
    [
        (date(2026, 1, 15), lasting(years=1), date(2027, 1, 14)),
        (date(2026, 1, 15), lasting(years=1, grace_days=30), date(2027, 2, 13)),
        (date(2024, 2, 29), lasting(years=1), date(2025, 2, 28)),
        (date(2024, 2, 29), lasting(years=4), date(2028, 2, 28)),
        (date(2023, 3, 1), lasting(years=1), date(2024, 2, 29)),
        (date(2023, 2, 28), lasting(years=1), date(2024, 2, 27)),
        (date(2026, 1, 1), lasting(years=1), date(2026, 12, 31)),
        (date(2026, 8, 31), lasting(months=6), date(2027, 2, 28)),
        (date(2026, 11, 30), lasting(months=1), date(2026, 12, 29)),
        (date(2026, 12, 31), lasting(months=2), date(2027, 2, 28)),
        (date(2026, 12, 15), lasting(months=1), date(2027, 1, 14)),
        (date(2026, 1, 15), lasting(years=1, months=6), date(2027, 7, 14)),
    ],
)
def test_a_term_ends_the_day_before_its_anniversary_and_grace_follows(
    starts: date, terms: Terms, ends: date
) -> None:
    assert ends_on(starts, terms) == ends


def test_a_term_past_the_calendar_is_an_overflow() -> None:
    with pytest.raises(OverflowError):
        ends_on(date(9999, 6, 1), lasting(years=1))


@pytest.mark.shows("S11.2", "S2.1")
@pytest.mark.parametrize(
    ("code", "incidents", "ends"),
    [
        ("partner-on-premises-20", 20, date(2027, 2, 13)),
        ("partner-cloud-50", 50, date(2027, 2, 13)),
        ("partner-cloud-5", 5, date(2027, 2, 13)),
        ("partner-cloud-2", 2, date(2027, 2, 13)),
        ("visual-studio-enterprise-4", 4, date(2027, 1, 14)),
        ("visual-studio-professional-2", 2, date(2027, 1, 14)),
        ("assurance-24x7", None, date(2027, 1, 14)),
        ("ppi-1", 1, date(2027, 1, 14)),
        ("ppi-5", 5, date(2027, 1, 14)),
    ],
)
def test_the_shipped_plans_have_their_incidents_and_terms(
    code: str, incidents: int | None, ends: date
) -> None:
    terms = shipped.terms(code)
    assert terms.incidents == incidents
    assert ends_on(date(2026, 1, 15), terms) == ends
    assert terms.severities == {"A", "B", "C"}
    assert terms.round_the_clock == {"A"}
    assert terms.is_sold == code.startswith("ppi-")
    assert terms.has_access_id != code.startswith("ppi-")
