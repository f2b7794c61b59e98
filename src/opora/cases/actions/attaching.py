"""A file put on an open case by itself, without a message (S8.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from opora.accounts.models import Account
from opora.cases.actions.change import changing
from opora.cases.actions.messages import bind_uploads
from opora.cases.errors import CaseIsClosed
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Case


def attach_file(
    *, case: Case, chunks: Iterable[bytes], name: str, by: Account, now: datetime
) -> Attachment:
    """Store a file and put it on the case. The bytes are read before anything is locked.

    Raises CaseIsClosed, FileTooLarge, EmptyFile, NotFound for whoever may not see the case any more.
    """
    if not case.is_open:
        raise CaseIsClosed(number=case.number)
    file = receive_file(account=by, chunks=chunks, name=name, now=now)
    with changing(case, by=by, now=now) as change:
        change.refuse_if_closed()
        bind_uploads(change.case, [file.pk], by=by, now=now)
        change.is_activity()
        change.record("case.file_added", attachment=file.public_id.hex)
    return file
