"""The four figures that matter on the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum

from opora.accounts.models import Account
from opora.cases.models import CaseReader
from opora.contracts.models import Registration
from opora.core.days import today

ENDING_SOON = timedelta(days=60)  # the first warning (S13.5)


@dataclass(frozen=True)
class Figures:
    waiting_for_you: int
    open: int
    incidents_left: int
    contracts_ending_soon: int


def figures_of(account: Account, *, now: datetime) -> Figures:
    """Open cases, those of them that wait for a contact, incidents on contracts that can be used
    today, and how many of these contracts end within 60 days. Two statements."""
    cases = CaseReader.objects.filter(account=account, is_open=True).aggregate(
        open=Count("pk"), waiting=Count("pk", filter=Q(is_customers_turn=True))
    )
    day = today(now)
    usable = Registration.objects.filter(
        account=account,
        ended_at__isnull=True,
        contract__activated_on__isnull=False,
        contract__starts_on__lte=day,
        contract__ends_on__gte=day,
        contract__suspended_at__isnull=True,
        contract__cancelled_at__isnull=True,
    ).aggregate(
        left=Sum("contract__incidents_left"),
        ending=Count("pk", filter=Q(contract__ends_on__lte=day + ENDING_SOON)),
    )
    return Figures(
        waiting_for_you=cases["waiting"],
        open=cases["open"],
        incidents_left=usable["left"] or 0,
        contracts_ending_soon=usable["ending"],
    )
