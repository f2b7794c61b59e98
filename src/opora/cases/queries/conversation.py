"""What was said on a case, and what was done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from opora.accounts.models import Account
from opora.cases.models import Attachment, Case, Message
from opora.core.models import AuditLine
from opora.core.paging import LIMIT, Keyset, Page, clamp
from opora.core.prepared import Param, Prepared

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

MESSAGES = Keyset("messages", int)
MOST_LINES = 500
MOST_ROWS = 10**9  # where everything is asked for
MOST_CHANGES = 20


def cursor_after(messages: list[Message], before: str | None = None) -> str:
    """The cursor of what will be written after these; after `before` if there are none yet."""
    return MESSAGES.write((messages[-1].pk,)) if messages else before or MESSAGES.write((0,))


def messages_of(
    case: Case, viewer: Account, after: str | None = None, limit: int | None = LIMIT
) -> Page[Message]:
    """What was written on a case, oldest first, with authors; notes for agents only (AC-12).

    `limit` None: everything. One statement.
    """
    key = MESSAGES.read(after)
    kept = MOST_ROWS if limit is None else clamp(limit)
    rows = (_EVERYTHING if viewer.is_agent else _MESSAGES).rows(
        case=case.pk, after=key[0] if key else 0, limit=kept + 1
    )
    return MESSAGES.page(rows, kept, lambda message: (message.pk,))


def _after(rows: QuerySet[Message]) -> QuerySet[Message]:
    return (
        rows.filter(case=Param("case", BigIntegerField()), pk__gt=Param("after", BigIntegerField()))
        .select_related("author__person")
        .order_by("pk")
    )


_EVERYTHING: Prepared[Message] = Prepared(lambda: _after(Message.objects.all()), limited=True)
_MESSAGES: Prepared[Message] = Prepared(
    lambda: _after(Message.objects.filter(kind=Message.Kind.MESSAGE)), limited=True
)


def files_of_no_message(
    case: Case, first_page: Page[Message], files: Sequence[Attachment]
) -> list[Attachment]:
    """Those of a case's files that came with its description, or beside all messages. No statement
    while the conversation fits into its first page."""
    told = {file_id for message in first_page.items for file_id in message.attachments}
    if first_page.next is not None:
        rows = Message.objects.filter(case=case).exclude(attachments=[])
        told.update(*rows.values_list("attachments", flat=True))
    return [file for file in files if file.public_id.hex not in told]


@dataclass(frozen=True)
class HistoryLine:
    """One deed, told in the reader's language: "Dana Dvořáková took the request."."""

    at: datetime
    code: str
    text: str


# What a deed on a case is called. Messages and notes are missing: the conversation tells them.
SENTENCES: dict[str, StrPromise] = {
    "case.opened": gettext_lazy("%(who)s submitted the request."),
    "case.assigned": gettext_lazy("%(who)s assigned the request to %(to)s."),
    "case.taken": gettext_lazy("%(who)s took the request."),
    "case.released": gettext_lazy("%(who)s gave the request back to the queue."),
    "case.outcome_proposed": gettext_lazy("%(who)s proposed to close the request: %(outcome)s."),
    "case.third_party_named": gettext_lazy("%(who)s is waiting for a third party."),
    "case.third_party_done": gettext_lazy("%(who)s is no longer waiting for a third party."),
    "case.severity_changed": gettext_lazy(
        "%(who)s changed the severity from %(before)s to %(after)s."
    ),
    "case.contact_added": gettext_lazy("%(who)s added a contact."),
    "case.contact_removed": gettext_lazy("%(who)s removed a contact."),
    "case.contact_left": gettext_lazy("%(who)s left the request."),
    "case.primary_replaced": gettext_lazy("%(who)s named another primary contact."),
    "case.group_named": gettext_lazy("%(who)s shared the request with a group."),
    "case.group_taken_away": gettext_lazy("%(who)s ended sharing the request with a group."),
    "case.file_added": gettext_lazy("%(who)s added a file."),
    "case.files_erased": gettext_lazy("The files of the request were erased."),
    "case.reminded": gettext_lazy("The contacts were reminded."),
    "case.closed": gettext_lazy("%(who)s closed the request: %(outcome)s."),
    "case.closed_by_itself": gettext_lazy("The request closed by itself: %(outcome)s."),
    "case.unit_returned": gettext_lazy(
        "%(who)s closed the request: %(outcome)s. The incident was given back."
    ),
    "case.reopened": gettext_lazy("%(who)s reopened the request."),
    "case.rated": gettext_lazy("%(who)s said how satisfied they are."),
}


# What the conversation tells of itself, for those who were looking at an older one.
WRITTEN: dict[str, StrPromise] = {
    "case.message_written": gettext_lazy("%(who)s wrote a message."),
    "case.note_written": gettext_lazy("%(who)s wrote a note."),
}


def history_of(case: Case, viewer: Account) -> list[HistoryLine]:
    """What was done to a case, oldest first, at most 500 lines; nothing of notes (AC-12).

    Two statements, however many lines.
    """
    lines = [
        line
        for line in AuditLine.objects.filter(
            target_kind="case", target_id=case.number, code__in=list(SENTENCES)
        ).order_by("pk")[:MOST_LINES]
        if viewer.is_agent or not line.facts.get("internal")
    ]
    return all_told(lines)


def changes_since(case: Case, revision: int, viewer: Account) -> list[HistoryLine]:
    """What was done to a case after somebody looked at its `revision`, oldest first (F-32): each
    deed is one line of the audit and one revision. At most 20; two statements."""
    count = min(max(case.revision - revision, 0), MOST_CHANGES)
    codes = [*SENTENCES, *WRITTEN] if viewer.is_agent else list(SENTENCES)
    lines = AuditLine.objects.filter(
        target_kind="case", target_id=case.number, code__in=codes
    ).order_by("-pk")[:count]
    return all_told(list(reversed(lines)))


def all_told(lines: list[AuditLine]) -> list[HistoryLine]:
    """Lines of the audit as sentences. One statement, none without lines."""
    if not lines:
        return []
    actors = {line.actor_id for line in lines} | {line.facts.get("to") for line in lines}
    known = Account.objects.filter(pk__in={key for key in actors if key is not None})
    names = {account.pk: account.full_name for account in known}
    return [_told(line, names) for line in lines]


def _told(line: AuditLine, names: Mapping[int, str]) -> HistoryLine:
    facts: dict[str, Any] = line.facts
    code = _kind_of(line)
    words = {
        "who": names.get(line.actor_id or 0) or _("Somebody"),
        "to": names.get(facts.get("to") or 0) or _("somebody"),
        "before": facts.get("before", ""),
        "after": facts.get("after", ""),
        "outcome": outcome_name(facts["outcome"]) if "outcome" in facts else "",
    }
    return HistoryLine(at=line.at, code=line.code, text=str((SENTENCES | WRITTEN)[code]) % words)


def _kind_of(line: AuditLine) -> str:
    """Which sentence fits, where one code has several."""
    if line.code == "case.assigned" and line.facts.get("to") == line.actor_id:
        return "case.taken"
    if line.code == "case.contact_removed" and line.facts.get("themself"):
        return "case.contact_left"
    if line.code == "case.closed" and line.actor_id is None:
        return "case.closed_by_itself"
    if line.code == "case.closed" and line.facts.get("unit_returned"):
        return "case.unit_returned"
    return line.code


def outcome_name(outcome: str) -> str:
    """An outcome inside a sentence, after a colon."""
    return {
        "solved": _("the problem is solved"),
        "workaround": _("there is a workaround"),
        "product_defect": _("it is a defect of the product"),
        "duplicate": _("it is a duplicate of another request"),
        "out_of_scope": _("it is outside of what support covers"),
        "withdrawn": _("it was withdrawn"),
        "no_reply": _("no reply came"),
    }[outcome]
