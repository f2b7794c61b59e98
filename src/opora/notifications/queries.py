"""What was switched off, asked at the moment of sending and by the page that shows it."""

from __future__ import annotations

from collections.abc import Iterable

from opora.accounts.models import Account
from opora.notifications.models import SwitchedOffMail


def switched_off_by(account: Account) -> frozenset[str]:
    """The topics that the account switched off. One statement."""
    rows = SwitchedOffMail.objects.filter(account=account)
    return frozenset(rows.values_list("topic", flat=True))


def is_switched_off(topic: str, accounts: Iterable[Account]) -> bool:
    """Whether one of the accounts behind an address said no; False for a mail without a switch."""
    if not topic:
        return False
    keys = [account.pk for account in accounts]
    return SwitchedOffMail.objects.filter(topic=topic, account__in=keys).exists()
