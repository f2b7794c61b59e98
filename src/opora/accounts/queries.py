"""Questions about accounts: who stands behind an address, a token, a domain."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import DatabaseError, models
from django.db.models import Q

from opora.accounts.addresses import address_key
from opora.accounts.errors import (
    AccountNotFound,
    AddressIsAmbiguous,
    NotOfTheOrganization,
    OrganizationNotFound,
)
from opora.accounts.models import (
    Account,
    ApiToken,
    Group,
    IdentityProvider,
    MailDomain,
    Organization,
    Session,
)
from opora.core.ids import parse_public_id
from opora.core.prepared import Param, Prepared

LAST_USE_EVERY = timedelta(hours=1)


_LIVE_TOKEN: Prepared[ApiToken] = Prepared(
    lambda: ApiToken.objects.select_related("account__person").filter(
        secret_hash=Param("hash", models.CharField()),
        revoked_at__isnull=True,
        expires_at__gt=Param("now", models.DateTimeField()),
        account__is_active=True,
    )
)


def token_hash(secret: str) -> str:
    """What is kept of a bearer token: 256 random bits need no salt and no stretching."""
    return sha256(secret.encode()).hexdigest()


def account_for_token(secret: str, *, now: datetime) -> tuple[Account, str] | None:
    """The active account behind a live token, with the token's scope; None for any other text.

    Notes the use at most once an hour, so that calls otherwise write nothing.
    """
    token = _LIVE_TOKEN.first(hash=token_hash(secret), now=now)
    if token is None:
        return None
    if token.last_used_at is None or token.last_used_at <= now - LAST_USE_EVERY:
        _note_use(token, now)
    return token.account, token.scope


def _note_use(token: ApiToken, now: datetime) -> None:
    """A note is not worth a call: a database that takes no writes still answers (F-05)."""
    with suppress(DatabaseError):  # alone, so no transaction breaks with it
        ApiToken.objects.filter(pk=token.pk).filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - LAST_USE_EVERY)
        ).update(last_used_at=now)


def accounts_with_address(key: str) -> list[Account]:
    """Accounts that hold this address, proved and not let go (S8.4); personal before work."""
    return list(
        Account.objects.filter(
            proved_addresses__address_key=key, proved_addresses__released_at__isnull=True
        ).order_by("kind", "pk")
    )


def account_by(email: str, kind: str | None = None) -> Account:
    """The account with this address, of this kind if one is named.

    NotAnAddress, AccountNotFound, or AddressIsAmbiguous when kinds share it and none is named.
    """
    found = Account.objects.filter(email_key=address_key(email)).order_by("kind")
    accounts = list(found.filter(kind=kind) if kind else found)
    if not accounts:
        raise AccountNotFound(address=email)
    if len(accounts) > 1:
        raise AddressIsAmbiguous(
            address=email, kinds=", ".join(str(account.kind) for account in accounts)
        )
    return accounts[0]


def active_account(public_id: str) -> Account | None:
    """The account with that public id, while it is active."""
    key = parse_public_id(public_id)
    return Account.objects.filter(public_id=key, is_active=True).first() if key else None


def organization_called(name: str) -> Organization | None:
    """The organisation with this name, whatever its spaces and the case of letters."""
    return Organization.objects.filter(name_key=" ".join(name.split()).casefold()).first()


def organization_named(name: str) -> Organization:
    """The same; raises OrganizationNotFound."""
    found = organization_called(name)
    if found is None:
        raise OrganizationNotFound(name=name)
    return found


def member_by(organization: Organization, email: str) -> Account:
    """The account with this address that belongs to the organisation; its work account first.

    NotAnAddress, NotOfTheOrganization.
    """
    rows = Account.objects.filter(
        email_key=address_key(email), memberships__organization=organization
    )
    found = rows.order_by("-kind", "pk").first()
    if found is None:
        raise NotOfTheOrganization(address=email, organization=organization.name)
    return found


def groups_in(organization: Organization) -> list[tuple[Group, list[str]]]:
    """The organisation's groups by name, each with its members' addresses. Two statements."""
    groups = organization.groups.order_by("name_key").prefetch_related("members__account")
    return [(group, sorted(m.account.email for m in group.members.all())) for group in groups]


def groups_of(account: Account) -> list[Group]:
    """The groups that the account is in and may share a request with: those of organisations that
    have switched groups on, by name. One statement."""
    rows = Group.objects.filter(members__account=account, organization__has_groups=True)
    return list(rows.order_by("name_key", "pk"))


def organization_for_domain(domain: str) -> Organization | None:
    """The organisation a mail domain (IDNA, lower case) is assigned to."""
    return Organization.objects.filter(domains__domain=domain).first()


def provider_for_domain(domain: str) -> IdentityProvider | None:
    """The identity provider of the organisation that a mail domain is assigned to."""
    return IdentityProvider.objects.filter(organization__domains__domain=domain).first()


def holds_domain(organization_id: int | None, domain: str) -> bool:
    """Whether the domain is assigned to that organisation."""
    if organization_id is None:
        return False
    return MailDomain.objects.filter(organization_id=organization_id, domain=domain).exists()


def tokens_of(account: Account) -> Sequence[ApiToken]:
    """The account's tokens that were not revoked, newest first, run-out ones included."""
    return list(account.api_tokens.filter(revoked_at__isnull=True).order_by("-pk"))


def token_for(account: Account, public_id: str) -> ApiToken | None:
    """One of the account's own tokens."""
    key = parse_public_id(public_id)
    return account.api_tokens.filter(public_id=key).first() if key else None


def sessions_of(account: Account, *, now: datetime) -> Sequence[Session]:
    """Where the account is signed in, newest first."""
    return list(account.sessions.filter(expire_date__gt=now).order_by("-started_at"))


def session_for(account: Account, public_id: str) -> Session | None:
    """One of the account's own sessions."""
    key = parse_public_id(public_id)
    return account.sessions.filter(public_id=key).first() if key else None
