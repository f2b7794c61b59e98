"""Support requests: drafts, cases, contacts and readers, messages, attachments.

Everything of a case hangs on its case key; nothing points to a message, so that messages can be
partitioned by time. The outside knows a case by its number.
"""

from opora.cases.models.cases import (
    IS_ANSWERED,
    IS_UNREAD,
    Case,
    CaseContact,
    CaseQuerySet,
    CaseReader,
    ContactBinding,
    Severity,
)
from opora.cases.models.queues import Queue, QueueMember
from opora.cases.models.ratings import Rating
from opora.cases.models.writing import Attachment, Draft, Message, SearchRow

__all__ = [
    "IS_ANSWERED",
    "IS_UNREAD",
    "Attachment",
    "Case",
    "CaseContact",
    "CaseQuerySet",
    "CaseReader",
    "ContactBinding",
    "Draft",
    "Message",
    "Queue",
    "QueueMember",
    "Rating",
    "SearchRow",
    "Severity",
]
