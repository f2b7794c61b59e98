"""Doors to purchases."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from opora.accounts.models import Account
from opora.billing.models import Purchase
from opora.billing.states import OPEN
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id


def purchase_for(account: Account, public_id: str) -> Purchase:
    """The account's own purchase of that id, with plan and contract, else NotFound."""
    key = parse_public_id(public_id)
    found = _own(account).filter(public_id=key).first() if key else None
    if found is None:
        raise NotFound
    return found


def open_purchase_of(account: Account, draft: UUID) -> Purchase | None:
    """What was begun to be bought for that request, and may still become a payment."""
    return _own(account).filter(draft=draft, state__in=OPEN).first()


def unused_purchase_of(account: Account, draft: UUID) -> Purchase | None:
    """What was bought for that request and still has an incident: buying again is not meant."""
    return (
        _own(account)
        .filter(draft=draft, state=Purchase.State.CAPTURED, contract__incidents_left__gt=0)
        .order_by("-captured_at")
        .first()
    )


def _own(account: Account) -> QuerySet[Purchase]:
    return Purchase.objects.filter(account=account).select_related(
        "plan_version__plan", "contract__plan_version__plan"
    )
