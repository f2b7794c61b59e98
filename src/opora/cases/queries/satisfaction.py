"""What contacts answered about closed cases, counted by month and queue; for agents (S8.1).

Answers count where they were given: in the queue that the case was in then. Whoever is in a queue
sees its figures; what somebody wrote is shown to those who see the case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case as Sql
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Value, When

from opora.accounts.models import Account
from opora.cases.models import Case, Queue, Rating
from opora.core.days import begins_at, today
from opora.core.paging import LIMIT, Keyset, Page, clamp, following

MONTHS = 12
WORST, BEST = 1, 5
PIECE = 500
NEWEST = Keyset("ratings.newest", datetime, int)


@dataclass(frozen=True)
class Satisfaction:
    """Of a queue in a calendar month of the vendor's zone, or of several together.

    `asked`: cases closed, whose contacts were asked; `scores`: how many answered 1, 2, 3, 4 and 5.
    Several contacts of a case may answer.
    """

    asked: int = 0
    scores: tuple[int, ...] = (0,) * BEST

    @property
    def answers(self) -> int:
        return sum(self.scores)

    @property
    def average(self) -> float | None:
        """None without answers."""
        if not self.answers:
            return None
        whole = sum(score * many for score, many in enumerate(self.scores, WORST))
        return whole / self.answers

    def __add__(self, other: Satisfaction) -> Satisfaction:
        both = zip(self.scores, other.scores, strict=True)
        return Satisfaction(self.asked + other.asked, tuple(one + two for one, two in both))


@dataclass(frozen=True)
class Months:
    """`firsts`: the first days of the last twelve months, oldest first; `of`: by the position of
    the month and the queue's key, zero where nothing was."""

    queues: list[Queue]
    firsts: list[date]
    counted: dict[tuple[int, int], Satisfaction]

    def of(self, position: int, queues: Sequence[Queue]) -> Satisfaction:
        parts = [self.counted.get((position, queue.pk), Satisfaction()) for queue in queues]
        return sum(parts, Satisfaction())

    def total(self, queues: Sequence[Queue]) -> Satisfaction:
        parts = [self.of(position, queues) for position in range(len(self.firsts))]
        return sum(parts, Satisfaction())


def satisfaction_of(agent: Account, *, now: datetime) -> Months:
    """The last twelve months of the queues that the agent sees. Three statements.

    Cases are counted along (queue, last activity), which is never before closing, and answers along
    (answered at, queue): neither looks at anything older.
    """
    queues = list(Queue.objects.seen_by(agent).order_by("pk"))
    firsts = _last_months(today(now))
    since, keys = begins_at(firsts[0]), [queue.pk for queue in queues]
    closed = Case.objects.filter(
        queue__in=keys, last_activity_at__gte=since, closed_at__gte=since
    ).order_by()
    asked = {
        (position, queue): many
        for queue, position, many in closed.values_list(
            "queue", _position("closed_at", firsts)
        ).annotate(many=Count("pk"))
    }
    scores: dict[tuple[int, int], list[int]] = {}
    answered = Rating.objects.filter(queue__in=keys, answered_at__gte=since).order_by()
    for queue, position, score, many in answered.values_list(
        "queue", _position("answered_at", firsts), "score"
    ).annotate(many=Count("pk")):
        scores.setdefault((position, queue), [0] * BEST)[score - WORST] = many
    return Months(
        queues=queues,
        firsts=firsts,
        counted={
            at: Satisfaction(asked.get(at, 0), tuple(scores.get(at, (0,) * BEST)))
            for at in {*asked, *scores}
        },
    )


def comments_of(
    agent: Account,
    queues: Sequence[Queue],
    *,
    now: datetime,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page[Rating]:
    """What was written with answers of the last twelve months in `queues`, newest first, of cases
    that the agent sees; with case, owner and author. One statement, along (answered at)."""
    key, limit = NEWEST.read(after), clamp(limit)
    rows = (
        _answers(agent, queues, now=now)
        .exclude(comment="")
        .filter(following(key, at="answered_at", tie="pk"))
        .order_by("-answered_at", "-pk")
    )
    return NEWEST.page(list(rows[: limit + 1]), limit, lambda row: (row.answered_at, row.pk))


def answers_of(agent: Account, queues: Sequence[Queue], *, now: datetime) -> Iterator[list[Rating]]:
    """Every answer of the last twelve months in `queues`, oldest first, a piece at a time."""
    rows = _answers(agent, queues, now=now).order_by("answered_at", "pk")
    key = None
    while piece := list(
        rows.filter(following(key, at="answered_at", tie="pk", descending=False))[:PIECE]
    ):
        yield piece
        key = (piece[-1].answered_at, piece[-1].pk)


def _answers(agent: Account, queues: Sequence[Queue], *, now: datetime) -> QuerySet[Rating]:
    rows = Rating.objects.filter(
        queue__in=[queue.pk for queue in queues],
        answered_at__gte=begins_at(_last_months(today(now))[0]),
    )
    if not agent.is_administrator:
        seen = Case.objects.filter(pk=OuterRef("case")).visible_to(agent)
        rows = rows.filter(Exists(seen))
    return rows.select_related("case", "queue", "owner__person", "account__person")


def _last_months(on: date) -> list[date]:
    """First days of the last twelve months, that of `on` the last."""
    months = [12 * on.year + on.month - 1 - back for back in reversed(range(MONTHS))]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _position(instant: str, firsts: Sequence[date]) -> Sql:
    """The position in `firsts` of the month in which the column `instant` lies."""
    newest_first = reversed(list(enumerate(firsts)))
    return Sql(
        *(
            When(**{f"{instant}__gte": begins_at(first)}, then=Value(position))
            for position, first in newest_first
        ),
        output_field=IntegerField(),
    )
