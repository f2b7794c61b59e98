"""The cases an account reads: a customer's list walks along CaseReader, an agent's along queues.

No list joins with DISTINCT and none counts; the number of statements does not depend on the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import BigIntegerField, Q, QuerySet

from opora.accounts.models import Account
from opora.cases import search, states
from opora.cases.models import Case, CaseReader
from opora.cases.queries.queue import queue_keys
from opora.cases.queries.rows import (
    BY_ACTIVITY,
    COLUMNS,
    HOLDER,
    OPEN,
    CaseRow,
    lines_of,
    page_of_cases,
    page_of_rows,
)
from opora.core.paging import LIMIT, Key, Page, clamp, following
from opora.core.prepared import Param, Prepared

Listed = TypeVar("Listed", CaseRow, Case)

_WHOLE = ("product", "version", "problem", "contract", "owner__person")
_WHOLE_FOR_AGENTS = (*_WHOLE, "contract__holder_organization", "contract__holder_person")


def cases_of(
    account: Account,
    *,
    state: str | None = None,
    q: str = "",
    severity: str = "",
    product: str = "",
    after: str | None = None,
    limit: int = LIMIT,
) -> Page[CaseRow]:
    """The cases `account` reads, newest activity first; `state` "open", "closed" or None for both,
    `product` a slug, `q` words to find. One statement; for agents up to three more."""
    key, limit = BY_ACTIVITY.read(after), clamp(limit)
    narrowed = _Narrowed(state, severity, product)
    if account.is_agent:
        return _of_agent(account, narrowed, _lines_at, q=q, key=key, limit=limit)
    if key is None and not (q.strip() or severity or product):
        is_open = state == "open" if state in ("open", "closed") else None
        columns = _newest(is_open, limit + 1).rows(account=account.pk)
        return page_of_rows([CaseRow(*row) for row in columns], limit)
    rows = _of_reader(account, narrowed, q=q, key=key)
    if rows is None:
        return Page([])
    narrow = rows.values_list(*(f"case__{name}" for name in COLUMNS))[: limit + 1]
    return page_of_rows([CaseRow(*row) for row in narrow], limit)


def cases_in_full(
    account: Account,
    *,
    state: str | None = None,
    q: str = "",
    severity: str = "",
    product: str = "",
    after: str | None = None,
    limit: int = LIMIT,
) -> Page[Case]:
    """The same list as whole cases, with product, version, problem, contract and owner loaded."""
    key, limit = BY_ACTIVITY.read(after), clamp(limit)
    narrowed = _Narrowed(state, severity, product)
    if account.is_agent:
        return _of_agent(account, narrowed, _whole_at, q=q, key=key, limit=limit)
    rows = _of_reader(account, narrowed, q=q, key=key)
    if rows is None:
        return Page([])
    whole = rows.select_related(*(f"case__{name}" for name in _WHOLE))[: limit + 1]
    return page_of_cases([row.case for row in whole], limit)


@dataclass(frozen=True)
class _Narrowed:
    """Allow-listed filters (AC-09)."""

    state: str | None
    severity: str
    product: str

    @property
    def is_everything(self) -> bool:
        return self.state not in ("open", "closed") and not (self.severity or self.product)

    def among(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        cases = cases.filter(self.of_cases())
        if self.state in ("open", "closed"):
            cases = cases.filter(OPEN if self.state == "open" else Q(status=states.CLOSED))
        return cases

    def of_cases(self, prefix: str = "") -> Q:
        wanted = Q()
        if self.severity:
            wanted &= Q(**{f"{prefix}severity": self.severity})
        if self.product:
            wanted &= Q(**{f"{prefix}product__slug": self.product})
        return wanted


def _of_reader(
    account: Account, narrowed: _Narrowed, *, q: str, key: Key | None
) -> QuerySet[CaseReader] | None:
    """The account's reader rows in order; None if nothing can match."""
    rows = CaseReader.objects.filter(
        narrowed.of_cases("case__"),
        following(key, at="last_activity_at", tie="case_id"),
        account=account,
    )
    if narrowed.state in ("open", "closed"):
        rows = rows.filter(is_open=narrowed.state == "open")
    if q.strip():
        if (query := search.parse(q)) is None:
            return None
        where, params = search.reader_condition(query)
        rows = rows.extra(where=[where], params=params)  # noqa: S610 - written by cases.search
    return rows.order_by("-last_activity_at", "-case_id")


@cache
def _newest(is_open: bool | None, count: int) -> Prepared[tuple[Any, ...]]:
    """The page that most programs ask for: so many of the newest of what an account reads. Which
    ones they are comes first, their lines after, as in `own`."""

    def build() -> Any:
        own = CaseReader.objects.filter(account=Param("account", BigIntegerField()))
        if is_open is not None:
            own = own.filter(is_open=is_open)
        order = ("-last_activity_at", "-case_id")
        newest = CaseReader.objects.filter(pk__in=own.order_by(*order).values("pk")[:count])
        return newest.order_by(*order).values_list(*(f"case__{name}" for name in COLUMNS))

    return Prepared(build)


def _of_agent(
    agent: Account,
    narrowed: _Narrowed,
    load: Callable[[Sequence[int], _Narrowed], dict[int, Listed]],
    *,
    q: str,
    key: Key | None,
    limit: int,
) -> Page[Listed]:
    """The page of cases that `load` gives for their keys."""
    queues = queue_keys(agent)
    if not q.strip():
        rows = narrowed.among(Case.objects.all()).order_by("-last_activity_at", "-id")
        later = rows.filter(following(key, at="last_activity_at", tie="id"))
        keys = _newest_keys(later, queues, agent, limit + 1)
        found = load(keys, narrowed)
        return BY_ACTIVITY.page([found[pk] for pk in keys if pk in found], limit, _place_of)
    query = search.parse(q)
    if query is None:
        return Page([])
    before = None if key is None else (key[0], key[1])
    keys = search.newest_for_agents(
        query,
        queues=queues,
        owner=agent.pk,
        before=before,  # type: ignore[arg-type]  # the keyset's own types
        limit=limit + 1,
    )
    found = load(keys, narrowed)
    items = [found[pk] for pk in keys[:limit] if pk in found]
    if len(keys) <= limit:
        return Page(items)
    if len(items) == limit:
        return Page(items, BY_ACTIVITY.write(_place_of(items[-1])))
    # Filters may have thinned the page; the next one starts where the search stopped.
    last = Case.objects.values_list("last_activity_at", "pk").get(pk=keys[limit - 1])
    return Page(items, BY_ACTIVITY.write(last))


def _place_of(item: CaseRow | Case) -> Key:
    return (item.last_activity_at, item.key if isinstance(item, CaseRow) else item.pk)


def _lines_at(keys: Sequence[int], narrowed: _Narrowed) -> dict[int, CaseRow]:
    if narrowed.is_everything:
        return lines_of(keys)
    rows = narrowed.among(Case.objects.filter(pk__in=keys)) if keys else Case.objects.none()
    found = [CaseRow(*columns) for columns in rows.values_list(*COLUMNS, *HOLDER)]
    return {row.key: row for row in found}


def _whole_at(keys: Sequence[int], narrowed: _Narrowed) -> dict[int, Case]:
    rows = narrowed.among(Case.objects.filter(pk__in=keys)).select_related(*_WHOLE_FOR_AGENTS)
    return {case.pk: case for case in rows}


def _newest_keys(
    rows: QuerySet[Case], queues: Sequence[int], agent: Account, limit: int
) -> list[int]:
    """Keys of the newest of `rows` in any of the queues or owned by the agent: one short walk along
    an index for each, in one statement. An OR would read and sort them all."""
    whose = [Q(queue=queue) for queue in queues]
    if not agent.is_administrator:
        whose.append(Q(owner=agent))
    walks: list[str] = []
    values: list[Any] = []
    for one in whose:
        walk = rows.filter(one).values_list("id", "last_activity_at")[:limit]
        sql, params = walk.query.sql_with_params()
        walks.append(f"SELECT * FROM ({sql}) w{len(walks)}")  # noqa: S608 - compiled by Django
        values += params
    if not walks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"{' UNION '.join(walks)} ORDER BY 2 DESC, 1 DESC LIMIT %s", [*values, limit]
        )
        return [key for key, _at in cursor.fetchall()]
