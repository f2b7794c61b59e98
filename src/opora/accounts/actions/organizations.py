"""Organisations with their mail domains and identity provider."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.addresses import parse_domain
from opora.accounts.errors import DomainTaken, OrganizationExists
from opora.accounts.models import (
    Account,
    IdentityProvider,
    MailDomain,
    Membership,
    Organization,
)
from opora.accounts.queries import organization_called
from opora.core import audit
from opora.core.errors import InvalidInput
from opora.core.networks import could_be_called

LONGEST_NAME = 200
LONGEST_ADDRESS = 500
LONGEST_CLIENT_ID = 200
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@transaction.atomic
def add_organization(
    *,
    name: str,
    domains: Sequence[str],
    issuer: str = "",
    client_id: str = "",
    client_secret: str = "",
    by: Account | None,
    now: datetime,
) -> Organization:
    """An organisation, its mail domains, its provider if `issuer` is given.

    Raises OrganizationExists, NotADomain, DomainTaken, InvalidInput (issuer not https, no client).
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidInput.on("name", _("Enter the organization's name."))
    if len(name) > LONGEST_NAME or len(name.casefold()) > LONGEST_NAME:
        raise InvalidInput.on("name", _("Shorten the organization's name to 200 characters."))
    if organization_called(name):
        raise OrganizationExists(name=name)
    keys = sorted({parse_domain(domain) for domain in domains})
    if taken := MailDomain.objects.filter(domain__in=keys).order_by("domain").first():
        raise DomainTaken(domain=taken.domain)
    organization = Organization.objects.create(name=name, name_key=name.casefold(), created_at=now)
    MailDomain.objects.bulk_create(
        MailDomain(organization=organization, domain=domain) for domain in keys
    )
    if issuer:
        _add_provider(organization, issuer, client_id, client_secret)
    audit.record(
        "organization.added",
        target=("organization", organization.public_id.hex),
        by=by.pk if by else None,
        at=now,
        domains=len(keys),
        has_provider=bool(issuer),
    )
    return organization


@transaction.atomic
def set_role(
    *,
    organization: Organization,
    account: Account,
    role: str | None,
    by: Account | None,
    now: datetime,
) -> None:
    """Give the account a role in the organisation, or none at all. Again changes nothing.

    A manager manages the organisation's contracts and activates its benefits (S14.3); a member sees
    that there are benefits. A work account stays what its provider says it is, whatever its role.
    """
    held = Membership.objects.filter(organization=organization, account=account)
    former = held.locked().values_list("role", flat=True).first()
    if former == role:
        return
    if role is None:
        held.delete()
    else:
        Membership.objects.update_or_create(
            organization=organization, account=account, defaults={"role": role}
        )
    audit.record(
        "organization.role_set",
        target=("organization", organization.public_id.hex),
        by=by.pk if by else None,
        at=now,
        account=account.pk,
        role=role,
    )


def _add_provider(
    organization: Organization, issuer: str, client_id: str, client_secret: str
) -> None:
    if len(issuer) > LONGEST_ADDRESS or (host := _host_of(issuer)) is None:
        raise InvalidInput.on(
            "issuer", _("The issuer must be an https address, such as https://login.example.com.")
        )
    if not could_be_called(host):
        raise InvalidInput.on(
            "issuer",
            _("The issuer is at a private address; name its network in OPORA_OUTBOUND_NETWORKS."),
        )
    if not 1 <= len(client_id) <= LONGEST_CLIENT_ID:
        raise InvalidInput.on("client_id", _("A provider needs a client id."))
    IdentityProvider.objects.create(
        organization=organization,
        slug=secrets.token_hex(8),
        issuer=issuer.rstrip("/"),
        client_id=client_id,
        client_secret=client_secret,
    )


def _host_of(issuer: str) -> str | None:
    """The host of an issuer's address; None if it is none, or not https elsewhere than here."""
    try:
        url = urlsplit(issuer)
        host, _port = url.hostname, url.port
    except ValueError:  # no address: a bracket or a port that cannot be
        return None
    is_safe = url.scheme == "https" or (url.scheme == "http" and host in LOOPBACK)
    return host if is_safe and not url.query and not url.fragment else None
