"""Bearer tokens (AU-09)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.errors import AccountIsInactive
from opora.accounts.models import Account, ApiToken
from opora.accounts.queries import token_hash
from opora.core import audit
from opora.core.errors import InvalidInput

LONGEST_DAYS = 366 * 5
LONGEST_NAME = 100


@transaction.atomic
def issue_token(
    *,
    account: Account,
    days: int = 90,
    scope: str = "write",
    name: str = "",
    by: Account | None,
    now: datetime,
) -> str:
    """A new token's secret, 256 random bits, shown this once. Raises InvalidInput,
    AccountIsInactive."""
    if not account.is_active:
        raise AccountIsInactive
    if scope not in ApiToken.Scope.values:
        raise InvalidInput.on("scope", _("The scope is read or write."))
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput.on(
            "days",
            _("Enter a number of days between 1 and %(most)s.") % {"most": LONGEST_DAYS},
        )
    if len(name) > LONGEST_NAME:
        raise InvalidInput.on("name", _("Enter a name of at most 100 characters."))
    secret = f"opora_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        account=account,
        name=name,
        secret_hash=token_hash(secret),
        scope=scope,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    audit.record(
        "token.issued",
        target=("account", account.public_id.hex),
        by=by.pk if by else None,
        at=now,
        token=token.public_id.hex,
        scope=scope,
        days=days,
    )
    return secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Account | None, now: datetime) -> None:
    """From the next call on the token opens nothing. Safe to repeat."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        audit.record(
            "token.revoked",
            target=("account", token.account.public_id.hex),
            by=by.pk if by else None,
            at=now,
            token=token.public_id.hex,
        )
