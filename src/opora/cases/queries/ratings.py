"""What contacts answered when a case was closed."""

from __future__ import annotations

from opora.accounts.models import Account
from opora.cases.models import Case, Rating


def rating_of(case: Case, account: Account) -> Rating | None:
    """The account's own answer."""
    return Rating.objects.filter(case=case, account=account).first()
