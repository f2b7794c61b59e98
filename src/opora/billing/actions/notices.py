"""Notices of providers: kept as they came, then looked into once (WH-05, WH-06, F-10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.billing.models import ProviderNotice
from opora.billing.providers.base import NoticeSeen
from opora.core import audit, outbox
from opora.core.outbox import Effect

Outcome = ProviderNotice.Outcome
FORGOTTEN_AT_ONCE = 20_000  # far more than a day brings


@transaction.atomic
def keep_notice(*, provider: str, seen: NoticeSeen, body: str, now: datetime) -> bool:
    """Keep a notice whose signature held, and queue the look at its payment; False if it was kept
    before, and then nothing happens."""
    notice, is_new = ProviderNotice.objects.get_or_create(
        provider=provider,
        event=seen.event,
        defaults={
            "kind": seen.kind[:80],
            "reference": seen.reference,
            "body": body,
            "received_at": now,
        },
    )
    if is_new:
        outbox.publish(
            Effect(
                "payment.notice", key=f"payment:{seen.reference}", payload={"notice": notice.pk}
            ),
            at=now,
        )
        audit.record(
            "notice.received",
            target=("notice", seen.event[:40]),
            by=None,
            at=now,
            provider=provider,
            kind=seen.kind[:80],
        )
    return is_new


@transaction.atomic
def finish_notice(*, notice_pk: int, outcome: ProviderNotice.Outcome, now: datetime) -> None:
    """Say what came of a notice; the last word stays."""
    ProviderNotice.objects.filter(
        pk=notice_pk, outcome__in=(Outcome.WAITING, Outcome.UNKNOWN_PAYMENT)
    ).update(outcome=outcome, handled_at=now)


@transaction.atomic
def forget_notices(*, before: datetime) -> int:
    """Delete what was settled long ago, a portion of it; how many that were."""
    old = (
        ProviderNotice.objects.filter(
            outcome__in=(Outcome.SETTLED, Outcome.IGNORED), received_at__lt=before
        )
        .order_by("id")
        .values("pk")[:FORGOTTEN_AT_ONCE]
    )
    return ProviderNotice.objects.filter(pk__in=old).delete()[0]
