"""Under which name a provider knows an account."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.billing.models import ProviderCustomer
from opora.core import audit


@transaction.atomic
def keep_customer(
    *, account: Account, provider: str, reference: str, now: datetime
) -> ProviderCustomer:
    """Keep the provider's name of the account; the first one stays."""
    customer, is_new = ProviderCustomer.objects.get_or_create(
        account=account, provider=provider, defaults={"reference": reference}
    )
    if is_new:
        audit.record(
            "account.known_to_provider",
            target=("account", account.public_id.hex),
            by=account.pk,
            at=now,
            provider=provider,
        )
    return customer
