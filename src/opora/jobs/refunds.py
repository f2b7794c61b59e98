"""The job about refunds."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from opora.billing.actions.sending_back import UNSETTLED, ask_later, carry_out_refund
from opora.core.models import Job

log = logging.getLogger(__name__)
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)
ALARM_AFTER = timedelta(minutes=30)


def carry_out(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Incidents were taken for a refund: see to it that the provider is asked, until it has
    answered. `payload`: {"refund": key}.

    It comes again by itself, less and less often: after half the time it has waited already. A
    refund that the provider says is on its way may be that for days; silence sounds the alarm.
    """
    refund = carry_out_refund(payload["refund"], now)
    if refund.state not in UNSETTLED:
        return
    waited = now - refund.state_at
    ask_later(refund, at=now, after=min(max(waited / 2, SOONEST), LATEST))
    if not refund.reference and waited >= ALARM_AFTER:
        log.error("it is not known what became of refund %s", refund.public_id.hex)
