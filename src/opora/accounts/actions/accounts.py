"""Making and ending accounts."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from opora.accounts.actions.addresses import prove_address
from opora.accounts.actions.profile import checked_names
from opora.accounts.addresses import Address, parse_address
from opora.accounts.errors import AddressTaken, DomainNotAssigned
from opora.accounts.models import (
    Account,
    ApiToken,
    Membership,
    Organization,
    Person,
    ProvedAddress,
    Session,
)
from opora.accounts.places import checked_profile, country_of_zone
from opora.accounts.queries import organization_for_domain
from opora.core import audit
from opora.core.errors import InvalidInput
from opora.core.models import Job


@transaction.atomic
def create_account(
    *,
    email: str,
    kind: str,
    given_name: str,
    family_name: str,
    password: str | None = None,
    country: str = "",
    time_zone: str = "",
    language: str = "",
    phone: str = "",
    company: str = "",
    by: Account | None,
    now: datetime,
) -> Account:
    """An account made by the operator: its address is proved, its profile complete.

    What is left out of the profile takes the vendor's values. Without a password it cannot sign in
    until one is set through the reset mail; a work account never has one. Raises NotAnAddress,
    AddressTaken, DomainNotAssigned (work), InvalidInput (names, profile, password).
    """
    address = parse_address(email)
    if kind not in Account.Kind.values:
        raise InvalidInput.on("kind", f"kind: {', '.join(Account.Kind.values)}")
    profile = checked_profile(
        country=country or country_of_zone(settings.VENDOR_TIME_ZONE),
        time_zone=time_zone or settings.VENDOR_TIME_ZONE,
        language=language or settings.LANGUAGE_CODE,
        phone=phone,
        company=company,
    )
    given_name, family_name = checked_names(given_name=given_name, family_name=family_name)
    organization = None
    if kind == Account.Kind.WORK:
        organization = organization_for_domain(address.domain)
        if organization is None:
            raise DomainNotAssigned(domain=address.domain)
    account = insert_account(
        address=address,
        kind=kind,
        given_name=given_name,
        family_name=family_name,
        organization=organization,
        now=now,
    )
    for name, value in profile.items():
        setattr(account, name, value)
    account.profile_completed_at = now
    if password:
        _set_password(account, password)
    account.save()
    if kind != Account.Kind.WORK:
        EmailAddress.objects.create(user=account, email=address.key, verified=True, primary=True)
    prove_address(account=account, address=address.text, how=ProvedAddress.How.OPERATOR, now=now)
    audit.record(
        "account.created",
        target=("account", account.public_id.hex),
        by=by.pk if by else None,
        at=now,
        kind=kind,
    )
    return account


@transaction.atomic
def join_account(
    *, account: Account, email: str, given_name: str, family_name: str, now: datetime
) -> Account:
    """Somebody signed up for a personal account: fills in the unsaved `account` and stores it.

    Its address proves nothing until a mailed link was followed. Raises NotAnAddress, AddressTaken.
    """
    address = parse_address(email)
    insert_account(
        address=address,
        kind=Account.Kind.PERSONAL,
        given_name=given_name,
        family_name=family_name,
        organization=None,
        now=now,
        account=account,
    )
    audit.record("account.joined", target=("account", account.public_id.hex), by=account.pk, at=now)
    return account


@transaction.atomic
def deactivate_account(*, account: Account, by: Account | None, now: datetime) -> None:
    """End every session, token and queued mail of an account (AU-10). Safe to repeat."""
    changed = Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False)
    account.is_active = False
    Session.objects.filter(account=account).delete()
    ApiToken.objects.filter(account=account, revoked_at__isnull=True).update(revoked_at=now)
    # Mail about a case is keyed by its contact; its sender looks at the account again at send time.
    Job.objects.filter(state=Job.State.OPEN, key=account.mail_key, kind__startswith="mail.").update(
        state=Job.State.CANCELLED, finished_at=now
    )
    if changed:
        audit.record(
            "account.deactivated",
            target=("account", account.public_id.hex),
            by=by.pk if by else None,
            at=now,
        )


def insert_account(
    *,
    address: Address,
    kind: str,
    given_name: str,
    family_name: str,
    organization: Organization | None,
    now: datetime,
    account: Account | None = None,
) -> Account:
    """Store person and account; the caller's transaction goes on. AddressTaken if one exists."""
    # A work account's address is no sign-in name, so it may also stand on a personal account.
    login = None if kind == Account.Kind.WORK else address.key
    taken = Account.objects.filter(kind=kind, email_key=address.key)
    if taken.exists() or (login and Account.objects.filter(login_email=login).exists()):
        raise AddressTaken(address=address.text)
    account = account or Account()
    account.person = Person.objects.create(given_name=given_name, family_name=family_name)
    account.kind = kind
    account.email = address.text
    account.email_key = address.key
    account.login_email = login
    account.organization = organization
    account.created_at = now
    if not account.password:
        account.set_unusable_password()
    account.save()
    if organization is not None:
        Membership.objects.create(organization=organization, account=account)
    return account


def _set_password(account: Account, password: str) -> None:
    if account.kind == Account.Kind.WORK:
        raise InvalidInput.on("password", "A work account signs in through its organization.")
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise InvalidInput(
            errors=[{"field": "password", "message": message} for message in error.messages]
        ) from None
    account.set_password(password)
