"""The four figures that matter on the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Count, DateField, Q, Sum

from opora.accounts.models import Account
from opora.cases.models import IS_UNREAD, CaseReader
from opora.contracts.models import Registration
from opora.core.days import today
from opora.core.prepared import Param, Prepared

ENDING_SOON = timedelta(days=60)  # the first warning (S13.5)


@dataclass(frozen=True)
class Figures:
    """What one number each says on a customer's home page."""

    waiting_for_you: int
    open: int
    unread: int
    incidents_left: int
    contracts_ending_soon: int


def figures_of(account: Account, *, now: datetime) -> Figures:
    """Open cases, those of them that wait for a contact, cases with something new, incidents on
    contracts that can be used today, and how many of these contracts end within 60 days. Two
    statements."""
    day = today(now)
    [(open_cases, waiting, unread)] = _CASES.rows(account=account.pk) or [(0, 0, 0)]
    [(left, ending)] = _CONTRACTS.rows(account=account.pk, day=day, soon=day + ENDING_SOON) or [
        (0, 0)
    ]
    return Figures(
        waiting_for_you=waiting,
        open=open_cases,
        unread=unread,
        incidents_left=left,
        contracts_ending_soon=ending,
    )


_ACCOUNT = Param("account", BigIntegerField())
_DAY = Param("day", DateField())
# Grouped by the account: a queryset that is counted whole would be run at once.
_CASES: Prepared[tuple[int, int, int]] = Prepared(
    lambda: (
        CaseReader.objects.filter(Q(is_open=True) | IS_UNREAD, account=_ACCOUNT)
        .order_by()
        .values("account")
        .annotate(
            open=Count("pk", filter=Q(is_open=True)),
            waiting=Count("pk", filter=Q(is_customers_turn=True)),
            unread=Count("pk", filter=IS_UNREAD),
        )
        .values_list("open", "waiting", "unread")
    )
)
_CONTRACTS: Prepared[tuple[int, int]] = Prepared(
    lambda: (
        Registration.objects.filter(
            account=_ACCOUNT,
            ended_at__isnull=True,
            contract__activated_on__isnull=False,
            contract__starts_on__lte=_DAY,
            contract__ends_on__gte=_DAY,
            contract__suspended_at__isnull=True,
            contract__cancelled_at__isnull=True,
        )
        .order_by()
        .values("account")
        .annotate(
            left=Sum("contract__incidents_left"),
            ending=Count("pk", filter=Q(contract__ends_on__lte=Param("soon", DateField()))),
        )
        .values_list("left", "ending")
    )
)
