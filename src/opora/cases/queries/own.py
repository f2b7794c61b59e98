"""What a customer manages: the requests they read, narrowed, in an order, with what is new marked.

Each list is one walk along an index of the reader's own rows, in one statement, whatever other
people have; it pages by key and counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Literal, get_args

from django.db.models import BigIntegerField, Q, QuerySet

from opora.accounts.models import Account
from opora.cases import search, states
from opora.cases.models import IS_UNREAD, CaseReader
from opora.cases.queries.rows import BY_ACTIVITY, COLUMNS, CaseRow
from opora.core.paging import LIMIT, Keyset, Page, clamp, following
from opora.core.prepared import Param, Prepared

OwnView = Literal["open", "waiting", "unread", "closed", "all"]
Sort = Literal["activity", "quiet", "submitted"]
VIEWS: tuple[OwnView, ...] = get_args(OwnView)
SORTS: tuple[Sort, ...] = get_args(Sort)

BY_QUIET = Keyset("cases-quiet", datetime, int)
BY_SUBMISSION = Keyset("cases-submitted", int)
KEYSETS: dict[Sort, Keyset] = {
    "activity": BY_ACTIVITY,
    "quiet": BY_QUIET,
    "submitted": BY_SUBMISSION,
}

# In the words of the partial indexes of CaseReader.
_VIEWED: dict[OwnView, Q] = {
    "open": Q(is_open=True),
    "waiting": Q(is_customers_turn=True),
    "unread": IS_UNREAD,
    "closed": Q(is_open=False),
    "all": Q(),
}
_ORDERS: dict[Sort, tuple[str, ...]] = {
    "activity": ("-last_activity_at", "-case_id"),
    "quiet": ("last_activity_at", "case_id"),
    "submitted": ("-case_id",),
}
_COLUMNS = (*(f"case__{name}" for name in COLUMNS), "case__product__slug", "seen_at")


def requests_of(
    account: Account,
    *,
    view: OwnView = "open",
    severity: str = "",
    product: str = "",
    q: str = "",
    sort: Sort = "activity",
    after: str | None = None,
    limit: int = LIMIT,
) -> Page[CaseRow]:
    """The requests that a customer reads: open ones, those that wait for a contact (`waiting`),
    those with something new (`unread`), closed ones, or all.

    `product` is a slug, `q` words to find. Newest activity first; `quiet`: longest without any
    first; `submitted`: the newest request first. One statement.
    """
    keyset, limit = KEYSETS[sort], clamp(limit)
    if not (after or severity or product or q.strip()) and sort == "activity":
        found = _first_page(view, limit + 1).rows(account=account.pk)
        return _page(found, sort, limit)
    rows = CaseReader.objects.filter(
        _VIEWED[view], _after(sort, keyset.read(after)), account=account
    )
    if severity:
        rows = rows.filter(case__severity=severity)
    if product:
        rows = rows.filter(case__product__slug=product)
    if q.strip():
        if (query := search.parse(q)) is None:
            return Page([])
        rows = search.read_with_match(rows, query)
    return _page(_lines(rows, sort)[: limit + 1], sort, limit)


def _after(sort: Sort, key: Any) -> Q:
    if key is None:
        return Q()
    if sort == "submitted":
        return Q(case_id__lt=key[0])
    return following(key, at="last_activity_at", tie="case_id", descending=sort == "activity")


def _lines(rows: QuerySet[CaseReader], sort: Sort) -> QuerySet[CaseReader, Any]:
    return rows.order_by(*_ORDERS[sort]).values_list(*_COLUMNS)


def _page(found: Iterable[Any], sort: Sort, limit: int) -> Page[CaseRow]:
    rows = [_row(columns) for columns in found]
    if sort == "submitted":
        return BY_SUBMISSION.page(rows, limit, lambda row: (row.key,))
    return KEYSETS[sort].page(rows, limit, lambda row: (row.last_activity_at, row.key))


def _row(columns: tuple[Any, ...]) -> CaseRow:
    *case, product, seen_at = columns
    is_unread = states.is_unread(last_activity_at=case[_ACTIVITY], seen_at=seen_at)
    return CaseRow(*(*case, *_NO_HOLDER, product, is_unread))


_NO_HOLDER = (None, None, None)
_ACTIVITY = COLUMNS.index("last_activity_at")
_OWN = Q(account=Param("account", BigIntegerField()))


@cache
def _first_page(view: OwnView, count: int) -> Prepared[tuple[Any, ...]]:
    """The pages that most people open; so many lines."""

    def build() -> QuerySet[CaseReader, Any]:
        rows = CaseReader.objects.filter(_OWN, _VIEWED[view])
        # The plan is kept for whoever asks. As one step it would take the usual account's few rows
        # for granted, and look up all lines of one that reads thousands, to sort them.
        newest = rows.order_by(*_ORDERS["activity"]).values("pk")[:count]
        return _lines(CaseReader.objects.filter(pk__in=newest), "activity")

    return Prepared(build)
