"""Where a purchase stands, as the rules of refunds look at it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from opora.billing.models import Dispute, Purchase, Refund
from opora.billing.refunds import Refundable
from opora.contracts.models import Contract
from opora.contracts.queries import standing_of
from opora.core.days import today

TAKEN = (Refund.State.CALLING, Refund.State.UNKNOWN, Refund.State.DONE)
OPEN = (Refund.State.REQUESTED, Refund.State.CALLING, Refund.State.UNKNOWN)


def refundable(
    purchase: Purchase, contract: Contract | None, *, now: datetime, but: Refund | None = None
) -> Refundable:
    """What is left of a purchase. `contract`: what it granted, with its plan loaded. `but`: a
    refund that is judged again and does not count. Three statements at most.

    Nothing can be taken from a contract that is over, whether or not its rest was posted as expired
    yet; a suspended one holds its incidents.
    """
    refunds = Refund.objects.filter(purchase=purchase)
    if but is not None:
        refunds = refunds.exclude(pk=but.pk)
    taken = refunds.filter(state__in=TAKEN).aggregate(sum=Sum("incidents", default=0))["sum"]
    is_over = contract is None or standing_of(contract).is_over(today(now))
    left = 0 if contract is None or is_over else contract.incidents_left
    return Refundable(
        amount=purchase.amount,
        refunded=purchase.refunded,
        pack=purchase.incidents,
        unused=max(0, min(left, purchase.incidents - taken)),
        taken=taken,
        is_paid=purchase.captured_at is not None,
        is_disputed=Dispute.objects.filter(purchase=purchase)
        .exclude(state=Dispute.State.WON)
        .exists(),
        is_under_way=refunds.filter(state__in=OPEN).exists(),
    )
