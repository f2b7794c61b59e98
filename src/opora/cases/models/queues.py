"""Queues: which agents see which cases, beside the owner (S8.1)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from opora.accounts.models import Account
from opora.core.prepared import Param


class QueueQuerySet(models.QuerySet["Queue"]):
    """Which agents a queue holds, written once."""

    def seen_by(self, agent: Account) -> Self:
        """The queues whose cases an agent sees (S8.1): all of them for administrators."""
        return self if agent.is_administrator else self.holding(agent.pk)

    def holding(self, agent: int | Param) -> Self:
        """The queues that hold an agent."""
        member = QueueMember.objects.filter(queue=OuterRef("pk"), account=agent)
        return self.filter(Q(holds_every_agent=True) | Exists(member))


class Queue(models.Model):
    """Agents who see a case before and beside its owner (S8.1)."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=60, unique=True)
    names = models.JSONField()  # {"cs", "en"}
    holds_every_agent = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    objects = QueueQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="queue_one_default"
            ),
        ]


class QueueMember(models.Model):
    """An agent whom a queue holds that does not hold every agent."""

    id = models.BigAutoField(primary_key=True)
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="members")
    account = models.ForeignKey(Account, models.CASCADE, related_name="queue_memberships")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "account"], name="queue_member_is_one"),
        ]
