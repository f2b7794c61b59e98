"""Where a purchase stands, as the rules of refunds look at it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q, Sum

from opora.billing.models import Dispute, Purchase, Refund
from opora.billing.refunds import ELSEWHERE, Refundable
from opora.contracts.models import Contract, IncidentEntry
from opora.contracts.queries import standing_of
from opora.core.days import today

TAKEN = (Refund.State.CALLING, Refund.State.UNKNOWN, Refund.State.DONE)
OPEN = (Refund.State.REQUESTED, Refund.State.CALLING, Refund.State.UNKNOWN)
TAKEN_BACK = "taken_back"  # the ledger's reason for incidents whose money went back past Opora


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
    made = refunds.aggregate(
        taken=Sum("incidents", filter=Q(state__in=TAKEN), default=0),
        open=Count("pk", filter=Q(state__in=OPEN)),
        elsewhere=Sum("amount", filter=Q(state=Refund.State.DONE, reason=ELSEWHERE), default=0),
    )
    disputes = Dispute.objects.filter(purchase=purchase).aggregate(
        against=Count("pk", filter=~Q(state=Dispute.State.WON)),
        lost=Sum("amount", filter=Q(state=Dispute.State.LOST), default=0),
    )
    taken_for_these = _taken_back(contract)
    taken = made["taken"] + taken_for_these
    is_over = contract is None or standing_of(contract).is_over(today(now))
    left = 0 if contract is None or is_over else contract.incidents_left
    return Refundable(
        amount=purchase.amount,
        refunded=purchase.refunded,
        pack=purchase.incidents,
        unused=max(0, min(left, purchase.incidents - taken)),
        taken=taken,
        is_paid=purchase.captured_at is not None,
        is_disputed=bool(disputes["against"]),
        is_under_way=bool(made["open"]),
        elsewhere=made["elsewhere"],
        charged_back=disputes["lost"],
        taken_for_these=taken_for_these,
    )


def _taken_back(contract: Contract | None) -> int:
    entries = IncidentEntry.objects.filter(
        contract=contract, kind=IncidentEntry.Kind.ADJUSTED, reason=TAKEN_BACK
    )
    return 0 if contract is None else -entries.aggregate(sum=Sum("quantity", default=0))["sum"]
