"""Closing with an outcome, what happens to the incident, and reopening (S13.3, S15.3, S15.4)."""

from __future__ import annotations

from datetime import datetime

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.actions.change import Change, case_key, changing
from opora.cases.errors import (
    CaseIsOpen,
    OutcomeNotAllowed,
    ReopenPeriodOver,
    UnitWasReturned,
)
from opora.cases.models import Case
from opora.contracts.actions import Return, return_incident
from opora.core import outbox
from opora.core.days import today
from opora.core.outbox import Effect


def close_case(
    *,
    case: Case,
    outcome: str,
    by: Account | None,
    now: datetime,
    return_unit: bool = False,
    revision: int | None = None,
) -> Case:
    """Close from any open state. `by` None is the timer of S15.3, which alone closes as `no_reply`.

    `return_unit`: an agent says that the incident of an `out_of_scope` case comes back. Raises
    OutcomeNotAllowed, CaseIsClosed, CaseHasChanged.
    """
    with changing(case, by=by, now=now, revision=revision) as change:
        change.refuse_if_closed()
        close(change, outcome=outcome, return_unit=return_unit)
    return change.case


def reopen_case(*, case: Case, by: Account, now: datetime, revision: int | None = None) -> Case:
    """Open a closed case again, with its owner if still active; takes no incident and needs no
    valid contract.

    Raises CaseIsOpen, ReopenPeriodOver, UnitWasReturned (agents may), CaseHasChanged.
    """
    with changing(case, by=by, now=now, revision=revision) as change:
        row = change.case
        if row.closed_at is None:
            raise CaseIsOpen(number=row.number)
        until = states.last_day_to_reopen(today(row.closed_at))
        if today(now) > until:
            raise ReopenPeriodOver(number=row.number, until=until)
        if row.unit_returned_at is not None and not change.is_agents:
            raise UnitWasReturned(number=row.number)
        if row.owner is not None and not (row.owner.is_active and row.owner.is_agent):
            change.set(owner=None)
        change.go("reopened")
        change.set(closed_at=None, outcome="")
        change.is_activity()
        outbox.cancel(key=case_key(row), kinds=["attachments.erase"], at=now)
        change.record("case.reopened")
    return change.case


def close(change: Change, *, outcome: str, return_unit: bool) -> None:
    """Close a locked, open case."""
    case, by = change.case, change.by
    allowed: tuple[str, ...] = states.CONTACTS_MAY_CLOSE_AS
    if by is None:
        allowed = ("no_reply", case.proposed_outcome)
    elif change.is_agents:
        allowed = states.AGENTS_MAY_CLOSE_AS
    if outcome not in allowed or not outcome:
        raise OutcomeNotAllowed(outcome=outcome, allowed=list(allowed))
    # A proposal that nobody answered is the agent's who made it.
    decided_by_agent = change.is_agents or (by is None and outcome == case.proposed_outcome)
    gives_back = case.unit_returned_at is None and states.returns_unit(
        outcome,
        by_agent=decided_by_agent,
        agent_says_so=return_unit,
        was_ever_owned=case.was_ever_owned,
    )
    change.go("closed")
    change.set(closed_at=change.now, outcome=outcome)
    change.is_activity()
    change.mail_contacts("mail.case_closed")
    change.publish(
        Effect(
            "attachments.erase",
            case_key(case),
            {"case": case.pk},
            run_after=change.now + states.FILES_KEPT,
        )
    )
    returned = _give_back(change, outcome) if gives_back else False
    change.record("case.closed", outcome=outcome, unit_returned=returned or None)


def _give_back(change: Change, outcome: str) -> bool:
    """Post the unit's return; the contract's row is locked from here to the commit."""
    case = change.case
    became = return_incident(
        contract=case.contract,
        case_number=case.number,
        reason=outcome,
        by=change.by,
        now=change.now,
    )
    if not became:
        return False
    change.set(unit_returned_at=change.now)
    if became is Return.LAPSED:
        change.mail_contacts("mail.unit_lapsed")
    return True
