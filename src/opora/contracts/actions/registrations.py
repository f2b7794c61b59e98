"""Deeds between accounts and contracts: registered, ended, revoked, lifted (S2.3–S2.5, S14)."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.contracts.actions.change import record
from opora.contracts.eligibility import Question, decide
from opora.contracts.errors import (
    ContractAlreadyRegistered,
    ContractNotFound,
    ContractNotRegistered,
    reasons_as_json,
)
from opora.contracts.ids import matching_hash, read_contract_id, typed_contract_key
from opora.contracts.models import Contract, Registration
from opora.contracts.queries import (
    manages,
    people_to_warn,
    standing_of,
    status_of,
    terms_of,
)
from opora.core import audit, outbox, throttle
from opora.core.days import today
from opora.core.errors import NotFound, Refusal, TriedTooOften
from opora.core.outbox import Effect

WRONG_TRIES = 10  # an hour, per account, per network and per contract (EN-02)
IPV4_PREFIX = 24
IPV6_PREFIX = 56

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Keys:
    """What wrong tries are counted under. The contract is the one typed, whether it exists or
    not."""

    account: str
    network: str
    contract: str

    @property
    def all(self) -> tuple[str, ...]:
        return (self.account, self.network, self.contract)


def register_contract(
    *, account: Account, access_id: str, contract_id: str, network: str, now: datetime
) -> Registration:
    """Associate the contract that both ids name with the account (S2.3), whatever its condition.

    `network`: the caller's address. One path and one answer for unknown ids, wrong pairs and
    revoked accounts: ContractNotFound, which counts. ContractAlreadyRegistered for a right pair
    again, TriedTooOften where too many wrong tries came before, then without a look at the pair. A
    refusal keeps what it counted: a transaction around this deed has to be committed
    (`keeps_effects`).
    """
    number = read_contract_id(contract_id)
    keys = _Keys(
        account=account_key(account),
        network=f"register:network:{network_prefix(network)}",
        contract=f"register:contract:{typed_contract_key(contract_id)}",
    )
    with transaction.atomic():
        answer = _judge(account, number, access_id, keys, now=now)
    if isinstance(answer, Refusal):
        raise answer
    return answer


@transaction.atomic
def end_registration(
    *, account: Account, contract: Contract, by: Account, now: datetime
) -> Registration:
    """Take the contract off the account (S2.5), by the account itself or by a manager. Open cases
    go on. Raises ContractNotRegistered."""
    if by.pk != account.pk and not manages(by, contract):
        raise NotFound
    found = _live(account, contract)
    if found is None:
        raise ContractNotRegistered
    found.ended_at = now
    found.save(update_fields=["ended_at"])
    record("registration.ended", contract, by=by, now=now, account=account.pk)
    return found


@transaction.atomic
def revoke_registration(
    *, account: Account, contract: Contract, by: Account, now: datetime
) -> Registration:
    """End another account's registration so that its pair opens nothing for it (S14.3), until a
    manager lifts that. Again changes nothing. Raises ContractNotRegistered."""
    if not manages(by, contract):
        raise NotFound
    found = registration_of(account, contract)
    if found is None:
        raise ContractNotRegistered
    if found.revoked_at is None:
        found.revoked_at = now
        found.ended_at = found.ended_at or now
        found.save(update_fields=["revoked_at", "ended_at"])
        record("registration.revoked", contract, by=by, now=now, account=account.pk)
    return found


@transaction.atomic
def lift_revocation(
    *, account: Account, contract: Contract, by: Account, now: datetime
) -> Registration:
    """Let a revoked account add the contract again; it is not registered by this. Again changes
    nothing. Raises ContractNotRegistered."""
    if not manages(by, contract):
        raise NotFound
    found = registration_of(account, contract)
    if found is None:
        raise ContractNotRegistered
    if found.revoked_at is not None:
        found.revoked_at = None
        found.save(update_fields=["revoked_at"])
        record("registration.lifted", contract, by=by, now=now, account=account.pk)
    return found


def account_key(account: Account) -> str:
    """What wrong tries of an account are counted under, and one by one its tries at once."""
    return f"register:account:{account.pk}"


def network_prefix(address: str) -> str:
    """The network that wrong tries are counted for: /24 of IPv4, /56 of IPv6; text that is no
    address counts as it stands."""
    try:
        parsed = ipaddress.ip_address(address.strip().split("%")[0])
    except ValueError:
        return address.strip()[:60]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, IPV4_PREFIX), strict=False))


# --- Pieces ---------------------------------------------------------------------------------------
def _judge(
    account: Account, number: str, access_id: str, keys: _Keys, *, now: datetime
) -> Registration | Refusal:
    """The registration, or the refusal to raise once the count is committed.

    The keys are held to the end of the transaction, so that of tries at once each sees what the
    ones before it counted. Up to the verdict every try costs the same statements and hashes
    (EN-04).
    """
    throttle.hold(keys.all)
    contract = (
        Contract.objects.select_related("plan_version__plan").filter(contract_id=number).first()
    )
    # Locked, so that nobody revokes it between this look and the registration.
    earlier = (
        Registration.objects.locked().filter(contract__contract_id=number, account=account).first()
    )
    is_revoked = earlier is not None and earlier.revoked_at is not None
    # Whoever typed the right pair before is not shut out by others' guessing (S14.2), neither of
    # this contract nor beside them in their network; and can learn nothing by guessing.
    counted = keys.all if earlier is None or is_revoked else (keys.account,)
    if wait := throttle.seconds_to_wait(counted, limit=WRONG_TRIES, now=now):
        return TriedTooOften(retry_after=wait)
    fresh_hash = matching_hash(access_id, contract.access_id_hash if contract else "")
    if contract is None or not fresh_hash or is_revoked:
        _count(keys, account=account, now=now)
        return ContractNotFound()
    if earlier is not None and earlier.ended_at is None:
        return already_registered(contract, now=now)
    if fresh_hash != contract.access_id_hash:
        Contract.objects.filter(pk=contract.pk).update(access_id_hash=fresh_hash)
    return begin_registration(contract=contract, account=account, earlier=earlier, now=now)


def _count(keys: _Keys, *, account: Account, now: datetime) -> None:
    """Count a wrong try; the one that closes a throttle raises the alarm (EN-02)."""
    counts = throttle.count(keys.all, now=now)
    for what, key in (
        ("account", keys.account),
        ("network", keys.network),
        ("contract", keys.contract),
    ):
        if counts[key] == WRONG_TRIES:
            log.error("contract ids are being guessed: too many wrong tries per %s", what)
            audit.record("registration.throttled", target=("throttle", what), by=account.pk, at=now)


def already_registered(contract: Contract, *, now: datetime) -> ContractAlreadyRegistered:
    """The refusal that says in what state the contract is (S2.5)."""
    on = today(now)
    decision = decide(terms_of(contract), standing_of(contract), Question(on=on))
    return ContractAlreadyRegistered(
        contract=contract.public_id.hex,
        status=status_of(contract, on),
        reasons=reasons_as_json(decision.reasons),
    )


def begin_registration(
    *,
    contract: Contract,
    account: Account,
    earlier: Registration | None,
    now: datetime,
    invitation: str | None = None,
) -> Registration:
    """Put the contract on the account and tell everybody else who shares it (S14.2). A step of
    deeds: `earlier` is the pair's row, locked by the caller, without a revocation; `invitation` the
    public id of the link it came by."""
    others = [key for key in people_to_warn(contract) if key != account.pk]
    if earlier is None:
        made = Registration.objects.create(contract=contract, account=account, registered_at=now)
    else:
        made = earlier
        made.registered_at, made.ended_at = now, None
        made.save(update_fields=["registered_at", "ended_at"])
    made.contract = contract
    outbox.publish(
        *(
            Effect(
                "mail.contract_registered",
                key=f"contract:{contract.public_id.hex}:account:{other}",
                payload={"contract": contract.pk, "account": other, "registration": made.pk},
            )
            for other in others
        ),
        at=now,
    )
    record(
        "registration.begun",
        contract,
        by=account,
        now=now,
        account=account.pk,
        invitation=invitation,
    )
    return made


def _live(account: Account, contract: Contract) -> Registration | None:
    return (
        Registration.objects.locked()
        .filter(account=account, contract=contract, ended_at__isnull=True)
        .first()
    )


def registration_of(account: Account, contract: Contract) -> Registration | None:
    """The pair's row, ended and revoked ones too, locked."""
    return Registration.objects.locked().filter(account=account, contract=contract).first()
