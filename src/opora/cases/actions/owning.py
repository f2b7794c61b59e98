"""Who works on a case: taking, assigning, releasing, waiting for a third party (S15.1, S15.2)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.actions.change import Change, changing
from opora.cases.errors import CaseHasNoOwner, CaseHasOwner, NotAllowed
from opora.cases.models import Case, Queue
from opora.cases.texts import one_line
from opora.core.errors import InvalidInput

LONGEST_REASON = 500


def take_case(*, case: Case, by: Account, now: datetime, revision: int | None = None) -> Case:
    """The agent owns a case that nobody owns; asking twice is fine. Raises CaseHasOwner,
    CaseIsClosed, CaseHasChanged, NotAllowed."""
    with changing(case, by=by, now=now, revision=revision) as change:
        if not change.is_agents:
            raise NotAllowed
        change.refuse_if_closed()
        owner = change.case.owner_id
        if owner is not None and owner != by.pk:
            raise CaseHasOwner(number=change.case.number)
        if owner is None:
            _give(change, by)
    return change.case


def assign_case(
    *, case: Case, to: Account, by: Account, now: datetime, revision: int | None = None
) -> Case:
    """An agent gives the case to an agent who sees its queue (AC-06). Raises as `take_case`, and
    InvalidInput on `to`."""
    with changing(case, by=by, now=now, revision=revision) as change:
        if not change.is_agents:
            raise NotAllowed
        change.refuse_if_closed()
        if not (
            to.is_agent
            and to.is_active
            and Queue.objects.seen_by(to).filter(pk=change.case.queue_id).exists()
        ):
            raise InvalidInput.on("to", _("Choose an agent who sees this queue."))
        if change.case.owner_id != to.pk:
            _give(change, to)
    return change.case


def release_case(*, case: Case, by: Account, now: datetime, revision: int | None = None) -> Case:
    """The case goes back to its queue, for anybody to take. Raises CaseHasNoOwner, CaseIsClosed,
    CaseHasChanged, NotAllowed."""
    with changing(case, by=by, now=now, revision=revision) as change:
        if not change.is_agents:
            raise NotAllowed
        change.refuse_if_closed()
        if change.case.owner_id is None:
            raise CaseHasNoOwner(number=change.case.number)
        change.go("released")
        change.set(owner=None)
        change.record("case.released")
    return change.case


def set_third_party(
    *, case: Case, reason: str, by: Account, now: datetime, revision: int | None = None
) -> Case:
    """It is a third party's turn, for that reason; an empty one gives the turn back to the vendor.

    Raises CaseIsClosed, CaseHasChanged, NotAllowed; InvalidInput on `reason` if it is too long or
    if it is the customer's turn.
    """
    reason = one_line(reason)
    if len(reason) > LONGEST_REASON:
        raise InvalidInput.on("reason", _("Shorten the reason to 500 characters."))
    with changing(case, by=by, now=now, revision=revision) as change:
        if not change.is_agents:
            raise NotAllowed
        change.refuse_if_closed()
        if change.case.status not in states.WITH_VENDOR:
            raise InvalidInput.on("reason", _("It is the customer’s turn at the moment."))
        if change.case.third_party_reason != reason:
            change.set(third_party_reason=reason)
            change.record("case.third_party_named" if reason else "case.third_party_done")
    return change.case


def _give(change: Change, to: Account) -> None:
    change.go("assigned")
    change.own(to)
    change.record("case.assigned", to=to.pk)
