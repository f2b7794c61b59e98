"""Writing on a case: messages, questions and notes (S15.1, S8.2, AC-12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases import search
from opora.cases.actions.change import Change, changing
from opora.cases.errors import NotAllowed, OutcomeNotAllowed
from opora.cases.files import LOOSE_FOR, receive_file, remove_upload
from opora.cases.models import Attachment, Case, Message
from opora.cases.states import AGENTS_MAY_CLOSE_AS
from opora.cases.texts import LONGEST_TEXT, block
from opora.core.errors import InvalidInput, Refusal
from opora.core.prepared import insert


def write_message(
    *,
    case: Case,
    body: str,
    attachments: Sequence[Attachment] = (),
    by: Account,
    now: datetime,
    asks: bool = False,
    is_note: bool = False,
    revision: int | None = None,
) -> Message:
    """Add a message, or an agents' note, and move the case along S15.1.

    `attachments` are loose uploads of `by` under 24 hours old, or files `by` put on the case
    already. An agent's first message to a case that nobody owns takes it. Raises CaseIsClosed
    (notes may still be written), CaseHasChanged, NotAllowed, InvalidInput on body or attachments.
    """
    body = _checked(body, may_be_empty=bool(attachments))
    with changing(case, by=by, now=now, revision=revision) as change:
        if (is_note or asks) and not change.is_agents:
            raise NotAllowed
        message = _add(change, by, body, attachments, asks=asks, is_note=is_note)
        if is_note:
            change.record("case.note_written", message=message.public_id.hex)
            return message
        if change.is_agents:
            _respond(change, by)
            change.go("agent_asked" if asks else "agent_wrote")
            change.mail_contacts("mail.case_message", message=message.pk)
        else:
            change.go("contact_wrote")
        change.is_activity()
        change.record(
            "case.message_written",
            message=message.public_id.hex,
            side=message.side,
            asks=asks or None,
        )
    return message


def attach_file(
    *,
    case: Case,
    chunks: Iterable[bytes],
    name: str,
    by: Account,
    now: datetime,
    is_internal: bool = False,
) -> Attachment:
    """Put a file on an open case; `is_internal`: an agent's, for agents only.

    It is stored before the case is looked at: what cannot go on the case is removed again. Raises
    CaseIsClosed, NotAllowed, NotFound, FileTooLarge, EmptyFile.
    """
    upload = receive_file(account=by, chunks=chunks, name=name, now=now)
    try:
        with changing(case, by=by, now=now) as change:
            if is_internal and not change.is_agents:
                raise NotAllowed
            change.refuse_if_closed()
            bind_uploads(change.case, [upload], by=by, now=now, is_internal=is_internal)
            if not is_internal:
                change.is_activity()
            change.record(
                "case.file_added",
                attachment=upload.public_id.hex,
                internal=is_internal or None,
            )
    except Refusal:
        remove_upload(attachment=upload, now=now)
        raise
    upload.refresh_from_db()
    return upload


def propose_outcome(
    *,
    case: Case,
    outcome: str,
    body: str,
    by: Account,
    now: datetime,
    attachments: Sequence[Attachment] = (),
    revision: int | None = None,
) -> Message:
    """An agent's message that proposes how the case ends; it closes so unless a contact answers
    (S15.3). Raises NotAllowed, OutcomeNotAllowed, CaseIsClosed, CaseHasChanged, InvalidInput."""
    body = _checked(body, may_be_empty=False)
    with changing(case, by=by, now=now, revision=revision) as change:
        if not change.is_agents:
            raise NotAllowed
        if outcome not in AGENTS_MAY_CLOSE_AS:
            raise OutcomeNotAllowed(outcome=outcome, allowed=list(AGENTS_MAY_CLOSE_AS))
        change.refuse_if_closed()
        message = _add(change, by, body, attachments, asks=False, is_note=False)
        _respond(change, by)
        change.go("outcome_proposed")
        change.set(proposed_outcome=outcome)
        change.is_activity()
        change.mail_contacts("mail.case_resolved", message=message.pk)
        change.record("case.outcome_proposed", message=message.public_id.hex, outcome=outcome)
    return message


def _checked(body: str, *, may_be_empty: bool) -> str:
    body = block(body)
    if not body and not may_be_empty:
        raise InvalidInput.on("body", _("Write a message."))
    if len(body) > LONGEST_TEXT:
        raise InvalidInput.on(
            "body", _("Shorten the text to 100,000 characters, or attach it as a file.")
        )
    return body


def _respond(change: Change, by: Account) -> None:
    """The first response, and an owner for a case that has none."""
    if change.case.owner_id is None:
        change.own(by)
    if change.case.first_responded_at is None:
        change.set(first_responded_at=change.now)


def _add(
    change: Change,
    by: Account,
    body: str,
    attachments: Sequence[Attachment],
    *,
    asks: bool,
    is_note: bool,
) -> Message:
    case = change.case
    if not is_note:
        change.refuse_if_closed()
    bind_uploads(case, attachments, by=by, now=change.now, is_internal=is_note)
    message = insert(
        Message(
            case=case,
            kind=Message.Kind.NOTE if is_note else Message.Kind.MESSAGE,
            side=Message.Side.AGENT if change.is_agents else Message.Side.CUSTOMER,
            author=by,
            asks=asks,
            body=body,
            attachments=[a.public_id.hex for a in attachments],
            at=change.now,
        )
    )
    if body:
        search.index(case_pk=case.pk, text=body, at=change.now, is_internal=is_note)
    return message


def bind_uploads(
    case: Case,
    uploads: Sequence[Attachment],
    *,
    by: Account,
    now: datetime,
    is_internal: bool = False,
) -> None:
    """Make uploads of `by` the case's files, all or none; InvalidInput for any other (AC-04).

    Loose ones under 24 hours old, those of the draft that the case was, and what `by` put on this
    very case a moment ago. Their instant becomes `now`: since then they are on the case.
    """
    if not uploads:
        return
    mine = Attachment.objects.filter(pk__in=[upload.pk for upload in uploads], uploaded_by=by)
    loose = Q(draft__isnull=True, at__gt=now - LOOSE_FOR) | Q(draft__case=case)
    bound = mine.filter(loose, case__isnull=True).update(case=case, is_internal=is_internal, at=now)
    if bound < len(uploads):
        bound = mine.filter(case=case, is_internal=is_internal).count()
    if bound != len(uploads):
        raise InvalidInput.on("attachments", _("Upload the file again: it is not there any more."))
