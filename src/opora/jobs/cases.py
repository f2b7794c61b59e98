"""Jobs about cases that start elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opora.accounts.models import Account
from opora.cases import actions
from opora.core.models import Job


def bind_contacts(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """An address was proved: its owner reads what names it (S8.4). `payload`: {"account": key}."""
    account = Account.objects.filter(pk=payload["account"]).first()
    if account is not None:
        actions.bind_contacts(account=account, now=now)
