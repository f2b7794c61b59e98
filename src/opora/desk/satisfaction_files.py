"""Satisfaction as tables for spreadsheets: figures by month and queue, and every answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from opora.cases.models import Queue, Rating
from opora.cases.queries import Months
from opora.core.wording import in_language
from opora.web.tables import Cell


def figure_rows(months: Months, queues: Sequence[Queue]) -> Iterator[list[list[Cell]]]:
    """A row a month and queue, oldest first. The average has a point, or a comma as the reader's
    language writes it."""
    head: list[Cell] = [
        _("Month"),
        _("Queue"),
        _("Requests closed"),
        _("Answers"),
        *(_("Answers %(score)s of 5") % {"score": score} for score in range(1, 6)),
        _("Average"),
    ]
    rows: list[list[Cell]] = [head]
    for position, first_on in enumerate(months.firsts):
        for queue in queues:
            one = months.of(position, [queue])
            average = "" if one.average is None else f"{one.average:.2f}"
            rows.append(
                [
                    f"{first_on:%Y-%m}",
                    in_language(queue.names),
                    one.asked,
                    one.answers,
                    *one.scores,
                    average,
                ]
            )
    return iter([rows])


def answer_rows(pieces: Iterable[list[Rating]]) -> Iterator[list[list[Cell]]]:
    """A row an answer under their headings. Words and clocks are the reader's of now; the pieces
    may be read after the request."""
    zone = get_current_timezone()
    head: list[Cell] = [
        _("When (%(zone)s)") % {"zone": str(zone)},
        _("Queue"),
        _("Request"),
        _("Answer of 5"),
        _("Comment"),
        _("From"),
        _("Support agent"),
    ]
    queues: dict[int, str] = {}

    def row(rating: Rating) -> list[Cell]:
        name = queues.setdefault(rating.queue_id, in_language(rating.queue.names))
        return [
            f"{rating.answered_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            name,
            # Sixteen digits: a spreadsheet would round the number.
            f"#{rating.case.number}",
            rating.score,
            rating.comment,
            rating.account.full_name,
            rating.owner.full_name if rating.owner else "",
        ]

    return chain([[head]], ([row(rating) for rating in piece] for piece in pieces))
