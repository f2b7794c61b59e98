"""Tables every context leans on: evidence, the queue, throttles, stored answers.

None of them points up at another context: actors and targets are plain ids and codes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class AuditLine(models.Model):
    """One deed that was done. Inserted plain; sealed later, in order, by the worker (I7).

    `actor_id` is an account's key (null: Opora itself). `facts` holds ids and codes, never names or
    free text. Database triggers refuse deletes and any update but the sealing of an unsealed line.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=30)
    target_id = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    sequence = models.BigIntegerField(null=True, unique=True)
    seal = models.CharField(max_length=64, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["target_kind", "target_id", "id"], name="audit_by_target"),
            models.Index(fields=["id"], condition=Q(seal=""), name="audit_unsealed"),
        ]


class Job(models.Model):
    """One after-effect or timer, written in the deed's own transaction.

    Every kind is safe to run twice. `key` names what it is about, so that it can be called off.
    """

    class State(models.TextChoices):
        OPEN = "open"  # waits for `run_after`, or is leased until `leased_until`
        DONE = "done"
        CANCELLED = "cancelled"
        DEAD = "dead"  # past its last try; `alarmed_at` says when the operator was told

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120, default="")
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    run_after = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, default="")  # the claim that holds it; random
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(default="")
    finished_at = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["run_after", "id"], condition=Q(state="open"), name="job_open"),
            models.Index(fields=["kind", "key"], condition=Q(state="open"), name="job_open_by_key"),
            models.Index(fields=["finished_at"], condition=~Q(state="open"), name="job_finished"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "done", "cancelled", "dead"]), name="job_state"
            ),
            # A periodic kind is one row for good, whoever seeds it.
            models.UniqueConstraint(
                fields=["kind"], condition=Q(key="periodic"), name="job_periodic_is_one"
            ),
        ]


class Throttle(models.Model):
    """Wrong tries per key in the current window; changed only by one atomic upsert."""

    key = models.CharField(primary_key=True, max_length=120)
    window_started_at = models.DateTimeField()
    count = models.PositiveIntegerField()


class StoredAnswer(models.Model):
    """What a call with an Idempotency-Key answered: kept for good, written with its effect."""

    id = models.BigAutoField(primary_key=True)
    account_id = models.BigIntegerField()
    call = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account_id", "call", "key"], name="stored_answer_is_one"
            ),
        ]


class Installation(models.Model):
    """One row: what code this database was last brought up to date for.

    `held_at`: this is a restored copy, which sends nothing until `opora release` (F-21).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    fingerprint = models.CharField(max_length=64)
    prepared_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="installation_is_one"),
        ]
