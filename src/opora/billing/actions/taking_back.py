"""Incidents whose money went back past Opora: at the provider's desk, or by the buyer's bank."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.billing.actions.flags import look_after
from opora.billing.actions.sending_back import locked
from opora.billing.errors import MayNotRefund
from opora.billing.models import Purchase
from opora.billing.queries.refunds import TAKEN_BACK, refundable
from opora.billing.refunds import due_back
from opora.contracts.actions import adjust_incidents, cancel_contract
from opora.core import audit


@transaction.atomic
def take_back(*, purchase: Purchase, seen: datetime | None, by: Account, now: datetime) -> int:
    """Take the unused incidents that the buyer has without their price (`due_back`), and with the
    last of the money the contract; how many that were. `seen`: the flag that was looked at, which
    is taken off with it unless another was raised since.

    Never more than is unused at this instant; again takes nothing. Raises MayNotRefund.
    """
    if not by.is_administrator:
        raise MayNotRefund
    purchase, contract = locked(purchase.pk)
    standing = refundable(purchase, contract, now=now)
    due = due_back(standing)
    if contract is not None and due:
        adjust_incidents(contract=contract, quantity=-due, reason=TAKEN_BACK, by=by, now=now)
    if contract is not None and standing.is_all_gone:
        # A unit that comes back from a case later lapses at once: its price is gone (S13.3, S13.6).
        cancel_contract(contract=contract, by=None, now=now)
    if due:
        audit.record(
            "purchase.taken_back",
            target=("purchase", purchase.key),
            by=by.pk,
            at=now,
            incidents=due,
            reason="charged_back" if standing.charged_back else "refunded_elsewhere",
        )
    if seen is not None:
        look_after(purchase=purchase, seen=seen, by=by, now=now)
    return due
