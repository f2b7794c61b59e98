"""Who gets a mail, checked when it is sent: somebody removed meanwhile gets none (AC-13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opora.accounts.addresses import address_key
from opora.accounts.models import Account, ProvedAddress
from opora.accounts.queries import accounts_with_address
from opora.cases.models import Case, CaseContact
from opora.notifications.queries import is_switched_off
from opora.notifications.topics import of_case_mail, of_contract_mail


@dataclass(frozen=True)
class CaseRecipient:
    """A contact of a case as of now; language and zone are of the account behind it, if any.

    `is_zone_theirs`: false where nobody told us theirs and the zone is the case's; instants then
    name it. `has_switch`: mails of this kind can be switched off by whoever signs in with that
    address.
    """

    case: Case
    contact: CaseContact
    address: str
    language: str
    time_zone: str
    is_zone_theirs: bool
    has_switch: bool

    @property
    def is_primary(self) -> bool:
        return self.contact.role == CaseContact.Role.PRIMARY


def case_recipient(kind: str, payload: dict[str, Any]) -> CaseRecipient | None:
    """The contact that a mail job names; None if it is no contact of the case any more, if all its
    accounts were deactivated, or if it switched such mails off."""
    contact = (
        CaseContact.objects.select_related("case__product", "case__version", "case__contract")
        .filter(pk=payload["contact"], case=payload["case"])
        .first()
    )
    if contact is None:
        return None
    bound = list(
        Account.objects.filter(contact_bindings__contact=contact).order_by("contact_bindings__id")
    )
    accounts = [account for account in bound if account.is_active]
    if bound and not accounts:
        return None
    switch = of_case_mail(kind, is_primary=contact.role == CaseContact.Role.PRIMARY)
    if is_switched_off(switch, accounts):
        return None
    case = contact.case
    reader = next((account for account in accounts if account.language), None)
    return CaseRecipient(
        case=case,
        contact=contact,
        address=_address(contact, accounts),
        language=reader.language if reader else (contact.language or case.language),
        time_zone=(reader.time_zone if reader else "") or case.time_zone,
        is_zone_theirs=bool(reader and reader.time_zone),
        has_switch=bool(switch),
    )


def reader_of(address: str) -> Account | None:
    """The active account that has proved the address, for the language of a mail to it."""
    return next((a for a in accounts_with_address(address_key(address)) if a.is_active), None)


def _address(contact: CaseContact, accounts: list[Account]) -> str:
    """The contact's address, unless the accounts behind it have let it go: whoever has it next gets
    nothing of theirs (S8.4)."""
    if not accounts or any(account.email_key == contact.email_key for account in accounts):
        return contact.email
    still_theirs = ProvedAddress.objects.filter(
        account__in=[account.pk for account in accounts],
        address_key=contact.email_key,
        released_at__isnull=True,
    )
    return contact.email if still_theirs.exists() else accounts[0].email


def contract_recipient(kind: str, payload: dict[str, Any]) -> Account | None:
    """The account that a mail job names, unless it was deactivated or switched such mails off."""
    account = Account.objects.filter(pk=payload["account"], is_active=True).first()
    if account is None or is_switched_off(of_contract_mail(kind), [account]):
        return None
    return account
