"""What contacts say of a case once it is closed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from opora.accounts.models import Account
from opora.cases.models.cases import Case
from opora.cases.models.queues import Queue


class Rating(models.Model):
    """What a contact says of a closed case: one answer an account, which may be changed. It stays
    when the contact leaves, so that what was counted stays counted."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="ratings")
    account = models.ForeignKey(Account, models.CASCADE, related_name="ratings")
    score = models.PositiveSmallIntegerField()  # 1 very dissatisfied … 5 very satisfied
    comment = models.CharField(max_length=2000, default="", blank=True)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+")  # as it was when answered
    owner = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")  # likewise
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "account"], name="rating_one_an_account"),
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=5), name="rating_is_one_to_five"
            ),
        ]
        indexes: ClassVar = [
            # To be counted by month, by queue, by agent, without a look at cases.
            models.Index(fields=["answered_at", "queue", "owner", "score"], name="rating_counted"),
        ]
