"""Where a provider's books and ours differ: kept, flagged, told once; ended when they agree again,
or when somebody has seen to it."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.billing.models import Discrepancy, Purchase
from opora.core import audit

log = logging.getLogger(__name__)


@transaction.atomic
def report(
    *,
    kind: Discrepancy.Kind,
    provider: str,
    reference: str,
    purchase: Purchase | None,
    theirs: int,
    ours: int,
    currency: str,
    now: datetime,
) -> None:
    """Books that differ: kept, flagged on the purchase, and an alarm. Known ones sound none, nor
    does one that somebody has accepted as it is."""
    known = Discrepancy.objects.filter(provider=provider, reference=reference, kind=kind)
    if known.filter(
        accepted_by__isnull=False, theirs=theirs, ours=ours, currency=currency
    ).exists():
        return
    _found, is_new = known.get_or_create(
        resolved_at=None,
        defaults={
            "provider": provider,
            "reference": reference,
            "kind": kind,
            "purchase": purchase,
            "theirs": theirs,
            "ours": ours,
            "currency": currency,
            "found_at": now,
        },
    )
    if not is_new:
        return
    if purchase is not None:
        flag(purchase, now=now)
    _record("difference.found", purchase, reference, by=None, now=now, kind=str(kind))
    log.error(
        "the books of %s differ: %s of payment %s, %s there, %s here (%s)",
        provider,
        kind,
        reference,
        theirs,
        ours,
        currency,
    )


@transaction.atomic
def resolve(*, difference: Discrepancy, now: datetime) -> None:
    """The books agree again; part of no other deed. Again changes nothing."""
    if Discrepancy.objects.filter(pk=difference.pk, resolved_at=None).update(resolved_at=now):
        _record(
            "difference.resolved",
            difference.purchase,
            difference.reference,
            by=None,
            now=now,
            kind=difference.kind,
        )


def accept_those_of(purchase: Purchase, *, by: Account, now: datetime) -> int:
    """What differs about the purchase was seen to by a person, and is to stay as it is; how many
    that were. Part of a deed's transaction."""
    return Discrepancy.objects.filter(purchase=purchase, resolved_at=None).update(
        resolved_at=now, accepted_by=by
    )


def flag(purchase: Purchase, *, now: datetime) -> None:
    """Ask for somebody to look, also where somebody was asked already: whoever looked at the page
    before this has not seen it. Part of a deed's transaction."""
    purchase.flagged_at = now
    Purchase.objects.filter(pk=purchase.pk).update(flagged_at=now)


def _record(
    code: str,
    purchase: Purchase | None,
    reference: str,
    *,
    by: Account | None,
    now: datetime,
    kind: str,
) -> None:
    target = ("purchase", purchase.key) if purchase is not None else ("payment", reference[:40])
    audit.record(code, target=target, by=by.pk if by else None, at=now, kind=kind)
