"""The terms of a plan, read from a plans file or a plan version. Pure: no database, no clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

HYBRID = "hybrid"
EVERY_OTHER = "other"  # in `coverage.phases`: deployments that are not named


@dataclass(frozen=True)
class Price:
    """Minor units of an ISO 4217 currency, tax included.

    `tax_rate` in basis points (2100 is 21 %). `surcharge`: how much more round-the-clock support
    costs; 0: it comes with the incident.
    """

    amount: int
    currency: str
    tax_rate: int = 0
    surcharge: int = 0

    def total(self, *, round_the_clock: bool) -> int:
        """What is paid, in minor units."""
        return self.amount + (self.surcharge if round_the_clock else 0)

    def tax_in(self, total: int) -> int:
        """The tax that `total` includes, rounded half up to a minor unit."""
        whole = 10_000 + self.tax_rate
        return (2 * total * self.tax_rate + whole) // (2 * whole)


@dataclass(frozen=True)
class Coverage:
    """What may be asked under a plan.

    `deployments`: those covered; `hybrid` is never named, it counts as on-premises and as cloud
    (S11.3). `phases`: support phases covered per deployment, `other` for those not named; they say
    which versions, whether or not the deployment itself is covered. `max_generation`: the oldest
    generation covered (1: the latest and the one before), None: any. `excluded_products`: slugs.
    """

    deployments: frozenset[str]
    phases: Mapping[str, frozenset[str]]
    max_generation: int | None
    is_production_covered: bool
    excluded_products: frozenset[str]

    def covers_deployment(self, deployment: str) -> bool:
        if deployment == HYBRID:
            return bool(self.deployments & {"on_premises", "cloud"})
        return deployment in self.deployments

    @property
    def is_cloud_only(self) -> bool:
        return self.deployments == {"cloud"}

    @property
    def has_cloud(self) -> bool:
        return "cloud" in self.deployments

    def phases_for(self, deployment: str) -> frozenset[str]:
        """The phases covered for `deployment`; hybrid has those of each side it is covered as."""
        if deployment != HYBRID:
            return self.phases.get(deployment, self.phases[EVERY_OTHER])
        sides = self.deployments & {"on_premises", "cloud"} or {"on_premises", "cloud"}
        return frozenset[str]().union(*(self.phases_for(side) for side in sides))


@dataclass(frozen=True)
class Terms:
    """What a contract freezes when it is issued (S11.1).

    `incidents` None: as granted. `buyers`: kinds of account that may buy it, none: it is not sold.
    `regions` None: sold everywhere. `prices`: by country where it differs from `price`.
    `has_access_id` False: nobody can add the contract by its ids.
    """

    incidents: int | None
    years: int
    months: int
    grace_days: int
    coverage: Coverage
    severities: frozenset[str]
    round_the_clock: frozenset[str]
    buyers: frozenset[str]
    regions: frozenset[str] | None
    price: Price | None
    prices: Mapping[str, Price]
    has_access_id: bool

    @property
    def is_sold(self) -> bool:
        return bool(self.buyers)

    def price_in(self, country: str) -> Price | None:
        """What it costs a buyer of that country; None: it has no price."""
        return self.prices.get(country, self.price)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Terms:
        """Terms from the checked JSON of a plan version."""
        coverage = data["coverage"]
        return cls(
            incidents=data["incidents"],
            years=data["term"]["years"],
            months=data["term"]["months"],
            grace_days=data["grace_days"],
            coverage=Coverage(
                deployments=frozenset(coverage["deployments"]),
                phases={
                    deployment: frozenset(phases)
                    for deployment, phases in coverage["phases"].items()
                },
                max_generation=coverage["max_generation"],
                is_production_covered=coverage["production"],
                excluded_products=frozenset(coverage["excluded_products"]),
            ),
            severities=frozenset(data["severities"]),
            round_the_clock=frozenset(data["round_the_clock"]),
            buyers=frozenset(data["buyers"]),
            regions=None if data["regions"] is None else frozenset(data["regions"]),
            price=_price(data["price"]) if data["price"] else None,
            prices={
                country: _price(price)
                for country, price in ((data["price"] or {}).get("countries") or {}).items()
            },
            has_access_id=data["access_id"],
        )


def _price(data: Mapping[str, Any]) -> Price:
    return Price(
        amount=data["amount"],
        currency=data["currency"],
        tax_rate=data.get("tax_rate", 0),
        surcharge=data.get("surcharge", 0),
    )


def ends_on(starts_on: date, terms: Terms) -> date:
    """The last usable day, grace included (S11.4). OverflowError past the end of the calendar."""
    return _term_ends_on(starts_on, 12 * terms.years + terms.months) + timedelta(
        days=terms.grace_days
    )


def _term_ends_on(starts_on: date, months: int) -> date:
    """The day before the same day `months` later; where that month has no such day, its last."""
    years, month = divmod(starts_on.month - 1 + months, 12)
    year, month = starts_on.year + years, month + 1
    if year > date.max.year:
        raise OverflowError(f"a term from {starts_on} ends past the calendar")
    if starts_on.day > (last := monthrange(year, month)[1]):
        return date(year, month, last)
    return date(year, month, starts_on.day) - timedelta(days=1)
