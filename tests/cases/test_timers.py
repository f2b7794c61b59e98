"""Reminders at 72 and 120 hours, closing at 168 (S15.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from opora.accounts.models import Account
from opora.cases import timers
from opora.cases.actions import propose_outcome, write_message
from opora.cases.models import Case
from opora.contracts.models import IncidentEntry
from opora.core.models import Job
from opora.jobs.kinds import handler_of
from tests import cast
from tests.cases.world import HOUR, breaches, fresh, jobs, lines, mailed_to, new_case, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ASKED = NOW + HOUR


def asked() -> Case:
    case = new_case(submitted_by=cast.alice(), others=(cast.bob(),))
    Job.objects.all().delete()
    return waiting(case, cast.dana(), now=ASKED)


def run(job: Job) -> None:
    handler_of(job.kind)(job.payload, job, job.run_after)


@pytest.mark.shows("S15.3", "P13")
def test_waiting_for_the_customer_sets_three_timers() -> None:
    case = asked()
    waits = [
        (job.kind, job.run_after - ASKED)
        for job in (*jobs("case.remind"), *jobs("case.close_silent"))
    ]

    assert waits == [
        ("case.remind", timedelta(hours=72)),
        ("case.remind", timedelta(hours=120)),
        ("case.close_silent", timedelta(hours=168)),
    ]
    assert {job.key for job in jobs("case.remind")} == {f"case:{case.number}"}


@pytest.mark.shows("S15.3", "S6.9")
def test_a_reminder_goes_to_every_contact_once_however_often_it_runs() -> None:
    case = asked()
    first, second = jobs("case.remind")
    run(first)
    run(first)
    assert mailed_to("mail.case_reminder", case) == ["alice@example.com", "bob@example.com"]

    run(second)
    assert len(jobs("mail.case_reminder")) == 4
    assert lines(case).count("case.reminded") == 2


@pytest.mark.shows("S15.3")
def test_an_answer_calls_the_timers_off_and_a_stale_one_does_nothing() -> None:
    case = asked()
    remind, close = jobs("case.remind")[0], jobs("case.close_silent")[0]
    write_message(case=case, body="Here.", by=customer(case), now=ASKED + HOUR)
    assert jobs("case.remind") == jobs("case.close_silent") == []

    run(remind)
    run(close)
    assert fresh(case).status == "in_progress"
    assert jobs("mail.case_reminder") == []


@pytest.mark.shows("S15.3")
def test_a_timer_of_an_earlier_turn_does_nothing_in_a_later_one() -> None:
    case = asked()
    close = jobs("case.close_silent")[0]
    write_message(case=case, body="Here.", by=customer(case), now=ASKED + HOUR)
    agent = fresh(case).owner
    assert agent is not None
    write_message(case=case, body="And?", by=agent, now=ASKED + 2 * HOUR, asks=True)

    run(close)
    assert fresh(case).status == "waiting_for_customer"
    assert len(jobs("case.close_silent")) == 1


@pytest.mark.shows("S15.3")
def test_asking_again_starts_the_clock_again() -> None:
    case = asked()
    agent = fresh(case).owner
    assert agent is not None
    write_message(case=case, body="Please.", by=agent, now=ASKED + 100 * HOUR, asks=True)

    [close] = jobs("case.close_silent")
    assert close.run_after == ASKED + 268 * HOUR


@pytest.mark.shows("S15.3")
def test_a_case_that_nobody_answers_closes_as_no_reply() -> None:
    case = asked()
    [close] = jobs("case.close_silent")
    run(close)
    run(close)

    closed = fresh(case)
    assert (closed.status, closed.outcome) == ("closed", "no_reply")
    assert closed.closed_at == ASKED + 168 * HOUR
    assert mailed_to("mail.case_closed", case) == ["alice@example.com", "bob@example.com"]
    assert lines(case).count("case.closed") == 1
    assert breaches() == []


@pytest.mark.shows("S15.3", "S13.3")
def test_a_proposal_that_nobody_answers_is_the_outcome_and_may_give_the_unit_back() -> None:
    case, dana = new_case(submitted_by=cast.alice()), cast.dana()
    propose_outcome(case=case, outcome="product_defect", body="A defect.", by=dana, now=ASKED)
    [close] = jobs("case.close_silent")
    run(close)

    assert fresh(case).outcome == "product_defect"
    assert IncidentEntry.objects.filter(kind="returned", case_number=case.number).count() == 1
    assert breaches() == []


def test_timers_of_a_case_that_is_gone_do_nothing() -> None:
    payload = {"case": 0, "status_since": ASKED.isoformat()}
    timers.remind(payload, Job(pk=1), ASKED)
    timers.close_silent(payload, Job(pk=1), ASKED)

    assert not Job.objects.exists()


def customer(case: Case) -> Account:
    return case.submitted_by
