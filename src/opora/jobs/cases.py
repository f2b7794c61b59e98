"""Jobs about cases that start elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from opora.accounts.models import Account
from opora.cases import actions
from opora.core import outbox
from opora.core.models import Job
from opora.core.outbox import Effect

LONGEST_DEED = timedelta(minutes=2)  # what began before then has committed or given up


def bind_contacts(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """An address was proved: its owner reads what names it (S8.4). `payload`: {"account": key}.

    Once more a little later: a contact may have been on its way in a transaction that did not see
    the proof, and that this look could not see.
    """
    account = Account.objects.filter(pk=payload["account"]).first()
    if account is None:
        return
    actions.bind_contacts(account=account, now=now)
    if not payload.get("again"):
        again = Effect(
            job.kind,
            key=job.key,
            payload={"account": account.pk, "again": True},
            run_after=now + LONGEST_DEED,
        )
        outbox.publish(again, at=now)
