"""What pages of a case show of its conversation, at both doors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opora.cases.models import Attachment, Case, Message
from opora.cases.queries import files_of_no_message
from opora.core.paging import Page

MESSAGES_A_PAGE = 100


def conversation_on(
    case: Case, messages: Page[Message], files: Sequence[Attachment], *, is_first: bool = True
) -> dict[str, Any]:
    """For `messages_list`: `is_first` is the page that begins with the description, under which
    `first_files` stand; `files` by public id, as messages name theirs."""
    return {
        "messages": messages.items,
        "later": messages.next,
        "is_first": is_first,
        "files": {file.public_id.hex: file for file in files},
        "first_files": files_of_no_message(case, messages, files) if is_first else [],
    }
