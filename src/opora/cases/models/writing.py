"""What is written and handed in: messages, drafts, files, and the stems they are found by."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from opora.accounts.models import Account
from opora.cases.models.cases import Case
from opora.core.ids import PublicIdField
from opora.core.locking import LockingQuerySet


class Message(models.Model):
    """Something written on a case; notes for agents only. `attachments` are public ids (hex)."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        NOTE = "note"  # agents only (AC-12)

    class Side(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    case = models.ForeignKey(Case, models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MESSAGE)
    side = models.CharField(max_length=10, choices=Side)
    author = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asks = models.BooleanField(default=False)  # an agent's question: the customer's turn
    body = models.TextField()
    attachments = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="message_of_case")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(side="agent") | Q(kind="message", asks=False),
                name="message_customer_writes_messages",
            ),
        ]


class Draft(models.Model):
    """A support request being written. `answers` holds what was typed, valid or not: nothing is
    ever lost. Its public id is the nonce that makes submitting safe to repeat (F-16)."""

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    account = models.ForeignKey(Account, models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)
    confirmed = models.JSONField(default=list)  # names of steps the person has passed with Next
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    case = models.OneToOneField(Case, models.CASCADE, null=True, related_name="draft")

    objects = LockingQuerySet["Draft"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["account", "-updated_at"],
                condition=Q(case__isnull=True),
                name="draft_unfinished",
            ),
        ]

    @property
    def is_stored(self) -> bool:
        """Whether there is a row yet: a page is shown under an id before anything is saved."""
        return not self._state.adding


class Attachment(models.Model):
    """A file: first an upload of one account (perhaps on a draft), then a case's. Bytes live in
    storage under a name made by the server; a row without its file never exists (F-29)."""

    class State(models.TextChoices):
        RECEIVED = "received"
        SCANNING = "scanning"
        READY = "ready"
        REJECTED = "rejected"

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="attachments")
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, related_name="attachments")
    uploaded_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)  # shown; never a path
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    # An agent's file on a note is seen by agents only.
    is_internal = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["at"],
                condition=Q(case__isnull=True),
                name="attachment_loose",
            ),
        ]


class SearchRow(models.Model):
    """The stems of one text of a case, written in the text's own transaction.

    PostgreSQL: `document` is a tsvector with a GIN index (added by migration). SQLite: the stems
    stand in the FTS5 table `cases_search` under the same rowid. Internal rows are for agents only.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="search_rows")
    is_internal = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case"], name="search_row_of_case")]
