"""Proving addresses and letting them go: S8.4 reads nothing else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opora.accounts.addresses import parse_address
from opora.accounts.errors import AddressTaken, DomainNotAssigned
from opora.accounts.models import Account, ProvedAddress
from opora.accounts.queries import holds_domain
from opora.core import audit, outbox


@transaction.atomic
def prove_address(*, account: Account, address: str, how: str, now: datetime) -> ProvedAddress:
    """The account has shown that the address is its own; what waits for it follows by a job.

    A work account proves addresses in its own organisation's domains only: DomainNotAssigned.
    Proving again what was let go holds it anew, from now on.
    """
    parsed = parse_address(address)
    if account.kind == Account.Kind.WORK and not holds_domain(
        account.organization_id, parsed.domain
    ):
        raise DomainNotAssigned(domain=parsed.domain)
    proved, is_new = ProvedAddress.objects.get_or_create(
        account=account,
        address_key=parsed.key,
        defaults={"how": how, "proved_at": now},
    )
    if not is_new and proved.released_at is None:
        return proved
    if not is_new:
        proved.how, proved.proved_at, proved.released_at = how, now, None
        proved.save(update_fields=["how", "proved_at", "released_at"])
    outbox.publish(
        outbox.Effect(
            "account.address_proved",
            key=f"account:{account.pk}:address",
            payload={"account": account.pk},
        ),
        at=now,
    )
    audit.record(
        "account.address_proved",
        target=("account", account.public_id.hex),
        by=account.pk,
        at=now,
        how=how,
    )
    return proved


@transaction.atomic
def release_address(*, account: Account, address: str, by: Account | None, now: datetime) -> None:
    """The account lets an address go: what is bound stays, its next owner gets none (S8.4)."""
    held = ProvedAddress.objects.filter(
        account=account, address_key=parse_address(address).key, released_at__isnull=True
    )
    if held.update(released_at=now):
        audit.record(
            "account.address_released",
            target=("account", account.public_id.hex),
            by=by.pk if by else None,
            at=now,
        )


@transaction.atomic
def change_address(*, account: Account, address: str, how: str, now: datetime) -> None:
    """The account's address from now on, proved; the former one is let go.

    Raises AddressTaken if another account of its kind, or of another sign-in name, has it.
    """
    parsed = parse_address(address)
    others = Account.objects.exclude(pk=account.pk)
    is_work = account.kind == Account.Kind.WORK
    if others.filter(kind=account.kind, email_key=parsed.key).exists() or (
        not is_work and others.filter(login_email=parsed.key).exists()
    ):
        raise AddressTaken(address=parsed.text)
    former = account.email
    prove_address(account=account, address=parsed.text, how=how, now=now)
    if account.email_key != parsed.key:
        release_address(account=account, address=former, by=account, now=now)
    account.email, account.email_key = parsed.text, parsed.key
    account.login_email = None if is_work else parsed.key
    account.save(update_fields=["email", "email_key", "login_email"])
