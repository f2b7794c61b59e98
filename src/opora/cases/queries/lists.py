"""Lists of cases: a customer's walks along CaseReader, an agent's along the queue. All page by key.

No list joins with DISTINCT and none counts; the number of statements does not depend on the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar

from django.db import connection
from django.db.models import BigIntegerField, Q, QuerySet

from opora.accounts.models import Account
from opora.cases import search, states
from opora.cases.models import IS_ANSWERED, Case, CaseReader, Queue
from opora.cases.queries.rows import (
    BY_ACTIVITY,
    COLUMNS,
    HOLDER,
    CaseRow,
    page_of_cases,
    page_of_rows,
)
from opora.core.paging import LIMIT, Key, Keyset, Page, clamp, following
from opora.core.prepared import Param, Prepared

Listed = TypeVar("Listed", CaseRow, Case)
View = Literal["mine", "unassigned", "ours", "waiting", "open", "closed"]
Order = Literal["due", "activity"]

BY_DUE = Keyset("cases-due", int, datetime, int)

OPEN = ~Q(status=states.CLOSED)  # as in the partial indexes of Case


_WHOLE = (
    "product",
    "version",
    "problem",
    "contract",
    "owner__person",
)
_WHOLE_FOR_AGENTS = (*_WHOLE, "contract__holder_organization", "contract__holder_person")


# --- The caller's readable cases -----------------------------------------------------------------


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


EVERYTHING = _Narrowed(None, "", "")


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
    if not keys:
        return {}
    if narrowed.is_everything:
        padded = [*keys, *[0] * (LIMIT + 1 - len(keys))]
        columns = _at_keys(len(padded)).rows(**{f"key{n}": pk for n, pk in enumerate(padded)})
    else:
        rows = narrowed.among(Case.objects.filter(pk__in=keys))
        columns = list(rows.values_list(*COLUMNS, *HOLDER))
    return {row.key: row for row in (CaseRow(*each) for each in columns)}


@cache
def _at_keys(count: int) -> Prepared[tuple[Any, ...]]:
    """Lines of at most so many cases by their keys."""
    keys: list[Any] = [Param(f"key{n}", BigIntegerField()) for n in range(count)]
    return Prepared(lambda: Case.objects.filter(pk__in=keys).values_list(*COLUMNS, *HOLDER))


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


# --- The agents' queue ---------------------------------------------------------------------------


def queue_of(
    agent: Account,
    *,
    view: View = "open",
    by: Order = "due",
    after: str | None = None,
    limit: int = LIMIT,
    queues: Sequence[int] | None = None,
) -> Page[CaseRow]:
    """Cases at the desk: the agent's own open ones, those nobody has taken, those that wait for the
    vendor (`ours`) or for their customer (`waiting`), all open, or closed ones.

    `by` due: those without a first response come first, soonest due first; else, and always for
    closed ones, newest activity first. `queues`: the keys of the agent's, where they are known.
    Two statements, at most; one where a view other than `mine` is given the queues.
    """
    limit = clamp(limit)
    by = by if view != "closed" else "activity"
    if queues is None:
        queues = [] if view == "mine" else queue_keys(agent)
    if after is None and view == "mine" and by == "due":
        # No index has this order: the agent's own are sorted, and only those of the page are
        # looked up in other tables.
        keys = [pk for (pk,) in _MINE_BY_DUE.rows(owner=agent.pk, limit=limit + 1)]
        lines = _lines_at(keys, EVERYTHING)
        return _page_by_due([lines[pk] for pk in keys if pk in lines], limit)
    if after is None and len(queues) < 2:
        whose = agent.pk if view == "mine" else queues[0] if queues else 0
        found = _first_page(view, by).rows(whose=whose, limit=limit + 1)
        rows_shown = [CaseRow(*row) for row in found]
        return (page_of_rows if by == "activity" else _page_by_due)(rows_shown, limit)
    rows = _viewed(view, Q(owner=agent) if view == "mine" else _in(queues))
    if by == "due":
        rows = _by_due(rows, after, first_unanswered=view != "unassigned")
        return _page_by_due(_for_agents(rows, limit + 1), limit)
    rows = rows.filter(following(BY_ACTIVITY.read(after), at="last_activity_at", tie="id"))
    return page_of_rows(_for_agents(rows.order_by("-last_activity_at", "-id"), limit + 1), limit)


@cache
def _first_page(view: View, by: Order) -> Prepared[tuple[Any, ...]]:
    """The page that agents open all day, of one queue or of one's own."""

    def build() -> Any:
        whose = Param("whose", BigIntegerField())
        rows = _viewed(view, Q(owner=whose) if view == "mine" else Q(queue=whose))
        if by == "activity":
            rows = rows.order_by("-last_activity_at", "-id")
        else:
            rows = _by_due(rows, None, first_unanswered=view != "unassigned")
        return rows.values_list(*COLUMNS, *HOLDER)

    return Prepared(build, limited=True)


_MINE_BY_DUE: Prepared[tuple[int]] = Prepared(
    lambda: _by_due(
        _viewed("mine", Q(owner=Param("owner", BigIntegerField()))), None, first_unanswered=True
    ).values_list("pk"),
    limited=True,
)


def _viewed(view: View, whose: Q) -> QuerySet[Case]:
    rows = Case.objects.filter(Q(status=states.CLOSED) if view == "closed" else OPEN).filter(whose)
    if view == "unassigned":
        rows = rows.filter(status=states.SUBMITTED)
    elif view == "ours":
        rows = rows.filter(status__in=states.WITH_VENDOR, third_party_reason="")
    elif view == "waiting":
        rows = rows.filter(status__in=states.WITH_CUSTOMER)
    return rows


def _by_due(rows: QuerySet[Case], after: str | None, *, first_unanswered: bool) -> QuerySet[Case]:
    """What was due means little once somebody has answered, so those come last. Where none has been
    answered, but for a few given back, the walk along the index stays as it is."""
    key = BY_DUE.read(after)
    later = following(key and key[1:], at="response_due_at", tie="id", descending=False)
    if not first_unanswered:
        return rows.filter(later).order_by("response_due_at", "id")
    rows = rows.alias(answered=IS_ANSWERED).order_by("answered", "response_due_at", "id")
    if key is not None:
        rows = rows.filter(Q(answered__gt=key[0]) | later, answered__gte=key[0])
    return rows


def _page_by_due(rows: list[CaseRow], limit: int) -> Page[CaseRow]:
    return BY_DUE.page(
        rows,
        limit,
        lambda row: (int(row.first_responded_at is not None), row.response_due_at, row.key),
    )


def _for_agents(rows: QuerySet[Case], count: int) -> list[CaseRow]:
    return [CaseRow(*row) for row in rows.values_list(*COLUMNS, *HOLDER)[:count]]


def queue_keys(agent: Account) -> list[int]:
    """Keys of the queues whose cases the agent sees. One statement."""
    if agent.is_administrator:
        return [key for (key,) in _EVERY_QUEUE.rows()]
    return [key for (key,) in _OWN_QUEUES.rows(agent=agent.pk)]


_EVERY_QUEUE: Prepared[tuple[int]] = Prepared(
    lambda: Queue.objects.order_by("pk").values_list("pk")
)
_OWN_QUEUES: Prepared[tuple[int]] = Prepared(
    lambda: (
        Queue.objects.holding(Param("agent", BigIntegerField())).order_by("pk").values_list("pk")
    )
)


def _in(queues: Sequence[int]) -> Q:
    """Of these queues. One queue, as in every new installation, is a walk along an index."""
    return Q(queue=queues[0]) if len(queues) == 1 else Q(queue__in=queues)
