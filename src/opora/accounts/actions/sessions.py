"""Ending signed-in browsers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account, Session
from opora.core import audit


@transaction.atomic
def end_session(*, session: Session, by: Account, now: datetime) -> None:
    """One browser is signed out at its next click."""
    if Session.objects.filter(pk=session.pk).delete()[0]:
        audit.record(
            "account.session_ended", target=("account", by.public_id.hex), by=by.pk, at=now
        )


@transaction.atomic
def end_other_sessions(
    *, account: Account, keep: str | None, by: Account | None, now: datetime
) -> int:
    """Sign out every browser of the account but the one with session key `keep`; how many."""
    ended = Session.objects.filter(account=account).exclude(pk=keep or "").delete()[0]
    if ended:
        audit.record(
            "account.sessions_ended",
            target=("account", account.public_id.hex),
            by=by.pk if by else None,
            at=now,
            count=ended,
        )
    return ended
