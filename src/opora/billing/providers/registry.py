"""The providers this installation pays through, by the setting OPORA_PAYMENTS."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from opora.accounts.models import Account
from opora.billing.providers.base import PaymentProvider

PROVIDERS = {
    "stripe": "opora.billing.providers.stripe.provider",
    "outside": "opora.billing.providers.outside.provider",
}


def provider_named(slug: str) -> PaymentProvider:
    """The provider of that name as the settings describe it. LookupError for an unknown name."""
    made: PaymentProvider = import_string(PROVIDERS[slug])()
    return made


def providers_for(account: Account) -> list[str]:
    """How this account may pay, the way offered first at the front. Work accounts never pay by card
    (S7.1)."""
    ways = settings.PAYMENTS
    if account.kind == Account.Kind.WORK:
        return [slug for slug in ways if slug != "stripe"]
    return list(ways)


def offered() -> tuple[str, ...]:
    """The providers this installation pays through."""
    ways: tuple[str, ...] = settings.PAYMENTS
    return ways


def is_anything_sold() -> bool:
    """Whether this installation sells support at all."""
    return bool(settings.PAYMENTS)
