"""What is new on a case since a page of it was made: asked all the time, mostly for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, CharField

from opora.accounts.models import Account
from opora.cases.models import Case, CaseReader, Message
from opora.cases.queries.conversation import SENTENCES, all_told, messages_of
from opora.core.errors import NotFound
from opora.core.models import AuditLine
from opora.core.paging import Page
from opora.core.prepared import Param, Prepared

MOST_SENTENCES = 5
MOST_LINES_READ = 20


def last_activity_of(customer: Account, number: str) -> datetime:
    """When a case last moved for those who read it, notes and ownership apart; NotFound for who
    does not. One statement along two unique indexes."""
    found = _LAST.first(account=customer.pk, number=number)
    if found is None:
        raise NotFound
    return found[0]


_LAST: Prepared[tuple[datetime]] = Prepared(
    lambda: CaseReader.objects.filter(
        account=Param("account", BigIntegerField()), case__number=Param("number", CharField())
    ).values_list("last_activity_at")
)


@dataclass(frozen=True)
class News:
    """Messages after those on the page, and sentences on what others did meanwhile."""

    messages: Page[Message]
    sentences: list[str]


def news_of(case: Case, viewer: Account, *, since: datetime, after: str, limit: int) -> News:
    """`since`: the activity that the page shows; `after`: the cursor of its last message. Own deeds
    are not told, and nothing of notes (AC-12). At most three statements."""
    messages = messages_of(case, viewer, after, limit=limit)
    lines = AuditLine.objects.filter(
        target_kind="case",
        target_id=case.number,
        at__gt=since,
        code__in=[*SENTENCES, "case.message_written"],
    ).order_by("-pk")[:MOST_LINES_READ]
    others = [
        line
        for line in reversed(lines)
        if line.actor_id != viewer.pk and not line.facts.get("internal")
    ]
    told = dict.fromkeys(line.text for line in all_told(others))
    return News(messages, list(told)[-MOST_SENTENCES:])
