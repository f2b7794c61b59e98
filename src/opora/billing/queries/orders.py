"""Purchases as the vendor looks at them: the list with its filters, and one with all about it.

Only for administrators: whoever asks has come through the door that says so. Lists are walks along
an index, by key, and count nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from opora.accounts.addresses import address_key
from opora.accounts.errors import NotAnAddress
from opora.accounts.models import Account
from opora.billing.models import Discrepancy, Dispute, Paper, Purchase, Refund
from opora.billing.providers.registry import PROVIDERS
from opora.billing.queries.papers import paper_rows
from opora.billing.queries.refunds import refundable
from opora.billing.refunds import Refundable
from opora.core.days import begins_at
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id
from opora.core.models import AuditLine
from opora.core.paging import LIMIT, Key, Keyset, Page, clamp, following

Show = Literal["all", "flagged", "waiting"]
NEWEST = Keyset("orders", datetime, int)
DIFFERENCES = Keyset("order-differences", datetime, int)
CHUNK = 1000  # rows a statement of an export
MOST_LINES = 200
MOST_COUNTED = 99
SEPARATORS = str.maketrans("", "", " -\u00a0")


@dataclass(frozen=True)
class Narrowing:
    """Which purchases. "" and None do not narrow.

    `show`: all, those somebody has to look at, those with a refund that waits for consent. `since`
    and `until`: days of the vendor's zone, both included. `words`: a purchase's number, a Contract
    ID, the provider's reference, or the buyer's e-mail address.
    """

    show: Show = "all"
    state: str = ""
    provider: str = ""
    currency: str = ""
    country: str = ""
    since: date | None = None
    until: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Counts:
    """How many have to be looked at, at most MOST_COUNTED + 1 of each."""

    flagged: int
    waiting: int
    differences: int


@dataclass(frozen=True)
class Order:
    """One purchase with everything about it. `lines`: what was done to it, oldest first; `actors`:
    full names by an account's key."""

    purchase: Purchase
    refunds: list[Refund]
    papers: list[Paper]
    disputes: list[Dispute]
    differences: list[Discrepancy]
    lines: list[AuditLine]
    actors: dict[int, str]
    standing: Refundable

    @property
    def open_refund(self) -> Refund | None:
        """The one that waits for a person or for the provider; there is one at most."""
        return next((one for one in self.refunds if one.state in OPEN_REFUND), None)


OPEN_REFUND = (Refund.State.REQUESTED, Refund.State.CALLING, Refund.State.UNKNOWN)


def orders(narrowing: Narrowing, *, after: str | None = None, limit: int = LIMIT) -> Page[Purchase]:
    """Purchases, newest first, each with its buyer, plan and `waits`, whether a refund of it waits
    for consent. At most two statements. Raises InvalidInput for a cursor that is none."""
    limit = clamp(limit)
    rows = _chosen(narrowing)
    if rows is None:
        return Page([])
    start = NEWEST.read(after)
    return NEWEST.page(_walked(rows, start, limit + 1), limit, _key)


def orders_in_pieces(narrowing: Narrowing) -> Iterator[list[Purchase]]:
    """All of them, newest first, in pieces that fit into memory; two statements a piece."""
    rows = _chosen(narrowing)
    last: tuple[datetime, int] | None = None
    while rows is not None:
        piece = _walked(rows, last, CHUNK)
        if piece:
            yield piece
            last = _key(piece[-1])
        if len(piece) < CHUNK:
            return


def order_for(public_id: str, *, now: datetime) -> Order:
    """The purchase of that id, else NotFound. Ten statements, however much happened."""
    purchase = purchase_of_id(public_id)
    lines = list(
        AuditLine.objects.filter(target_kind="purchase", target_id=purchase.key).order_by("id")[
            :MOST_LINES
        ]
    )
    refunds = Refund.objects.filter(purchase=purchase).order_by("-requested_at", "-id")
    people = ("requested_by__person", "consented_by__person", "paper")
    return Order(
        purchase=purchase,
        refunds=list(refunds.select_related(*people)),
        papers=list(Paper.objects.filter(purchase=purchase).order_by("id")),
        disputes=list(Dispute.objects.filter(purchase=purchase).order_by("-opened_at", "-id")),
        differences=list(
            Discrepancy.objects.filter(purchase=purchase).order_by("-found_at", "-id")[:MOST_LINES]
        ),
        lines=lines,
        actors=_names({line.actor_id for line in lines}),
        standing=refundable(purchase, purchase.contract, now=now),
    )


def purchase_of_id(public_id: str) -> Purchase:
    """The purchase of that id with buyer, plan and contract, else NotFound. One statement."""
    key = parse_public_id(public_id)
    found = _whole().filter(public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def refund_of(purchase: Purchase, public_id: str) -> Refund:
    """The purchase's refund of that id, else NotFound."""
    key = parse_public_id(public_id)
    found = Refund.objects.filter(purchase=purchase, public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def paper_of(purchase: Purchase, public_id: str) -> Paper:
    """A paper about the purchase, with all that a document says of it; else NotFound."""
    key = parse_public_id(public_id)
    found = paper_rows().filter(purchase=purchase, public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def single_order(words: str) -> Purchase | None:
    """The one purchase that a number, a Contract ID or a provider's reference names."""
    digits = words.translate(SEPARATORS)
    if digits.isascii() and digits.isdigit():
        named = Q(number=digits) if len(digits) <= 10 else Q(contract__contract_id=digits)
    else:
        return purchase_of_payment(words, *PROVIDERS)
    return Purchase.objects.filter(named).first()


def purchase_of_payment(reference: str, *providers: str) -> Purchase | None:
    """The purchase that one of these providers knows by that reference. What looks superfluous lets
    both engines walk the index of payments: it holds named ones only."""
    rows = Purchase.objects.filter(provider__in=providers, reference=reference)
    return rows.exclude(reference="").first()


def counts() -> Counts:
    """What waits for somebody. Three statements along partial indexes, none of which reads more
    than a hundred rows."""
    flagged = Purchase.objects.filter(flagged_at__isnull=False)
    waiting = Refund.objects.filter(state=Refund.State.REQUESTED)
    differences = Discrepancy.objects.filter(resolved_at__isnull=True)
    return Counts(
        *(len(rows.values("pk")[: MOST_COUNTED + 1]) for rows in (flagged, waiting, differences))
    )


def open_differences(*, after: str | None = None, limit: int = LIMIT) -> Page[Discrepancy]:
    """Where a provider's books and ours differ now, newest first, each with its purchase if there
    is one. One statement."""
    limit = clamp(limit)
    rows = (
        Discrepancy.objects.filter(resolved_at__isnull=True)
        .filter(following(DIFFERENCES.read(after), at="found_at", tie="id"))
        .select_related("purchase")
        .order_by("-found_at", "-id")
    )
    return DIFFERENCES.page(list(rows[: limit + 1]), limit, lambda row: (row.found_at, row.pk))


# --- Pieces ---------------------------------------------------------------------------------------
def _whole() -> QuerySet[Purchase]:
    return Purchase.objects.select_related(
        "account__person", "plan_version__plan", "contract__plan_version__plan"
    )


def _chosen(narrowing: Narrowing) -> QuerySet[Purchase] | None:
    """The rows in their order; None if the words name nobody."""
    rows = Purchase.objects.order_by("-created_at", "-id")
    for name in ("state", "provider", "currency", "country"):
        if wanted := getattr(narrowing, name):
            rows = rows.filter(**{name: wanted})
    if narrowing.show == "flagged":
        rows = rows.filter(flagged_at__isnull=False)
    elif narrowing.show == "waiting":
        waiting = Refund.objects.filter(state=Refund.State.REQUESTED)
        rows = rows.filter(pk__in=waiting.values("purchase"))
    if narrowing.since:
        rows = rows.filter(created_at__gte=begins_at(narrowing.since))
    if narrowing.until:
        rows = rows.filter(created_at__lt=begins_at(narrowing.until + timedelta(days=1)))
    if narrowing.words:
        if (one := single_order(narrowing.words)) is not None:
            return rows.filter(pk=one.pk)
        try:
            buyers = Account.objects.filter(email_key=address_key(narrowing.words))
        except NotAnAddress:
            return None
        known = list(buyers.values_list("pk", flat=True))  # one of each kind at most
        return rows.filter(account__in=known) if known else None
    return rows


def _walked(rows: QuerySet[Purchase], after: Key | None, limit: int) -> list[Purchase]:
    """The first so many of the rows after a key, with all that a line shows.

    Keys first, from one table alone: joined at once, the planner may join a million rows before it
    asks which of them are wanted.
    """
    walk = rows.filter(following(after, at="created_at", tie="id")).values_list("pk", flat=True)
    keys = list(walk[:limit])
    waits = Refund.objects.filter(purchase=OuterRef("pk"), state=Refund.State.REQUESTED)
    found = {row.pk: row for row in _whole().filter(pk__in=keys).annotate(waits=Exists(waits))}
    return [found[key] for key in keys if key in found]


def _key(purchase: Purchase) -> tuple[datetime, int]:
    return purchase.created_at, purchase.pk


def _names(keys: set[int | None]) -> dict[int, str]:
    known = Account.objects.filter(pk__in=[key for key in keys if key]).select_related("person")
    return {account.pk: account.full_name or account.email for account in known}
