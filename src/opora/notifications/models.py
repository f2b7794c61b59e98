"""Which mails somebody has switched off. Nothing is stored for those that come by default."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from opora.accounts.models import Account


class SwitchedOffMail(models.Model):
    """One kind of mail that an account does not want; `topic` is a code of `topics.CHOICES`."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "topic"], name="mail_switched_off_once"),
        ]
