"""Work accounts at sign-in: who the organisation's provider says it is (S5, AU-13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.actions.accounts import insert_account
from opora.accounts.actions.addresses import change_address, prove_address
from opora.accounts.actions.profile import take_names
from opora.accounts.addresses import Address, parse_address
from opora.accounts.errors import (
    AccountIsInactive,
    AddressTaken,
    IdentityNotAccepted,
    NotAnAddress,
)
from opora.accounts.models import Account, IdentityProvider, ProvedAddress, WorkIdentity
from opora.accounts.queries import holds_domain
from opora.core import audit


@transaction.atomic
def sign_in_by_provider(
    *,
    provider: IdentityProvider,
    subject: str,
    email: str,
    given_name: str,
    family_name: str,
    now: datetime,
) -> Account:
    """The work account of (provider, subject), made or bound at its first sign-in.

    The first time, an unbound account made in advance with this address in this organisation is
    bound, once; else a new one is made. Both ask for an address in the organisation's own domains,
    whatever the provider claims: IdentityNotAccepted otherwise, and when the address is on another
    bound work account. Later the subject alone decides; a new address in the domains is taken over,
    any other is left aside. Personal accounts are never looked at. Raises AccountIsInactive.
    """
    address = _own_address(provider, email)
    known = (
        WorkIdentity.objects.select_related("account__person")
        .filter(provider=provider, subject=subject)
        .first()
    )
    account = known.account if known else _bind(provider, subject, address, now)
    if not account.is_active:
        raise AccountIsInactive
    if address:
        _follow_address(account, address, now)
    take_names(account=account, given_name=given_name, family_name=family_name, now=now)
    return account


def _own_address(provider: IdentityProvider, email: str) -> Address | None:
    """The claimed address if it lies in the organisation's domains, else None."""
    try:
        address = parse_address(email)
    except NotAnAddress:
        return None
    return address if holds_domain(provider.organization_id, address.domain) else None


def _bind(
    provider: IdentityProvider, subject: str, address: Address | None, now: datetime
) -> Account:
    if address is None or not subject or len(subject) > 255:
        raise IdentityNotAccepted
    account = (
        Account.objects.locked()
        .filter(
            kind=Account.Kind.WORK,
            email_key=address.key,
            organization=provider.organization_id,
        )
        .first()
    )
    if account is None:
        try:
            account = insert_account(
                address=address,
                kind=Account.Kind.WORK,
                given_name="",
                family_name="",
                organization=provider.organization,
                now=now,
            )
        except AddressTaken:
            raise IdentityNotAccepted from None
    elif WorkIdentity.objects.filter(account=account).exists():
        raise IdentityNotAccepted
    WorkIdentity.objects.create(account=account, provider=provider, subject=subject, bound_at=now)
    audit.record(
        "account.identity_bound", target=("account", account.public_id.hex), by=None, at=now
    )
    return account


def _follow_address(account: Account, address: Address, now: datetime) -> None:
    if account.email_key == address.key:
        prove_address(
            account=account, address=address.text, how=ProvedAddress.How.PROVIDER, now=now
        )
        return
    try:
        change_address(
            account=account, address=address.text, how=ProvedAddress.How.PROVIDER, now=now
        )
    except AddressTaken:
        return  # somebody else's by now; this account keeps the one it has
