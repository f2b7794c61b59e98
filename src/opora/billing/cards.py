"""Saved cards: the provider keeps them, Opora asks it each time (S7.3).

Every call goes over the network, so none is made inside a transaction. A card is only ever looked
for under the name by which its provider knows the account, so that one account's card is nothing
to another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from opora.accounts.models import Account
from opora.billing.errors import CardsUnavailable, NoSuchCard
from opora.billing.models import ProviderCustomer
from opora.billing.providers.base import (
    Card,
    PaymentProvider,
    ProviderRefused,
    ProviderUnreachable,
)
from opora.billing.providers.registry import provider_named, providers_for
from opora.core import audit, installation


@dataclass(frozen=True)
class SavedCard:
    """A card and the provider that keeps it. `is_first`: this one is offered first."""

    provider: str
    card: Card
    is_first: bool = False

    def is_expired_on(self, year: int, month: int) -> bool:
        """Whether it ended before that month: a card is good for the whole of its last one."""
        return (self.card.expires_year, self.card.expires_month) < (year, month)


@dataclass(frozen=True)
class Wallet:
    """The cards kept for an account. `is_whole` False: a provider did not say which it keeps."""

    cards: list[SavedCard] = field(default_factory=list)
    is_whole: bool = True


def takes_cards(account: Account) -> bool:
    """Whether this account may pay by card, and so may have cards kept."""
    return bool(_card_providers(account))


def wallet_of(account: Account) -> Wallet:
    """The cards of the account at every provider that keeps some. The first is the default one; as
    long as none is, whichever it is that is offered first."""
    found: list[SavedCard] = []
    is_whole = True
    for provider in _card_providers(account):
        customer = _customer_of(account, provider.slug)
        if customer is None:
            continue
        try:
            kept = provider.cards(customer)
        except ProviderUnreachable:
            is_whole = False
            continue
        found += [SavedCard(provider.slug, card) for card in kept]
    found.sort(key=lambda one: not one.card.is_default)
    return Wallet([replace(one, is_first=not at) for at, one in enumerate(found)], is_whole)


def card_of(account: Account, provider: str, reference: str) -> SavedCard:
    """A card of the account's own. Raises NoSuchCard, CardsUnavailable."""
    keeper, customer = _keeper_of(account, provider)
    try:
        kept = keeper.cards(customer)
    except ProviderUnreachable as silent:
        raise CardsUnavailable from silent
    card = next((card for card in kept if card.reference == reference), None)
    if card is None:
        raise NoSuchCard
    return SavedCard(provider, card)


def prefer_card(*, account: Account, provider: str, reference: str, now: datetime) -> None:
    """Offer this card first from now on. Raises NoSuchCard, CardsUnavailable."""
    keeper, customer = _keeper_of(account, provider)
    _ask(lambda: keeper.set_default_card(customer, reference))
    _record("account.card_preferred", account, provider, now=now)


def forget_card(*, account: Account, provider: str, reference: str, now: datetime) -> None:
    """Have the provider keep the card no longer. Raises NoSuchCard, CardsUnavailable."""
    keeper, customer = _keeper_of(account, provider)
    _ask(lambda: keeper.forget_card(customer, reference))
    _record("account.card_removed", account, provider, now=now)


def _ask(deed: Callable[[], None]) -> None:
    if installation.is_held():  # a restored copy changes nothing outside (F-22)
        raise CardsUnavailable
    try:
        deed()
    except ProviderUnreachable as silent:
        raise CardsUnavailable from silent
    except ProviderRefused as refused:
        raise NoSuchCard from refused


def _card_providers(account: Account) -> list[PaymentProvider]:
    ways = [provider_named(slug) for slug in providers_for(account)]
    return [provider for provider in ways if provider.has_cards]


def _keeper_of(account: Account, slug: str) -> tuple[PaymentProvider, str]:
    """The provider, and its name of the account."""
    keeper = next((one for one in _card_providers(account) if one.slug == slug), None)
    customer = _customer_of(account, slug) if keeper else None
    if keeper is None or customer is None:
        raise NoSuchCard
    return keeper, customer


def _customer_of(account: Account, slug: str) -> str | None:
    rows = ProviderCustomer.objects.filter(account=account, provider=slug)
    return rows.values_list("reference", flat=True).first()


@transaction.atomic
def _record(code: str, account: Account, provider: str, *, now: datetime) -> None:
    audit.record(
        code,
        target=("account", account.public_id.hex),
        by=account.pk,
        at=now,
        provider=provider,
    )
