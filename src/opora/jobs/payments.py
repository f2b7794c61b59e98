"""Jobs about payments: what a provider has not said yet, or said by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from opora.billing import paying, reconciling, states
from opora.billing.models import ProviderNotice, Purchase
from opora.cases.actions import choose_bought_contract
from opora.core.models import Job

log = logging.getLogger(__name__)
ALARM_AFTER = timedelta(minutes=10)  # F-08


def ask(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """What became of an attempt to pay. `payload`: {"purchase": key}. Comes again by itself until
    it is known; sounds the alarm when that takes too long."""
    purchase = (
        Purchase.objects.select_related("plan_version__plan").filter(pk=payload["purchase"]).first()
    )
    if purchase is None:
        return
    purchase = paying.ask_again(purchase=purchase, clock=timezone.now)
    if purchase.state == states.UNKNOWN and now - (purchase.called_at or now) >= ALARM_AFTER:
        log.error("it is not known what became of purchase %s", purchase.number)


def look_into_notice(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """A provider's notice: read the payment it is about. `payload`: {"notice": key}."""
    notice = ProviderNotice.objects.filter(pk=payload["notice"]).first()
    if notice is not None and notice.outcome == ProviderNotice.Outcome.WAITING:
        reconciling.look_into(notice=notice, clock=timezone.now)


def reconcile_books(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Every night: our books and the providers'."""
    reconciling.reconcile(clock=timezone.now)


def choose_what_was_bought(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """The draft that support was bought for goes on with it selected (S7.4), also when the buyer
    had closed the page. `payload`: {"purchase": key}."""
    purchase = (
        Purchase.objects.select_related("account__person", "contract")
        .filter(pk=payload["purchase"], contract__isnull=False)
        .first()
    )
    if purchase is not None and purchase.draft is not None and purchase.contract is not None:
        choose_bought_contract(
            account=purchase.account,
            draft_id=purchase.draft,
            contract=purchase.contract.public_id.hex,
            now=now,
        )
