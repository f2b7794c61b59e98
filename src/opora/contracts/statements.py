"""A contract's statement for files and for its page: who may open it, and all of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from opora.accounts.models import Account
from opora.contracts.models import Contract, IncidentEntry
from opora.contracts.queries import (
    StatementLine,
    as_line,
    managed_contract,
    manages,
    names_of,
    registered_contract,
)
from opora.core.errors import NotFound

CHUNK = 1000  # lines a statement


@dataclass(frozen=True)
class OpenContract:
    """A contract that an account may look at: it registered it, or manages it (S13.4, S14.3).

    `registered_at`: when this account added it, None for a manager who did not.
    """

    contract: Contract
    registered_at: datetime | None
    is_manager: bool


def open_contract(account: Account, public_id: str) -> OpenContract:
    """The contract of that id for a registrant or a manager, its plan loaded; else NotFound, which
    is the same for foreign and unknown ids. At most four statements."""
    try:
        found = registered_contract(account, public_id)
    except NotFound:
        return OpenContract(managed_contract(account, public_id), None, is_manager=True)
    return OpenContract(
        found.contract, found.registered_at, is_manager=manages(account, found.contract)
    )


def lines_from(contract: Contract, sequence: int) -> Iterator[list[StatementLine]]:
    """The contract's entries from that one on, oldest first, in pieces that fit into memory; two
    statements a piece. Whoever asks has come through `open_contract`."""
    names: dict[int | None, str] = {}
    while True:
        entries = list(
            IncidentEntry.objects.filter(contract=contract, sequence__gte=sequence).order_by(
                "sequence"
            )[:CHUNK]
        )
        if not entries:
            return
        unknown = {entry.actor_id for entry in entries} - set(names)
        names |= names_of(unknown)
        yield [as_line(entry, names) for entry in entries]
        if len(entries) < CHUNK:
            return
        sequence = entries[-1].sequence + 1
