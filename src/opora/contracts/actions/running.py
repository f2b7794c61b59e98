"""Contracts run: suspended and resumed, cancelled, renewed, their Access ID rotated.

`by` None is the operator at the command line. An account may do what it manages (S14.3); the
vendor's agents may do all.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.contracts.actions.change import held_by_manager, record, refuse_cancelled
from opora.contracts.actions.issuing import Issued, last_day
from opora.contracts.actions.ledger import expire_rest, grant_incidents
from opora.contracts.errors import AlreadyRotated, NoAccessId, NotActivated
from opora.contracts.ids import access_id_hash, new_access_id
from opora.contracts.models import Contract
from opora.contracts.queries import terms_of
from opora.contracts.sharing import rotation_mark
from opora.core import outbox
from opora.core.days import today
from opora.core.outbox import Effect


@transaction.atomic
def suspend_contract(*, contract: Contract, by: Account | None, now: datetime) -> Contract:
    """Stop the contract from being used; posts nothing (S13.6). Again changes nothing."""
    contract = held_by_manager(contract, by)
    refuse_cancelled(contract)
    if contract.suspended_at is None:
        contract.suspended_at = now
        contract.save(update_fields=["suspended_at"])
        record("contract.suspended", contract, by=by, now=now)
    return contract


@transaction.atomic
def resume_contract(*, contract: Contract, by: Account | None, now: datetime) -> Contract:
    """Let a suspended contract be used again; its days went on. Again changes nothing."""
    contract = held_by_manager(contract, by)
    refuse_cancelled(contract)
    if contract.suspended_at is not None:
        contract.suspended_at = None
        contract.save(update_fields=["suspended_at"])
        record("contract.resumed", contract, by=by, now=now)
    return contract


@transaction.atomic
def cancel_contract(*, contract: Contract, by: Account | None, now: datetime) -> Contract:
    """End the contract for good; a job posts what is left as expired (S13.6). Again changes
    nothing."""
    contract = held_by_manager(contract, by)
    if contract.cancelled_at is None:
        contract.cancelled_at = now
        contract.save(update_fields=["cancelled_at"])
        key = f"contract:{contract.public_id.hex}"
        outbox.publish(
            Effect("contract.expire", key=key, payload={"contract": contract.pk}), at=now
        )
        record("contract.cancelled", contract, by=by, now=now)
    return contract


@transaction.atomic
def renew_contract(*, contract: Contract, by: Account | None, now: datetime) -> Contract:
    """A new term under the same terms, ids and registrations.

    The old term ends with the renewal, whatever it had left expires, and the new one begins today
    (of a contract that has not started, on its first day), so that the contract can be used at once
    and its days still follow S11.4. Raises NotActivated, ContractIsCancelled, TermOutOfRange.
    """
    contract = held_by_manager(contract, by)
    if contract.starts_on is None:
        raise NotActivated
    refuse_cancelled(contract)
    expire_rest(contract=contract, reason="renewed", by=by, now=now)
    contract.starts_on = max(today(now), contract.starts_on)
    contract.ends_on = last_day(contract.starts_on, terms_of(contract))
    contract.term_number += 1
    contract.save(update_fields=["starts_on", "ends_on", "term_number"])
    grant_incidents(contract=contract, reason="renewed", by=by, now=now)
    record("contract.renewed", contract, by=by, now=now, term=contract.term_number)
    contract.refresh_from_db(fields=["incidents_left", "entry_count"])
    return contract


@transaction.atomic
def rotate_access_id(
    *, contract: Contract, by: Account | None, now: datetime, mark: str | None = None
) -> Issued:
    """A new Access ID: the old pair is dead, registrations stay (S14.3). Shown this once.

    `mark`: the `rotation_mark` of what the caller looked at; a rotation since then is
    AlreadyRotated, so that a form sent twice shows no Access ID that is dead. Raises NotActivated,
    NoAccessId.
    """
    contract = held_by_manager(contract, by)
    if mark is not None and mark != rotation_mark(contract):
        raise AlreadyRotated
    if contract.activated_on is None:
        raise NotActivated
    if not terms_of(contract).has_access_id:
        raise NoAccessId
    access_id = new_access_id()
    contract.access_id_hash = access_id_hash(access_id)
    contract.save(update_fields=["access_id_hash"])
    record("contract.rotated", contract, by=by, now=now)
    return Issued(contract, access_id)
