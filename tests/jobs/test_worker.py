"""The worker: what it claims, what it does with success, failure, death."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from opora.core import outbox, queue
from opora.core.models import Installation, Job
from opora.core.outbox import Effect, Hopeless
from opora.jobs import kinds
from opora.jobs.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keys of the jobs that ran, in order. What a payload names happens: raise, hopeless, die."""
    seen: list[int] = []

    def act(payload: dict[str, Any], job: Job, now: datetime) -> bool | None:
        seen.append(job.pk)
        if "raise" in payload:
            raise ValueError(payload["raise"])
        if "hopeless" in payload:
            raise Hopeless(payload["hopeless"])
        if "die" in payload:
            raise SystemExit(9)
        return bool(payload.get("more"))

    monkeypatch.setattr("opora.jobs.worker.handler_of", lambda kind: act)
    return seen


def worker() -> Worker:
    return Worker(threading.Event())


def publish(kind: str = "test.deed", **facts: Any) -> Job:
    run_after = facts.pop("run_after", None)
    key = facts.pop("key", "")
    outbox.publish(Effect(kind, key=key, payload=facts, run_after=run_after), at=timezone.now())
    return Job.objects.latest("pk")


def test_a_due_job_runs_once_and_is_done(ran: list[int]) -> None:
    job = publish()
    assert worker().run_batch() == 1
    assert worker().run_batch() == 0
    assert ran == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.lease, job.leased_until) == ("done", "", None)
    assert job.finished_at is not None


def test_jobs_run_oldest_first_and_not_before_their_time(ran: list[int]) -> None:
    now = timezone.now()
    late = publish(run_after=now - timedelta(minutes=1))
    early = publish(run_after=now - timedelta(minutes=2))
    publish(run_after=now + timedelta(minutes=1))
    assert worker().run_batch() == 2
    assert ran == [early.pk, late.pk]


def test_a_cancelled_job_does_not_run(ran: list[int]) -> None:
    publish(kind="mail.case_message", key="case:1:contact:1")
    other = publish(kind="mail.case_message", key="case:1:contact:2")
    cancelled = outbox.cancel(
        key="case:1:contact:1", kinds=["mail.case_message"], at=timezone.now()
    )
    worker().run_batch()
    assert cancelled == 1
    assert ran == [other.pk]


def test_an_idle_look_writes_nothing(ran: list[int], django_assert_num_queries: Any) -> None:
    publish(run_after=timezone.now() + timedelta(hours=1))
    with django_assert_num_queries(1):
        assert worker().run_batch() == 0


def test_a_batch_is_claimed_and_finished_in_few_statements(
    ran: list[int], django_assert_max_num_queries: Any
) -> None:
    for _ in range(50):
        publish()
    with django_assert_max_num_queries(7):
        assert worker().run_batch() == 50


@pytest.mark.shows("F-25")
def test_a_job_that_fails_is_tried_eight_times_ever_later_then_parked_with_an_alarm(
    ran: list[int],
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        job = publish(**{"raise": "no such thing"})
        delays = []
        for number in range(1, queue.LAST_TRY):
            assert worker().run_batch() == 1
            job.refresh_from_db()
            assert (job.state, job.tries, job.alarmed_at) == ("open", number, None)
            assert job.last_error == "ValueError: no such thing"
            assert (job.lease, job.leased_until) == ("", None)
            delays.append((job.run_after - timezone.now()).total_seconds())
            assert worker().run_batch() == 0
            clock.move_to(job.run_after)
        assert worker().run_batch() == 1
        job.refresh_from_db()
        assert (job.state, job.tries, job.alarmed_at) == ("dead", 8, timezone.now())
        clock.shift(timedelta(days=30))
        assert worker().run_batch() == 0
    for number, delay in enumerate(delays):
        least = min(60 * 4**number, 36_000)
        assert least <= delay <= least * 1.25


@pytest.mark.shows("F-13")
def test_eight_tries_outlast_a_day_without_mail(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        job = publish(kind="mail.case_receipt", **{"raise": "connection refused"})
        for _ in range(queue.LAST_TRY - 1):
            worker().run_batch()
            job.refresh_from_db()
            clock.move_to(job.run_after)
        assert job.state == "open"
        assert timezone.now() - NOON >= timedelta(days=1)


@pytest.mark.shows("F-14")
def test_a_hopeless_job_is_parked_at_once_with_an_alarm(ran: list[int]) -> None:
    job = publish(hopeless="no such mailbox")
    other = publish()
    worker().run_batch()
    job.refresh_from_db()
    assert (job.state, job.last_error) == ("dead", "no such mailbox")
    assert job.alarmed_at is not None
    assert ran == [job.pk, other.pk]


def test_a_kind_that_nobody_knows_fails_and_holds_nobody_up() -> None:
    unknown, known = publish(kind="no.such.kind"), publish(kind="jobs.prune")
    worker().run_batch()
    unknown.refresh_from_db()
    known.refresh_from_db()
    assert (unknown.state, unknown.tries) == ("open", 1)
    assert known.state == "done"


@pytest.mark.shows("F-03")
def test_a_leased_job_is_left_alone_until_its_lease_runs_out(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        job = publish()
        (claimed,) = queue.claim(now=timezone.now())
        assert worker().run_batch() == 0
        clock.shift(timedelta(seconds=89))
        assert worker().run_batch() == 0
        clock.shift(timedelta(seconds=2))
        assert worker().run_batch() == 1
        job.refresh_from_db()
    assert (ran, job.state) == ([job.pk], "done")
    # Whoever lost the claim changes nothing any more.
    assert queue.finish([claimed], now=timezone.now()) == 0
    assert queue.put_off(claimed, error="late", chance=0, now=timezone.now()) is not None
    job.refresh_from_db()
    assert (job.state, job.tries, job.last_error) == ("done", 1, "")


@pytest.mark.shows("F-02")
def test_the_lease_of_a_killed_worker_ends_within_two_minutes() -> None:
    assert timedelta(minutes=2) >= queue.LEASE


def test_a_claim_that_is_kept_does_not_run_out(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        publish()
        (claimed,) = queue.claim(now=timezone.now())
        for _ in range(5):
            clock.shift(timedelta(seconds=60))
            assert queue.keep(claimed.lease, now=timezone.now()) == 1
            assert worker().run_batch() == 0


def test_a_job_that_kills_its_worker_each_time_is_parked(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        job = publish(die="at once")
        for _ in range(queue.LAST_TRY):
            with pytest.raises(SystemExit):
                worker().run_batch()
            clock.shift(timedelta(seconds=91))
        assert worker().run_batch() == 1
        job.refresh_from_db()
    assert (job.state, job.alarmed_at is None) == ("dead", False)
    assert len(ran) == queue.LAST_TRY


@pytest.mark.shows("F-02")
def test_a_killed_worker_repeats_at_most_the_mail_it_was_sending(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        sent = publish(kind="mail.case_receipt")
        being_sent = publish(kind="mail.case_receipt", die="while sending")
        waiting = publish(kind="mail.case_receipt")
        with pytest.raises(SystemExit):
            worker().run_batch()
        Job.objects.filter(pk=being_sent.pk).update(payload={})
        clock.shift(timedelta(seconds=91))
        assert worker().run_batch() == 2
    assert ran == [sent.pk, being_sent.pk, being_sent.pk, waiting.pk]
    assert not Job.objects.exclude(state="done").exists()


def test_a_stopped_worker_gives_back_what_it_has_not_begun(
    ran: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = worker()
    first, second = publish(), publish()

    def act(payload: dict[str, Any], job: Job, now: datetime) -> None:
        ran.append(job.pk)
        stopping.stop.set()

    monkeypatch.setattr("opora.jobs.worker.handler_of", lambda kind: act)
    assert stopping.run_batch() == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert ran == [first.pk]
    assert (first.state, second.state) == ("done", "open")
    assert (second.lease, second.leased_until, second.tries) == ("", None, 0)


def test_a_periodic_job_starts_again_and_is_one_row_whoever_seeds_it(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False):
        queue.seed(["audit.seal"], now=timezone.now())
        queue.seed(["audit.seal"], now=timezone.now())
        worker().run_batch()
        job = Job.objects.get(kind="audit.seal")
        assert (job.state, job.tries) == ("open", 0)
        assert job.run_after == NOON + kinds.PERIODIC["audit.seal"]


def test_a_periodic_job_with_more_to_do_comes_right_again(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False):
        queue.seed(["audit.seal"], now=timezone.now())
        Job.objects.update(payload={"more": True})
        worker().run_batch()
        assert Job.objects.get().run_after == NOON


def test_a_periodic_job_that_keeps_failing_sounds_the_alarm_and_goes_on(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        queue.seed(["audit.seal"], now=timezone.now())
        Job.objects.update(payload={"raise": "trouble"})
        for _ in range(queue.LAST_TRY + 2):
            assert worker().run_batch() == 1
            job = Job.objects.get()
            clock.move_to(job.run_after)
        assert (job.state, job.tries) == ("open", queue.LAST_TRY)
        assert job.alarmed_at is not None
        Job.objects.update(payload={})
        worker().run_batch()
        job.refresh_from_db()
        assert job.tries == 0
        assert Job.objects.filter(alarmed_at=None).exists()


@pytest.mark.shows("F-21")
def test_a_held_copy_keeps_mail_back_and_does_all_else(ran: list[int]) -> None:
    now = timezone.now()
    Installation.objects.get_or_create(pk=1, defaults={"prepared_at": now})
    Installation.objects.update(held_at=now)
    mail, other = publish(kind="mail.case_receipt"), publish()
    worker().run_batch()
    assert worker().run_batch() == 0
    mail.refresh_from_db()
    assert (ran, mail.state, mail.lease) == ([other.pk], "open", "")
    Installation.objects.update(held_at=None)
    worker().run_batch()
    assert ran == [other.pk, mail.pk]


def test_finished_jobs_are_pruned_after_two_weeks_dead_ones_are_kept(ran: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        publish()
        publish(hopeless="no")
        worker().run_batch()
        clock.shift(timedelta(days=13))
        assert queue.prune(now=timezone.now()) == 0
        clock.shift(timedelta(days=2))
        assert queue.prune(now=timezone.now()) == 1
    assert Job.objects.get().state == "dead"


def test_every_kind_has_a_handler_that_can_be_imported() -> None:
    for kind in kinds.KINDS:
        assert callable(kinds.handler_of(kind)), kind
    assert kinds.PERIODIC.keys() <= kinds.KINDS.keys()
