"""The people on a case, and which accounts they are (S8.3, S8.4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases import readers
from opora.cases.actions.change import MAILS, Change, changing, contact_key, mail
from opora.cases.errors import (
    AlreadyAContact,
    NotAllowed,
    PhoneRequired,
    PrimaryContactStays,
)
from opora.cases.intake import CHANNELS, MOST_CONTACTS, as_errors
from opora.cases.models import Case, CaseContact
from opora.cases.texts import key_of, one_line, person_problems, plain, problem_with_phone
from opora.core import audit, outbox
from opora.core.errors import InvalidInput, NotFound
from opora.core.wording import LANGUAGES

Role = CaseContact.Role


def add_contact(
    *,
    case: Case,
    given_name: str,
    family_name: str,
    email: str,
    by: Account,
    now: datetime,
    role: str = Role.ADDITIONAL,
    phone: str = "",
    preferred_contact: str = CaseContact.Channel.EMAIL,
    language: str = "",
    revision: int | None = None,
) -> CaseContact:
    """Any contact adds additional ones, on closed cases too; `role` primary is `replace_primary`.

    Whoever is added reads the case at once, if an account has proved the address, and gets a notice
    without content (S6.9). Raises AlreadyAContact, NotAllowed (agents only replace the primary),
    CaseHasChanged, InvalidInput by field.
    """
    person = _person(given_name, family_name, email, phone, preferred_contact, language)
    if role == Role.PRIMARY:
        return _replace_primary(case, person, by=by, now=now, revision=revision)
    if role != Role.ADDITIONAL:
        raise InvalidInput.on("role", _("Choose primary or additional."))
    with changing(case, by=by, now=now, revision=revision) as change:
        if change.is_agents:
            raise NotAllowed
        if change.case.contacts.filter(email_key=person.email_key).exists():
            raise AlreadyAContact(email=person.email)
        if change.case.contacts.count() > MOST_CONTACTS:
            raise InvalidInput.on("email", _("There are as many contacts as there can be."))
        contact = _admit(change, person, Role.ADDITIONAL)
        change.record("case.contact_added", contact=contact.public_id.hex, role=contact.role)
    return contact


def replace_primary(
    *,
    case: Case,
    given_name: str,
    family_name: str,
    email: str,
    by: Account,
    now: datetime,
    phone: str = "",
    preferred_contact: str = CaseContact.Channel.EMAIL,
    language: str = "",
    revision: int | None = None,
) -> CaseContact:
    """The primary contact or the owning agent names another primary; the former becomes additional.

    An additional contact's address makes that contact the primary. Raises NotAllowed,
    AlreadyAContact for the primary's own address, CaseHasChanged, InvalidInput by field.
    """
    person = _person(given_name, family_name, email, phone, preferred_contact, language)
    return _replace_primary(case, person, by=by, now=now, revision=revision)


def remove_contact(
    *, case: Case, contact: CaseContact, by: Account, now: datetime, revision: int | None = None
) -> None:
    """The primary contact and the owning agent remove additional contacts, anyone themself.

    From the next call on the person sees nothing, and mails that wait are called off (AC-13).
    Raises PrimaryContactStays, NotAllowed, NotFound, CaseHasChanged.
    """
    with changing(case, by=by, now=now, revision=revision) as change:
        row = CaseContact.objects.filter(case=change.case, pk=contact.pk).first()
        if row is None:
            raise NotFound
        is_own = row.bindings.filter(account=by).exists()
        if not (is_own or _leads(change, by)):
            raise NotAllowed
        if row.role == Role.PRIMARY:
            raise PrimaryContactStays
        row.delete()
        readers.dismiss_strangers(change.case)
        outbox.cancel(key=contact_key(change.case, contact.pk), kinds=MAILS, at=now)
        change.record("case.contact_removed", contact=row.public_id.hex, themself=is_own or None)


@transaction.atomic
def bind_contacts(*, account: Account, now: datetime) -> int:
    """Let an account read the cases of whose contacts it has proved the address; how many are new.

    Safe to repeat; runs whenever an address is proved (S8.4).
    """
    cases = readers.admit_account(account.pk, now=now)
    if cases:
        audit.record(
            "account.contacts_bound",
            target=("account", account.public_id.hex),
            by=None,
            at=now,
            cases=len(cases),
        )
    return len(cases)


def _person(
    given_name: str,
    family_name: str,
    email: str,
    phone: str,
    preferred_contact: str,
    language: str,
) -> CaseContact:
    """The person as a row not yet stored; InvalidInput names every field, or PhoneRequired."""
    given_name, family_name = one_line(given_name), one_line(family_name)
    email, phone = plain(email).strip(), one_line(phone)
    problems = person_problems(given_name, family_name, email)
    if message := problem_with_phone(phone):
        problems["phone"] = message
    if preferred_contact not in CHANNELS:
        problems["preferred_contact"] = _("Choose e-mail or phone.")
    if language not in ("", *LANGUAGES):
        problems["language"] = _("Choose Czech or English.")
    if problems:
        raise InvalidInput(errors=as_errors(problems))
    if preferred_contact == CaseContact.Channel.PHONE and not phone:
        raise PhoneRequired
    return CaseContact(
        given_name=given_name,
        family_name=family_name,
        email=email,
        email_key=key_of(email),
        phone=phone,
        preferred_contact=preferred_contact,
        language=language,
    )


def _leads(change: Change, by: Account) -> bool:
    """Whether the doer is the primary contact or the agent who owns the case."""
    if by.is_agent:
        return change.case.owner_id == by.pk
    return change.case.contacts.filter(role=Role.PRIMARY, bindings__account=by).exists()


def _replace_primary(
    case: Case, person: CaseContact, *, by: Account, now: datetime, revision: int | None
) -> CaseContact:
    with changing(case, by=by, now=now, revision=revision) as change:
        if not _leads(change, by):
            raise NotAllowed
        known = change.case.contacts.filter(email_key=person.email_key).first()
        if known and known.role == Role.PRIMARY:
            raise AlreadyAContact(email=person.email)
        change.case.contacts.filter(role=Role.PRIMARY).update(role=Role.ADDITIONAL)
        contact = _promote(known, person) if known else _admit(change, person, Role.PRIMARY)
        if contact.language:
            change.set(language=contact.language)
        change.record("case.primary_replaced", contact=contact.public_id.hex)
    return contact


def _promote(contact: CaseContact, person: CaseContact) -> CaseContact:
    """An additional contact becomes the primary, as it is written now."""
    contact.role = Role.PRIMARY
    contact.given_name, contact.family_name = person.given_name, person.family_name
    contact.phone = person.phone or contact.phone
    contact.preferred_contact = person.preferred_contact
    contact.language = person.language or contact.language
    contact.save(
        update_fields=[
            "role",
            "given_name",
            "family_name",
            "phone",
            "preferred_contact",
            "language",
        ]
    )
    return contact


def _admit(change: Change, person: CaseContact, role: str) -> CaseContact:
    person.case = change.case
    person.role = role
    person.added_at = change.now
    person.added_by = change.by
    person.save(force_insert=True)
    readers.admit_contacts_of(change.case.pk, now=change.now)
    change.publish(mail("mail.contact_added", change.case, person.pk))
    return person
