"""How a contract's incidents were used over time: by month for a chart, and the pace of lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Count, IntegerField, Q, Value, When

from opora.contracts.models import Contract, IncidentEntry
from opora.contracts.outlook import Pace, looks_back_to
from opora.contracts.queries import standing_of
from opora.core.days import begins_at, today

MONTHS = 12
Kind = IncidentEntry.Kind


@dataclass(frozen=True)
class Month:
    """Incidents of one calendar month of the vendor's zone; `first_on` is its first day."""

    first_on: date
    used: int
    returned: int


@dataclass(frozen=True)
class Usage:
    """`months`: the contract's last twelve at most, oldest first, without gaps; none before it
    began. `pace`: of the current term, as the forecast wants it."""

    months: list[Month]
    pace: Pace

    @property
    def used(self) -> int:
        return sum(month.used for month in self.months)

    @property
    def returned(self) -> int:
        return sum(month.returned for month in self.months)


def usage_of(contract: Contract, *, now: datetime) -> Usage:
    """What the ledger says of the last twelve months. One statement, over the contract's own
    entries; none for a benefit that is not activated."""
    on = today(now)
    since = looks_back_to(standing_of(contract), on)
    if contract.activated_on is None or contract.starts_on is None or contract.ends_on is None:
        return Usage([], Pace(0, 0))
    began = min(contract.activated_on, contract.starts_on)  # renewing begins a term anew
    firsts = _months(from_=began, until=max(began, min(on, contract.ends_on)))
    rows = (
        IncidentEntry.objects.filter(
            contract=contract,
            kind__in=(Kind.CONSUMED, Kind.RETURNED),
            at__gte=min(begins_at(firsts[0]), begins_at(since)),
        )
        .order_by()
        .values_list(_month_of(firsts), "kind")
        .annotate(number=Count("pk"), lately=Count("pk", filter=Q(at__gte=begins_at(since))))
    )
    counted: dict[tuple[int, str], int] = {}
    net = 0
    for position, kind, number, lately in rows:
        counted[position, kind] = number
        net += lately if kind == Kind.CONSUMED else -lately
    return Usage(
        months=[
            Month(
                first_on,
                used=counted.get((position, Kind.CONSUMED), 0),
                returned=counted.get((position, Kind.RETURNED), 0),
            )
            for position, first_on in enumerate(firsts)
        ],
        pace=Pace(used=net, days=max(0, (on - since).days + 1)),
    )


def _months(*, from_: date, until: date) -> list[date]:
    """First days of the last twelve months up to that of `until`, none before that of `from_`."""
    found = [until.replace(day=1)]
    while len(found) < MONTHS and found[-1] > from_.replace(day=1):
        year, month = divmod(12 * found[-1].year + found[-1].month - 2, 12)
        found.append(date(year, month + 1, 1))
    return found[::-1]


def _month_of(firsts: list[date]) -> Case:
    """The position of an entry's month in `firsts`; -1 for earlier ones. Later entries, such as a
    unit that came back after the end, count for the last."""
    newest_first = list(enumerate(firsts))[::-1]
    return Case(
        *(When(at__gte=begins_at(first), then=Value(at)) for at, first in newest_first),
        default=Value(-1),
        output_field=IntegerField(),
    )
