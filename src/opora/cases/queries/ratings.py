"""What contacts answered when a case was closed."""

from __future__ import annotations

from opora.accounts.models import Account
from opora.cases.models import Case, Rating


def rating_of(case: Case, account: Account) -> Rating | None:
    """The account's own answer."""
    return Rating.objects.filter(case=case, account=account).first()


def ratings_of(case: Case) -> list[Rating]:
    """All answers on a case, with who gave them, oldest first; for agents. One statement."""
    return list(Rating.objects.filter(case=case).select_related("account__person").order_by("pk"))
