"""Deeds of invitation links: made, called off, used (S14.1, S14.3).

A link adds the contract to one account, once, within 72 hours. It needs neither id, and no throttle
holds it up: its secret has 256 bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from opora.accounts.addresses import parse_address
from opora.accounts.models import Account
from opora.contracts.actions.change import held_by_manager, record, refuse_cancelled
from opora.contracts.actions.registrations import (
    account_key,
    already_registered,
    begin_registration,
    registration_of,
)
from opora.contracts.errors import (
    InvitationIsUsed,
    InvitationNotFound,
    NoAccessId,
    NotActivated,
    TooManyInvitations,
)
from opora.contracts.ids import (
    invitation_hash,
    invitation_hashes,
    mailed_invitation_secrets,
    new_invitation_secret,
)
from opora.contracts.models import Contract, Invitation, Registration
from opora.contracts.queries import manages, terms_of
from opora.core import outbox, throttle
from opora.core.errors import NotFound
from opora.core.outbox import Effect

LIFETIME = timedelta(hours=72)
MOST = 50  # to one contract within LIFETIME, called off and used ones included
MAIL = "mail.contract_invitation"


@dataclass(frozen=True)
class Invited:
    """An invitation and its secret as it stands in the link, this once."""

    invitation: Invitation
    secret: str


@transaction.atomic
def invite(*, contract: Contract, send_to: str = "", by: Account | None, now: datetime) -> Invited:
    """Make a link that adds the contract to whichever account opens it first. `send_to`: an address
    to mail it to as well. For managers and agents; others: NotFound.

    Raises NotActivated, ContractIsCancelled, NoAccessId (a purchase belongs to one account: S7.5),
    NotAnAddress, TooManyInvitations.
    """
    contract = held_by_manager(contract, by)
    if contract.activated_on is None:
        raise NotActivated
    refuse_cancelled(contract)
    if not terms_of(contract).has_access_id:
        raise NoAccessId
    address = parse_address(send_to.strip()).text if send_to.strip() else ""
    recent = contract.invitations.filter(made_at__gt=now - LIFETIME)
    if recent.count() >= MOST:
        raise TooManyInvitations(limit=MOST)
    made = Invitation(
        contract=contract, sent_to=address, made_by=by, made_at=now, expires_at=now + LIFETIME
    )
    secret = (
        mailed_invitation_secrets(made.public_id.hex)[0] if address else new_invitation_secret()
    )
    made.secret_hash = invitation_hash(secret)
    made.save()
    if address:
        outbox.publish(
            Effect(MAIL, key=_key(made), payload={"invitation": made.pk}),
            at=now,
        )
    _record("invitation.made", made, by=by, now=now, is_mailed=bool(address))
    return Invited(made, secret)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: Account | None, now: datetime) -> Invitation:
    """Call a link off; a mail with it that has not left stays. Again changes nothing. Raises
    InvitationIsUsed: then there is a registration to revoke."""
    found = Invitation.objects.locked().select_related("contract").get(pk=invitation.pk)
    if by is not None and not manages(by, found.contract):
        raise NotFound
    if found.used_at is not None:
        raise InvitationIsUsed
    if found.revoked_at is None:
        found.revoked_at = now
        found.save(update_fields=["revoked_at"])
        outbox.cancel(key=_key(found), kinds=[MAIL], at=now)
        _record("invitation.revoked", found, by=by, now=now)
    return found


@transaction.atomic
def accept_invitation(*, account: Account, secret: str, now: datetime) -> Registration:
    """Put the contract that the link invites to on the account, whatever its condition (S2.5), and
    use the link up. By the account that used it, again changes nothing.

    Raises InvitationNotFound for whatever opens nothing, revoked accounts included (S14.3), and
    ContractAlreadyRegistered, which leaves the link for somebody else.
    """
    throttle.hold([account_key(account)])  # the pair and links of one account, one after another
    found = (
        Invitation.objects.select_related("contract__plan_version__plan")
        .filter(secret_hash__in=invitation_hashes(secret))
        .first()
    )
    if found is None:
        raise InvitationNotFound
    earlier = registration_of(account, found.contract)
    if earlier is not None and earlier.revoked_at is not None:
        raise InvitationNotFound
    if earlier is not None and earlier.ended_at is None:
        if found.used_by_id == account.pk:
            return earlier
        raise already_registered(found.contract, now=now)
    # This statement decides between two who use it at once.
    taken = Invitation.objects.filter(
        pk=found.pk, used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
    ).update(used_at=now, used_by=account)
    if not taken:
        raise InvitationNotFound
    return begin_registration(
        contract=found.contract,
        account=account,
        earlier=earlier,
        now=now,
        invitation=found.public_id.hex,
    )


def _key(invitation: Invitation) -> str:
    return f"invitation:{invitation.public_id.hex}"


def _record(
    code: str, invitation: Invitation, *, by: Account | None, now: datetime, **facts: object
) -> None:
    facts["invitation"] = invitation.public_id.hex
    record(code, invitation.contract, by=by, now=now, **facts)
