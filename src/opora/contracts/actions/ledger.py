"""Deeds of the incident ledger (S13): each changes a balance and writes the entry that says why.

All of them go through `_post`: one conditional update that decides, locks and counts, then the
entry. Nothing else in Opora writes a balance or an entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection, transaction

from opora.accounts.models import Account
from opora.contracts.actions.change import held, record
from opora.contracts.eligibility import Question, decide
from opora.contracts.errors import BalanceTooLow, ContractNotRegistered, NotActivated, NotEligible
from opora.contracts.models import Contract, IncidentEntry, Registration
from opora.contracts.queries import standing_of, terms_of
from opora.core import outbox, prepared
from opora.core.days import today
from opora.core.outbox import Effect
from opora.core.prepared import insert

Kind = IncidentEntry.Kind
ATTEMPTS = 5  # of a draw that loses to units coming back and going again

_CHANGE = (
    "UPDATE contracts_contract SET incidents_left = incidents_left + %s,"
    " entry_count = entry_count + 1 WHERE id = %s AND incidents_left + %s >= 0"
)
# What the update repeats of eligibility, so that no instant lies between the question and the draw.
_USABLE_BY = (
    " AND activated_on IS NOT NULL AND starts_on <= %s AND ends_on >= %s"
    " AND suspended_at IS NULL AND cancelled_at IS NULL"
    " AND EXISTS (SELECT 1 FROM contracts_registration r"
    " WHERE r.contract_id = contracts_contract.id AND r.account_id = %s AND r.ended_at IS NULL)"
)


class Return(Enum):
    """What became of a unit that was to come back; true if it did."""

    NOTHING = "nothing"  # never drawn from this contract, or back already
    RETURNED = "returned"
    LAPSED = "lapsed"  # returned, and at once expired: the contract is over (S13.6)

    def __bool__(self) -> bool:
        return self is not Return.NOTHING


def consume_incident(
    *, contract_pk: int, case_number: str, by: Account, now: datetime
) -> IncidentEntry:
    """Take one incident for a case, the last thing its transaction does (S13.2).

    One statement decides and locks. Raises ContractNotRegistered, or NotEligible with every reason
    of the moment; the caller's transaction rolls back.
    """
    # Inside the caller's transaction no savepoint of its own: the row is locked from the update to
    # the commit, and everybody who shares the contract waits for each statement in between.
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        for _attempt in range(ATTEMPTS):
            entry = _draw(contract_pk=contract_pk, case_number=case_number, by=by, now=now)
            if entry is not None:
                return entry
            _refuse_draw(contract_pk, by=by, now=now)
            # Refused a moment ago, usable now (a unit came back in between): once more.
    raise RuntimeError(f"contract {contract_pk} is usable, yet nothing could be drawn")


@transaction.atomic
def return_incident(
    *, contract: Contract, case_number: str, reason: str, by: Account | None, now: datetime
) -> Return:
    """Give back the unit that a case drew, at most once in its life (S13.3); again does nothing.

    On a contract that is over the unit expires at once. `reason` is a code.
    """
    contract = held(contract.pk)
    entries = IncidentEntry.objects.filter(contract=contract, case_number=case_number)
    kinds = set(entries.values_list("kind", flat=True))
    if Kind.CONSUMED not in kinds or Kind.RETURNED in kinds:
        return Return.NOTHING
    _post_certainly(
        contract_pk=contract.pk,
        kind=Kind.RETURNED,
        quantity=1,
        reason=reason,
        case_number=case_number,
        by=by,
        now=now,
    )
    if not standing_of(contract).is_over(today(now)):
        return Return.RETURNED
    _post_certainly(
        contract_pk=contract.pk,
        kind=Kind.EXPIRED,
        quantity=-1,
        reason="returned_after_end",
        case_number=case_number,
        by=None,
        now=now,
    )
    return Return.LAPSED


@transaction.atomic
def adjust_incidents(
    *, contract: Contract, quantity: int, reason: str, by: Account | None, now: datetime
) -> IncidentEntry:
    """Add or take incidents by an agent's decision (S13.1). `reason` is a code.

    Raises BalanceTooLow, NotActivated; ValueError for nothing.
    """
    if quantity == 0:
        raise ValueError("an adjustment of nothing")
    contract = held(contract.pk)
    if contract.activated_on is None:
        raise NotActivated
    entry = _post(
        contract_pk=contract.pk,
        kind=Kind.ADJUSTED,
        quantity=quantity,
        reason=reason,
        by=by,
        now=now,
    )
    if entry is None:
        raise BalanceTooLow(incidents_left=contract.incidents_left)
    record("contract.adjusted", contract, by=by, now=now, quantity=quantity, reason=reason)
    return entry


@transaction.atomic
def expire_contract(*, contract_pk: int, now: datetime) -> IncidentEntry | None:
    """Post what is left of a contract that is over as expired (S13.6); None if nothing is to be.

    Safe to repeat. Opora's own deed: the entry has no actor.
    """
    contract = held(contract_pk)
    if contract.incidents_left == 0 or not standing_of(contract).is_over(today(now)):
        return None
    return expire_rest(
        contract=contract, reason="cancelled" if contract.cancelled_at else "term_ended", now=now
    )


# --- For the deeds on contracts, inside their transactions --------------------------------------
def grant_incidents(
    *, contract: Contract, reason: str, by: Account | None, now: datetime
) -> IncidentEntry:
    """Post the current term's `incidents_granted`, at activation ("activated", "bought") or
    renewal."""
    return _post_certainly(
        contract_pk=contract.pk,
        kind=Kind.GRANTED,
        quantity=contract.incidents_granted,
        reason=reason,
        by=by,
        now=now,
    )


def expire_rest(
    *, contract: Contract, reason: str, now: datetime, by: Account | None = None
) -> IncidentEntry | None:
    """Post all that is left on a locked contract as expired; None if nothing is."""
    if contract.incidents_left == 0:
        return None
    return _post_certainly(
        contract_pk=contract.pk,
        kind=Kind.EXPIRED,
        quantity=-contract.incidents_left,
        reason=reason,
        by=by,
        now=now,
    )


def _draw(
    *, contract_pk: int, case_number: str, by: Account, now: datetime
) -> IncidentEntry | None:
    day = connection.ops.adapt_datefield_value(today(now))
    return _post(
        contract_pk=contract_pk,
        kind=Kind.CONSUMED,
        quantity=-1,
        reason="case_opened",
        case_number=case_number,
        by=by,
        now=now,
        only_if=_USABLE_BY,
        only_if_values=(day, day, by.pk),
    )


def _refuse_draw(contract_pk: int, *, by: Account, now: datetime) -> None:
    """Say why nothing was drawn, if it still holds."""
    live = Registration.objects.filter(contract=contract_pk, account=by, ended_at__isnull=True)
    if not live.exists():
        raise ContractNotRegistered
    contract = Contract.objects.select_related("plan_version__plan").get(pk=contract_pk)
    decision = decide(terms_of(contract), standing_of(contract), Question(on=today(now)))
    if not decision.usable:
        raise NotEligible.by(decision)


def _post_certainly(
    *,
    contract_pk: int,
    kind: IncidentEntry.Kind,
    quantity: int,
    reason: str,
    by: Account | None,
    now: datetime,
    case_number: str | None = None,
) -> IncidentEntry:
    """Post on a contract whose row the transaction has locked: nothing can have come between."""
    entry = _post(
        contract_pk=contract_pk,
        kind=kind,
        quantity=quantity,
        reason=reason,
        case_number=case_number,
        by=by,
        now=now,
    )
    if entry is None:
        raise RuntimeError(f"contract {contract_pk} refused {kind} {quantity}")
    return entry


def _post(
    *,
    contract_pk: int,
    kind: IncidentEntry.Kind,
    quantity: int,
    reason: str,
    by: Account | None,
    now: datetime,
    case_number: str | None = None,
    only_if: str = "",
    only_if_values: Sequence[Any] = (),
) -> IncidentEntry | None:
    """Change the balance if it stays above zero and `only_if` holds, then write the entry.

    None if the contract refused: no row was changed. `only_if` is SQL of this module over
    contracts_contract. Must run in a transaction.
    """
    values = [quantity, contract_pk, quantity, *only_if_values]
    with prepared.cursor() as cursor:
        cursor.execute(
            " ".join([_CHANGE, only_if, "RETURNING incidents_left, entry_count"]),
            values,
        )
        row = cursor.fetchone()
    if row is None:
        return None
    balance, sequence = row
    if quantity < 0 and balance == 1:
        low = Effect("contract.incidents_low", payload={"contract": contract_pk})
        outbox.publish(low, at=now)
    return insert(
        IncidentEntry(
            contract_id=contract_pk,
            sequence=sequence,
            kind=kind,
            quantity=quantity,
            balance_after=balance,
            reason=reason,
            case_number=case_number,
            actor_id=by.pk if by else None,
            at=now,
        )
    )
