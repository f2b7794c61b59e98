"""Doing a thing once for an Idempotency-Key, and answering it the same way ever after (PA-04).

The answer is stored in the transaction of its effect, and kept as long as the database: there is no
instant at which one is there without the other. A refusal stores nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from opora.core.errors import Conflict, Refusal, Rejected
from opora.core.models import StoredAnswer
from opora.core.prepared import insert

SECONDS_TO_WAIT = 1  # for the first of two equal calls; a deed takes milliseconds


@dataclass(eq=False)
class KeyRequired(Rejected):
    code = "idempotency-key-required"
    title = _("An Idempotency-Key is required")
    sentence = _("Send the header Idempotency-Key: 1 to 255 visible ASCII characters.")


@dataclass(eq=False)
class KeyReused(Rejected):
    code = "idempotency-key-reused"
    title = _("The Idempotency-Key was used already")
    sentence = _("This Idempotency-Key came with another body before. Use a new key.")


@dataclass(eq=False)
class RequestInProgress(Conflict):
    """The first call with this key has not been answered yet; `retry_after` in seconds."""

    code = "request-in-progress"
    title = _("The first request is still running")
    sentence = _("A request with this Idempotency-Key is still running. Ask again in a moment.")

    retry_after: int = SECONDS_TO_WAIT


@dataclass(frozen=True)
class Call:
    """Who asks for what: the scope of a key, and the body it came with.

    `name` is method and path; `fingerprint` comes from `fingerprint_of`.
    """

    account_id: int
    name: str
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """A number for the database's advisory lock: 64 bits of a hash over the scope."""
        scope = json.dumps([self.account_id, self.name, self.key]).encode()
        return int.from_bytes(hashlib.sha256(scope).digest()[:8], signed=True)


@dataclass(frozen=True)
class Answer:
    """What a call was answered: status and the exact text of the body."""

    status: int
    body: str


class _AnsweredMeanwhile(Exception):
    """Another call with the key committed between our look and our write."""


def fingerprint_of(parsed: Any) -> str:
    """A hash of parsed JSON: key order and spacing do not count, every value does."""
    canonical = json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def answer_once(call: Call, *, now: datetime, work: Callable[[], Answer]) -> Answer:
    """Do `work` and store its answer in one transaction; on a repeated call give the stored one.

    Two statements beside the work: one looks and takes the key, one stores the answer. Raises
    KeyReused, RequestInProgress, or whatever refusal `work` raises. A refusal that `keeps_effects`
    keeps what was written before it: a wrong try that a throttle counts must not be undone together
    with the answer (EN-02).
    """
    try:
        with transaction.atomic():
            if answer := _look_and_take(call):
                return answer
            try:
                answer = work()
            except Refusal as refusal:
                if not refusal.keeps_effects:
                    raise
                refused = refusal
            else:
                _store(call, answer, now=now)
                return answer
        raise refused
    except (_AnsweredMeanwhile, Refusal):
        # The first call may have committed while we looked: then its answer is the answer, and a
        # refusal (its case took the last incident) only says that it came first.
        if answer := _stored(call):
            return answer
        raise


def is_used(*, account_id: int, name: str, key: str) -> bool:
    """Whether a call with this key was answered before, whatever its body was."""
    return StoredAnswer.objects.filter(account_id=account_id, call=name, key=key).exists()


def _look_and_take(call: Call) -> Answer | None:
    """The answer given before, else the key is ours until the transaction ends.

    RequestInProgress if another transaction holds the key. SQLite has one writer at a time: who is
    in a transaction there has waited for the first call, and sees its answer.
    """
    if connection.vendor != "postgresql":
        return _stored(call)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s), s.body_hash, s.status, s.body "
            "FROM (SELECT 1) one LEFT JOIN core_storedanswer s "
            "ON s.account_id = %s AND s.call = %s AND s.key = %s",
            [call.lock, call.account_id, call.name, call.key],
        )
        taken, *found = cursor.fetchone()
    if found[0] is not None:
        return _same(call, *found)
    if not taken:
        raise RequestInProgress
    return None


def _stored(call: Call) -> Answer | None:
    """The answer given before; raises KeyReused if it was to another body."""
    found = (
        StoredAnswer.objects.filter(account_id=call.account_id, call=call.name, key=call.key)
        .values_list("body_hash", "status", "body")
        .first()
    )
    return None if found is None else _same(call, *found)


def _same(call: Call, fingerprint: str, status: int, body: str) -> Answer:
    if fingerprint != call.fingerprint:
        raise KeyReused
    return Answer(status=status, body=body)


def _store(call: Call, answer: Answer, *, now: datetime) -> None:
    try:
        insert(
            StoredAnswer(
                account_id=call.account_id,
                call=call.name,
                key=call.key,
                body_hash=call.fingerprint,
                status=answer.status,
                body=answer.body,
                at=now,
            )
        )
    except IntegrityError as error:
        raise _AnsweredMeanwhile from error
