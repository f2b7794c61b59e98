"""Choosing which mails to get."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.core import audit
from opora.notifications.models import SwitchedOffMail
from opora.notifications.queries import switched_off_by
from opora.notifications.topics import CHOICES


@transaction.atomic
def choose_mails(*, account: Account, wanted: Iterable[str], by: Account, now: datetime) -> None:
    """Get the mails of the topics `wanted`, and of no other that has a switch.

    Codes that are no topic's are passed over. Choosing the same again changes nothing.
    """
    off = CHOICES - set(wanted)
    before = switched_off_by(account)
    if off == before:
        return
    SwitchedOffMail.objects.filter(account=account, topic__in=before - off).delete()
    SwitchedOffMail.objects.bulk_create(
        (SwitchedOffMail(account=account, topic=topic, at=now) for topic in sorted(off - before)),
        ignore_conflicts=True,
    )
    audit.record(
        "account.mails_chosen",
        target=("account", account.public_id.hex),
        by=by.pk,
        at=now,
        off=sorted(off),
    )
