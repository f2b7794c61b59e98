"""How incidents were used by month, in days of the vendor's zone, at the same cost for any
number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from opora.accounts.models import Account
from opora.contracts.actions import consume_incident, grant_benefit, return_incident
from opora.contracts.models import Contract
from opora.contracts.outlook import Pace
from opora.contracts.usage import Month, usage_of
from tests import cast, factories
from tests.counting import cost
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def used(contract: Contract, by: Account, number: str, at: datetime) -> None:
    consume_incident(contract_pk=contract.pk, case_number=number, by=by, now=at)


def test_months_are_the_vendors_without_gaps_up_to_today() -> None:
    alice = cast.alice()
    contract = factories.contract(incidents=9, starts_on=date(2026, 8, 3), registered_to=(alice,))
    # Prague is two hours ahead in summer: 22:30 on 31 August is already September there.
    for number, at in enumerate(
        (
            datetime(2026, 8, 10, 9, 0, tzinfo=UTC),
            datetime(2026, 8, 31, 21, 30, tzinfo=UTC),
            datetime(2026, 8, 31, 22, 30, tzinfo=UTC),
            datetime(2026, 11, 1, 9, 0, tzinfo=UTC),
        )
    ):
        used(contract, alice, str(number), at)
    return_incident(contract=contract, case_number="2", reason="duplicate", by=None, now=NOW)
    usage = usage_of(contract, now=NOW)
    assert usage.months == [
        Month(date(2026, 8, 1), used=2, returned=0),
        Month(date(2026, 9, 1), used=1, returned=0),
        Month(date(2026, 10, 1), used=0, returned=0),
        Month(date(2026, 11, 1), used=1, returned=1),
    ]
    assert (usage.used, usage.returned) == (4, 1)
    assert usage.pace == Pace(used=3, days=113)


def test_twelve_months_at_most_and_a_pace_of_half_a_year() -> None:
    alice = cast.alice()
    contract = factories.contract(
        incidents=9,
        starts_on=date(2025, 1, 15),
        ends_on=date(2027, 1, 14),
        registered_to=(alice,),
    )
    for number, days in enumerate((600, 340, 181, 182, 1)):
        used(contract, alice, str(number), NOW - timedelta(days=days))
    usage = usage_of(contract, now=NOW)
    assert [month.first_on for month in usage.months] == [
        date(2025, 12, 1),
        *(date(2026, month, 1) for month in range(1, 12)),
    ]
    assert [month.used for month in usage.months] == [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1]
    assert usage.pace == Pace(used=2, days=182)


def test_a_contract_that_is_over_shows_its_last_months() -> None:
    alice = cast.alice()
    contract = factories.contract(
        starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), registered_to=(alice,)
    )
    used(contract, alice, "1", datetime(2026, 2, 2, 9, 0, tzinfo=UTC))
    return_incident(contract=contract, case_number="1", reason="duplicate", by=None, now=NOW)
    assert usage_of(contract, now=NOW).months == [
        Month(date(2026, 1, 1), used=0, returned=0),
        Month(date(2026, 2, 1), used=1, returned=0),
        Month(date(2026, 3, 1), used=0, returned=1),  # the last one takes what came after it
    ]


def test_what_is_not_activated_has_no_months() -> None:
    grant = grant_benefit(
        plan_code=factories.plan_version("plan").plan.code, holder="X", by=None, now=NOW
    )
    usage = usage_of(grant, now=NOW)
    assert usage.months == []
    assert usage.used == 0


def test_one_statement_for_any_number_of_entries() -> None:
    alice = cast.alice()
    few = factories.contract(incidents=2, registered_to=(alice,))
    many = factories.contract(incidents=40, registered_to=(alice,))
    for number in range(30):
        used(many, alice, str(number), NOW - timedelta(days=number))
    assert cost(lambda: usage_of(few, now=NOW)) == 1
    assert cost(lambda: usage_of(many, now=NOW)) == 1
