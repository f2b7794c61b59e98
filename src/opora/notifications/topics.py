"""What mails are about, and which of them one may switch off. Pure.

A switch stands only where going without does no harm. Without the mails on a request that one
leads, a question would wait unread until the request closes; without those that protect an account,
nobody would notice a thief. S6.9 says who is written to; a switch only ever takes away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True)
class Topic:
    """A sort of mail. `code` "": it cannot be switched off. `when` says when it comes, or why it
    cannot be switched off."""

    title: StrPromise
    when: StrPromise
    code: str = ""


@dataclass(frozen=True)
class Group:
    """Topics that one gets for one reason. `is_for_agents`: agents get them too."""

    title: StrPromise
    topics: tuple[Topic, ...]
    is_for_agents: bool = False


SHARED_MESSAGES = "shared.messages"
SHARED_REMINDERS = "shared.reminders"
SHARED_CLOSINGS = "shared.closings"
CONTRACT_ENDS = "contract.ends"
CONTRACT_LOW = "contract.low"

GROUPS = (
    Group(
        _("Requests that you lead as the primary contact"),
        (
            Topic(
                _("The receipt, with the number and a summary"),
                _("When a request is submitted. It proves that we have it."),
            ),
            Topic(
                _("What agents write, reminders, closing"),
                _("An unread question would close the request after seven days."),
            ),
        ),
    ),
    Group(
        _("Requests that others share with you"),
        (
            Topic(
                _("That you were added"),
                _("Once a request, with a link and nothing of what it says."),
            ),
            Topic(
                _("What agents write"),
                _("Answers, questions and proposed solutions."),
                SHARED_MESSAGES,
            ),
            Topic(
                _("Reminders"),
                _("When a request has waited for an answer for three and for five days."),
                SHARED_REMINDERS,
            ),
            Topic(
                _("Closing"),
                _("How the request ended, and until when its files can be fetched."),
                SHARED_CLOSINGS,
            ),
            Topic(
                _("That an incident could not be given back"),
                _("It happens rarely, and concerns what was paid for."),
            ),
        ),
    ),
    Group(
        _("Contracts that you added or manage"),
        (
            Topic(
                _("A contract ends soon"),
                _("60, 30 and 7 days before its last day, while incidents are left."),
                CONTRACT_ENDS,
            ),
            Topic(_("One incident is left"), _("Once a term."), CONTRACT_LOW),
            Topic(
                _("Another account added the contract"),
                _("It may be somebody who should not draw on it."),
            ),
        ),
    ),
    Group(
        _("Support that you buy"),
        (
            Topic(
                _("How to pay, receipts, credit notes"),
                _("They prove what was paid and what went back."),
            ),
        ),
    ),
    Group(
        _("Your account"),
        (
            Topic(
                _("Links that you asked for, and changes of how you sign in"),
                _("Without them you would not notice that somebody else changed something."),
            ),
        ),
        is_for_agents=True,
    ),
)
CHOICES = frozenset(topic.code for group in GROUPS for topic in group.topics if topic.code)

_OF_SHARED_CASES = {
    "mail.case_message": SHARED_MESSAGES,
    "mail.case_resolved": SHARED_MESSAGES,
    "mail.case_reminder": SHARED_REMINDERS,
    "mail.case_closed": SHARED_CLOSINGS,
}
_OF_CONTRACTS = {"mail.contract_ending": CONTRACT_ENDS, "mail.incidents_low": CONTRACT_LOW}


def of_case_mail(kind: str, *, is_primary: bool) -> str:
    """The switch of a mail on a case, "" if it has none. The primary contact's have none."""
    return "" if is_primary else _OF_SHARED_CASES.get(kind, "")


def of_contract_mail(kind: str) -> str:
    """The switch of a mail on a contract, "" if it has none."""
    return _OF_CONTRACTS.get(kind, "")
