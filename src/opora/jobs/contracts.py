"""Jobs about contracts: what time does to them (S13.5, S13.6), and the ledger's daily proof."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from opora.contracts import actions
from opora.contracts.actions.reminders import BATCH
from opora.contracts.invariants import CHECKS
from opora.core.invariants import snapshot
from opora.core.models import Job

log = logging.getLogger(__name__)


def expire_contract(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """A contract is over: what is left expires. `payload`: {"contract": key}."""
    actions.expire_contract(contract_pk=payload["contract"], now=now)


def expire_due(payload: dict[str, Any], job: Job, now: datetime) -> bool:
    """Contracts whose last day has passed; True if there may be more."""
    return actions.expire_due(now=now) >= BATCH


def warn_of_ends(payload: dict[str, Any], job: Job, now: datetime) -> bool:
    """Contracts that end soon; True if there may be more."""
    return actions.warn_of_ends(now=now) >= BATCH


def warn_incidents_low(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """One incident is left on a contract. `payload`: {"contract": key}."""
    actions.warn_incidents_low(contract_pk=payload["contract"], now=now)


def check_ledger(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Prove that every balance is the sum of its ledger, or sound the alarm."""
    with snapshot(now=now) as moment:
        breaches = [breach for check in CHECKS for breach in check.run(moment).breaches]
    for breach in breaches:
        log.error("an invariant is broken: %s", breach)
