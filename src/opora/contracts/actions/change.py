"""What deeds on a contract share: its row is held, whoever acts may, and a line is written."""

from __future__ import annotations

from datetime import datetime

from opora.accounts.models import Account
from opora.contracts.errors import ContractIsCancelled
from opora.contracts.models import Contract
from opora.contracts.queries import manages
from opora.core import audit
from opora.core.errors import NotFound


def held(contract_pk: int) -> Contract:
    """The contract as it is now, with its plan, locked to the end of the transaction."""
    return Contract.objects.locked().select_related("plan_version__plan").get(pk=contract_pk)


def held_by_manager(contract: Contract, by: Account | None) -> Contract:
    """The same for somebody who may act on it (S14.3); else NotFound. None: the operator."""
    now_held = held(contract.pk)
    if by is not None and not manages(by, now_held):
        raise NotFound
    return now_held


def refuse_cancelled(contract: Contract) -> None:
    """Raises ContractIsCancelled if it is."""
    if contract.cancelled_at is not None:
        raise ContractIsCancelled


def record(
    code: str, contract: Contract, *, by: Account | None, now: datetime, **facts: object
) -> None:
    """The audit line of a deed on the contract; `by` None is the operator, or Opora itself."""
    audit.record(
        code,
        target=("contract", contract.public_id.hex),
        by=by.pk if by else None,
        at=now,
        **facts,
    )
