"""The agents' queue: what is due, what nobody has taken, whose turn it is. It pages by key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from django.db.models import BigIntegerField, Q, QuerySet

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.models import IS_ANSWERED, Case, Queue
from opora.cases.queries.rows import (
    BY_ACTIVITY,
    COLUMNS,
    HOLDER,
    OPEN,
    CaseRow,
    lines_of,
    page_of_rows,
)
from opora.core.paging import LIMIT, Keyset, Page, clamp, following
from opora.core.prepared import Param, Prepared

View = Literal["mine", "unassigned", "ours", "waiting", "open", "closed"]
Order = Literal["due", "activity"]

BY_DUE = Keyset("cases-due", int, datetime, int)


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
        lines = lines_of(keys)
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
