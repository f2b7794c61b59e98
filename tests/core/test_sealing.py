"""I7: evidence is append-only and sealed; `opora verify` finds what was tampered with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from opora.core import audit, invariants, queue, sealing
from opora.core.models import AuditLine, Job
from opora.jobs.worker import run_one

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.shows("I7")]


def write(number: int) -> None:
    for each in range(number):
        audit.record(
            "case.opened",
            target=("case", f"{each:016}"),
            by=each,
            at=timezone.now(),
            contract="ab12",
            units=-1,
            codes=["b", "a"],
        )


def breaches() -> list[str]:
    with invariants.snapshot(now=timezone.now()) as snapshot:
        return invariants.seals_match(snapshot).breaches


def tamper(sql: str, *params: int) -> None:
    """Change evidence as somebody could who may drop triggers."""
    table = AuditLine._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(sql, params)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                [table],
            )
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(sql, params)
            for _, create in triggers:
                cursor.execute(create)


def test_lines_are_sealed_in_order_and_once() -> None:
    write(3)
    assert sealing.seal_batch() == 3
    assert sealing.seal_batch() == 0
    write(2)
    assert sealing.seal_batch() == 2
    lines = list(AuditLine.objects.order_by("pk"))
    assert [line.sequence for line in lines] == [1, 2, 3, 4, 5]
    assert len({line.seal for line in lines}) == 5
    assert breaches() == []


def test_a_line_that_committed_late_is_sealed_late() -> None:
    write(3)
    late = AuditLine.objects.order_by("pk")[1]
    others = AuditLine.objects.exclude(pk=late.pk).order_by("pk")
    before = sealing.FIRST
    for sequence, line in enumerate(others, start=1):
        before = sealing.seal_of(line, sequence=sequence, before=before)
        AuditLine.objects.filter(pk=line.pk).update(sequence=sequence, seal=before)
    assert sealing.seal_batch() == 1
    late.refresh_from_db()
    assert late.sequence == 3
    assert breaches() == []


def test_many_lines_are_sealed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(10)
    assert [sealing.seal_batch() for _ in range(4)] == [4, 4, 2, 0]
    assert breaches() == []


@pytest.mark.parametrize(
    "change",
    [
        "code = 'case.closed'",
        "actor_id = 7",
        "actor_id = NULL",
        "target_id = 'x'",
        "facts = '{}'",
        "at = '2020-01-01 00:00:00+00:00'",
        "seal = '00'",
    ],
)
def test_a_changed_line_is_found(change: str) -> None:
    write(4)
    sealing.seal_batch()
    changed = AuditLine.objects.order_by("pk")[1].pk
    tamper(f"UPDATE core_auditline SET {change} WHERE id = %s", changed)
    assert f"the seal of audit line {changed} does not match" in breaches()


def test_a_line_taken_out_of_the_middle_is_found() -> None:
    write(4)
    sealing.seal_batch()
    _first, second, third, _fourth = AuditLine.objects.order_by("pk")
    tamper("DELETE FROM core_auditline WHERE id = %s", second.pk)
    assert breaches() == [
        f"audit line {third.pk} has sequence 3 where 2 is due",
        f"the seal of audit line {third.pk} does not match",
    ]


def test_the_database_refuses_to_change_or_delete_evidence() -> None:
    write(1)
    sealing.seal_batch()
    line = AuditLine.objects.get()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditLine.objects.update(code="case.closed")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        line.delete()
    assert AuditLine.objects.get(pk=line.pk).code == "case.opened"


def test_a_missing_guard_is_a_breach() -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            on = " ON core_auditline" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER auditline_is_never_deleted{on}")
        result = invariants.evidence_is_guarded(invariants.Snapshot(now=timezone.now()))
        transaction.set_rollback(True)
    assert result.breaches == ["the trigger auditline_is_never_deleted is missing"]


def test_lines_that_wait_for_the_worker_are_under_way_and_no_breach() -> None:
    now = timezone.now()
    write(2)
    with invariants.snapshot(now=now + timedelta(hours=5)) as snapshot:
        result = invariants.lines_get_sealed(snapshot)
    assert (result.counted, result.under_way, result.breaches) == (2, 2, [])


def test_a_line_that_the_worker_passed_over_for_ten_minutes_is_a_breach() -> None:
    now = timezone.now()
    write(1)
    line = AuditLine.objects.get()
    queue.seed(["audit.seal"], now=now)
    for minutes, expected in ((9, 0), (11, 1)):
        Job.objects.update(run_after=now + timedelta(minutes=minutes))
        with invariants.snapshot(now=now + timedelta(hours=1)) as snapshot:
            result = invariants.lines_get_sealed(snapshot)
        assert len(result.breaches) == expected
    assert str(line.pk) in result.breaches[0]


def test_the_worker_seals() -> None:
    write(3)
    queue.seed(["audit.seal"], now=timezone.now())
    (job,) = queue.claim(now=timezone.now())
    assert run_one(job) is False
    assert not AuditLine.objects.filter(seal="").exists()
    assert breaches() == []


@pytest.mark.shows("I5")
def test_a_job_past_its_last_try_without_an_alarm_is_a_breach() -> None:
    now = timezone.now()
    facts = {"kind": "mail.case_receipt", "created_at": now, "run_after": now}
    quiet = Job.objects.create(**facts, state="dead", finished_at=now)
    stuck = Job.objects.create(**facts, tries=queue.LAST_TRY)
    Job.objects.create(**facts, state="dead", finished_at=now, alarmed_at=now)
    Job.objects.create(**facts, tries=3)
    with invariants.snapshot(now=now) as snapshot:
        result = invariants.jobs_end(snapshot)
    assert [sentence.split()[1] for sentence in result.breaches] == [str(quiet.pk), str(stuck.pk)]
    assert (result.counted, result.under_way) == (4, 2)


def test_a_snapshot_writes_nothing() -> None:
    with (
        pytest.raises(DatabaseError),
        invariants.snapshot(now=timezone.now()),
    ):
        write(1)
    assert not AuditLine.objects.exists()
    write(1)
    assert AuditLine.objects.count() == 1
