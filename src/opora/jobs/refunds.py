"""The job about refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opora.billing.actions.refunds import UNSETTLED, carry_out_refund
from opora.billing.providers.base import ProviderUnreachable
from opora.core.models import Job


def carry_out(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Incidents were taken for a refund: see to it that the provider is asked, until it has
    answered. `payload`: {"refund": key}."""
    refund = carry_out_refund(payload["refund"], now)
    if refund.state in UNSETTLED:
        raise ProviderUnreachable("no word yet on whether the money went back")
