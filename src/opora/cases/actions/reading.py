"""How far somebody has read a case. No deed on the case: nobody else sees it, and it leaves no
audit line and no revision (ADR 0020)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from opora.accounts.models import Account
from opora.cases.models import CaseReader
from opora.core.errors import NotFound


def mark_read(*, account: Account, number: str, until: datetime) -> None:
    """Note that a customer has seen a case up to its activity of `until`, which the page they look
    at was made with: what came later stays new. It never goes back. NotFound if they read no such
    case."""
    rows = CaseReader.objects.filter(account=account, case__number=number)
    behind = Q(seen_at__isnull=True) | Q(seen_at__lt=until)
    marked = rows.filter(behind, last_activity_at__gte=until).update(seen_at=until)
    if not marked and not rows.exists():
        raise NotFound
