"""What time does: warnings before the end, once each; what is left expires after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from opora.contracts.actions import (
    consume_incident,
    expire_due,
    renew_contract,
    warn_incidents_low,
    warn_of_ends,
)
from opora.contracts.models import Contract
from opora.core.models import Job
from opora.jobs import contracts as jobs
from opora.jobs.kinds import KINDS, PERIODIC, handler_of
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ENDS = date(2027, 1, 31)


def at(day: date) -> Any:
    return NOW + timedelta(days=(day - NOW.date()).days)


def sent(kind: str = "mail.contract_ending") -> list[tuple[int, Any]]:
    return [
        (job.payload["account"], job.payload.get("days"))
        for job in Job.objects.filter(kind=kind).order_by("pk")
    ]


@pytest.mark.shows("S13.5")
def test_managers_and_registrants_are_warned_sixty_thirty_and_seven_days_before_once() -> None:
    alice, bob = cast.alice(), cast.bob()
    contract = factories.contract(ends_on=ENDS, registered_to=(bob,))
    contract.managers.create(account=alice)
    expected: list[tuple[int, int]] = []
    for before, days in ((61, 0), (60, 60), (59, 0), (30, 30), (29, 0), (7, 7), (1, 0), (0, 0)):
        for _again in range(2):
            warn_of_ends(now=at(ENDS - timedelta(days=before)))
        if days:
            expected += [(alice.pk, days), (bob.pk, days)]
        assert sent() == expected, before


@pytest.mark.shows("S13.5", "F-12")
def test_a_worker_that_was_away_sends_the_nearest_warning_only() -> None:
    alice = cast.alice()
    factories.contract(ends_on=ENDS, registered_to=(alice,))
    for _again in range(2):
        warn_of_ends(now=at(ENDS - timedelta(days=5)))
    assert sent() == [(alice.pk, 7)]


def test_what_cannot_be_used_up_is_not_warned_of() -> None:
    alice = cast.alice()
    for facts in (
        {"incidents": 0},
        {"cancelled_at": NOW},
        {"starts_on": NOW.date() + timedelta(days=1)},
        {"ends_on": NOW.date() - timedelta(days=1)},
    ):
        kept: dict[str, Any] = {"ends_on": NOW.date() + timedelta(days=5)} | facts
        factories.contract(registered_to=(alice,), **kept)
    assert warn_of_ends(now=NOW) == 0
    assert sent() == []


def test_a_renewed_contract_is_warned_of_again() -> None:
    alice = cast.alice()
    contract = factories.contract(ends_on=ENDS, registered_to=(alice,))
    warn_of_ends(now=at(ENDS))
    renewed = renew_contract(contract=contract, by=None, now=at(ENDS))
    assert renewed.ends_on is not None
    warn_of_ends(now=at(renewed.ends_on))
    assert sent() == [(alice.pk, 7), (alice.pk, 7)]


@pytest.mark.shows("S13.5")
def test_one_incident_left_is_told_once_a_term() -> None:
    alice = cast.alice()
    contract = factories.contract(incidents=2, registered_to=(alice,))
    assert not warn_incidents_low(contract_pk=contract.pk, now=NOW)
    consume_incident(contract_pk=contract.pk, case_number="1", by=alice, now=NOW)
    assert warn_incidents_low(contract_pk=contract.pk, now=NOW)
    assert not warn_incidents_low(contract_pk=contract.pk, now=NOW)
    assert sent("mail.incidents_low") == [(alice.pk, None)]


@pytest.mark.shows("S13.6")
def test_the_hourly_sweep_expires_what_is_over_and_nothing_else() -> None:
    running = factories.contract(ends_on=NOW.date())
    over = factories.contract(ends_on=NOW.date() - timedelta(days=1))
    cancelled = factories.contract(cancelled_at=NOW)
    assert expire_due(now=NOW, limit=1) == 1
    assert expire_due(now=NOW) == 1
    assert expire_due(now=NOW) == 0
    left = dict(Contract.objects.values_list("pk", "incidents_left"))
    assert left == {running.pk: 5, over.pk: 0, cancelled.pk: 0}


def test_the_jobs_are_registered_and_do_the_deeds() -> None:
    kinds = ("contract.expire", "contract.incidents_low", "contracts.expire_due", "contracts.warn")
    assert set(kinds) <= set(KINDS)
    assert {"contracts.expire_due", "contracts.warn", "ledger.check"} <= set(PERIODIC)
    contract = factories.contract(cancelled_at=NOW, incidents=1)
    payload = {"contract": contract.pk}
    job = Job(kind="x")
    assert handler_of("contract.incidents_low")(payload, job, NOW) is None
    assert handler_of("contract.expire")(payload, job, NOW) is None
    assert handler_of("contracts.expire_due")({}, job, NOW) is False
    assert handler_of("contracts.warn")({}, job, NOW) is False
    contract.refresh_from_db()
    assert contract.incidents_left == 0


def test_the_ledgers_daily_proof_sounds_the_alarm(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    from opora.core.invariants import Snapshot

    monkeypatch.setattr(jobs, "snapshot", lambda now: nullcontext(Snapshot(now=now)))
    contract = factories.contract()
    jobs.check_ledger({}, Job(kind="ledger.check"), NOW)
    assert not caplog.records
    Contract.objects.filter(pk=contract.pk).update(incidents_left=9)
    jobs.check_ledger({}, Job(kind="ledger.check"), NOW)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
