"""Deeds on flags and differences: somebody has looked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.billing.actions.differences import accept_those_of
from opora.billing.errors import MayNotRefund
from opora.billing.models import Discrepancy, Purchase
from opora.core import audit


@transaction.atomic
def look_after(*, purchase: Purchase, seen: datetime, by: Account, now: datetime) -> bool:
    """Take the flag off a purchase, and leave what differs from the provider's books as it is;
    whether the flag is off now.

    `seen`: the flag that was looked at. One that was raised after it stays. Again changes nothing.
    Raises MayNotRefund.
    """
    if not by.is_administrator:
        raise MayNotRefund
    taken_off = Purchase.objects.filter(pk=purchase.pk, flagged_at=seen).update(flagged_at=None)
    if taken_off:
        accept_those_of(purchase, by=by, now=now)
        audit.record("purchase.looked_after", target=("purchase", purchase.key), by=by.pk, at=now)
        return True
    return not Purchase.objects.filter(pk=purchase.pk, flagged_at__isnull=False).exists()


@transaction.atomic
def accept_difference(
    *, provider: str, reference: str, kind: str, by: Account, now: datetime
) -> bool:
    """A payment that no purchase here knows was seen to by other means, and its difference is not
    told again; whether it was open. Again changes nothing. Raises MayNotRefund."""
    if not by.is_administrator:
        raise MayNotRefund
    accepted = Discrepancy.objects.filter(
        provider=provider, reference=reference, kind=kind, purchase=None, resolved_at=None
    ).update(resolved_at=now, accepted_by=by)
    if accepted:
        audit.record(
            "difference.accepted", target=("payment", reference[:40]), by=by.pk, at=now, kind=kind
        )
    return accepted == 1
