"""Who gets a mail, checked when it is sent: somebody removed meanwhile gets none (AC-13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opora.accounts.addresses import address_key
from opora.accounts.models import Account
from opora.accounts.queries import accounts_with_address
from opora.cases.models import Case, CaseContact


@dataclass(frozen=True)
class CaseRecipient:
    """A contact of a case as of now; language and zone are of the account behind it, if any."""

    case: Case
    contact: CaseContact
    language: str
    time_zone: str


def case_recipient(payload: dict[str, Any]) -> CaseRecipient | None:
    """The contact that a mail job names, or None if it is no contact of the case any more."""
    contact = (
        CaseContact.objects.select_related("case__product", "case__version", "case__contract")
        .filter(pk=payload["contact"], case=payload["case"])
        .first()
    )
    if contact is None:
        return None
    account = (
        Account.objects.filter(contact_bindings__contact=contact, is_active=True)
        .exclude(language="")
        .order_by("contact_bindings__id")
        .first()
    )
    case = contact.case
    return CaseRecipient(
        case=case,
        contact=contact,
        language=account.language if account else (contact.language or case.language),
        time_zone=(account.time_zone if account else "") or case.time_zone,
    )


def account_recipient(pk: int) -> Account | None:
    """The account that a mail job names, unless it was deactivated meanwhile."""
    return Account.objects.filter(pk=pk, is_active=True).first()


def reader_of(address: str) -> Account | None:
    """The active account that has proved the address, for the language of a mail to it."""
    return next((a for a in accounts_with_address(address_key(address)) if a.is_active), None)
