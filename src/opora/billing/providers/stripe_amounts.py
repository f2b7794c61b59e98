"""Amounts as Stripe counts them. Some currencies it counts in other units than ISO 4217 does; they
are changed here, on the way out and on the way in, and nowhere else."""

from __future__ import annotations

from opora.billing.providers.base import ProviderRefused
from opora.core.currencies import decimals

# By https://docs.stripe.com/currencies#special-cases: no whole unit is divided any more, but two
# decimals are still written; and the other way round.
DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}


def for_stripe(amount: int, currency: str) -> int:
    """Minor units of ISO 4217 as Stripe counts them. ProviderRefused for a part of a unit that
    Stripe does not know."""
    times, parts = _ratio(currency)
    whole, rest = divmod(amount * times, parts)
    if rest:
        raise ProviderRefused("amount-not-whole")
    return whole


def in_minor_units(amount: int, currency: str) -> int:
    """What Stripe counts, in minor units of ISO 4217; what is no whole one is rounded down."""
    times, parts = _ratio(currency)
    return amount * parts // times


def _ratio(currency: str) -> tuple[int, int]:
    """What a minor unit is multiplied with for Stripe, and what it is divided by then."""
    theirs = DECIMALS.get(currency, decimals(currency))
    return int(10**theirs), int(10 ** decimals(currency))
