"""Names and the profile whose values are defaults of each request (S5.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.accounts.places import checked_profile
from opora.core import audit
from opora.core.errors import InvalidInput

LONGEST_NAME = 100


@transaction.atomic
def save_profile(
    *,
    account: Account,
    country: str,
    time_zone: str,
    language: str,
    phone: str = "",
    company: str = "",
    by: Account,
    now: datetime,
) -> Account:
    """Store the profile; the first time completes it. Raises InvalidInput naming each field."""
    profile = checked_profile(
        country=country, time_zone=time_zone, language=language, phone=phone, company=company
    )
    for name, value in profile.items():
        setattr(account, name, value)
    if account.profile_completed_at is None:
        account.profile_completed_at = now
    account.save(update_fields=[*profile, "profile_completed_at"])
    audit.record(
        "account.profile_saved", target=("account", account.public_id.hex), by=by.pk, at=now
    )
    return account


@transaction.atomic
def change_name(
    *, account: Account, given_name: str, family_name: str, by: Account, now: datetime
) -> Account:
    """The account's own change of name. A work account types only what its provider left out."""
    person = account.person
    given_name, family_name = given_name.strip(), family_name.strip()
    if account.kind == Account.Kind.WORK:
        given_name = person.given_name or given_name
        family_name = person.family_name or family_name
    given_name, family_name = checked_names(given_name=given_name, family_name=family_name)
    if (person.given_name, person.family_name) != (given_name, family_name):
        person.given_name, person.family_name = given_name, family_name
        person.save(update_fields=["given_name", "family_name"])
        audit.record(
            "account.name_changed", target=("account", account.public_id.hex), by=by.pk, at=now
        )
    return account


def checked_names(*, given_name: str, family_name: str) -> tuple[str, str]:
    """Both names, tidied; InvalidInput names each that is missing or longer than 100 characters."""
    names = {"given_name": given_name.strip(), "family_name": family_name.strip()}
    missing = {"given_name": _("Enter a first name."), "family_name": _("Enter a last name.")}
    errors = [
        {
            "field": field,
            "message": _("Shorten the name to 100 characters.") if name else missing[field],
        }
        for field, name in names.items()
        if not 1 <= len(name) <= LONGEST_NAME
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return names["given_name"], names["family_name"]


@transaction.atomic
def take_names(*, account: Account, given_name: str, family_name: str, now: datetime) -> None:
    """What the provider says at each sign-in; what it leaves out stays as it was typed once."""
    person = account.person
    names = (
        given_name.strip()[:LONGEST_NAME] or person.given_name,
        family_name.strip()[:LONGEST_NAME] or person.family_name,
    )
    if names != (person.given_name, person.family_name):
        person.given_name, person.family_name = names
        person.save(update_fields=["given_name", "family_name"])
        audit.record(
            "account.name_changed", target=("account", account.public_id.hex), by=None, at=now
        )
