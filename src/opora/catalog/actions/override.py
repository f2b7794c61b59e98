"""Correct one fact of one version by hand, for good."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from opora.catalog.errors import BadOverride
from opora.catalog.facts import DAYS, POLICIES, NoSuchValue, fact_called, parsed_fact
from opora.catalog.models import Override, Version
from opora.catalog.queries import version_for
from opora.core import audit

NOTHING = ("", "null", "none")  # how a command line spells a fact that is not set


@transaction.atomic
def override_fact(
    *,
    product: str,
    version: str,
    field: str,
    value: str | int | None,
    reason: str,
    now: datetime,
) -> Version:
    """Set a fact of the version with these slugs, over whatever any file says (S10.1).

    `field` is the file's name or the API's (`mainstream_end`, `mainstream_ends_on`); `value` a day
    "YYYY-MM-DD", a generation (a number or its digits), a policy, or None, "", "null": not set.
    Refused with the field at fault: UnknownProduct, UnknownVersion, BadOverride (`field`, `value`,
    `reason`). Overriding again replaces the earlier value.
    """
    fact = fact_called(field)
    if fact is None:
        names = ", ".join((*DAYS, "generation", "policy"))
        raise BadOverride.on(
            "field",
            _("There is no fact “%(field)s”; there are: %(names)s.")
            % {"field": field, "names": names},
        )
    plain = _plain(fact, value)
    if not reason.strip():
        raise BadOverride.on("reason", _("Say why this fact is overridden."))
    found = version_for(product, version)
    row = Version.objects.locked().get(pk=found.pk)
    Override.objects.update_or_create(
        version=row, field=fact, defaults={"value": plain, "reason": reason.strip(), "at": now}
    )
    setattr(row, fact, parsed_fact(fact, plain))
    row.save(update_fields=[fact])
    audit.record(
        "catalog.overridden",
        target=("catalog", "all"),
        by=None,
        at=now,
        product=found.product.slug,
        version=found.slug,
        field=fact,
        value=plain,
    )
    return row


def _plain(fact: str, value: object) -> str | int | None:
    """The JSON form of a value as typed; BadOverride on `value`."""
    plain = None if isinstance(value, str) and value.strip().lower() in NOTHING else value
    if isinstance(plain, str):
        plain = plain.strip()
        if fact == "generation" and plain.isascii() and plain.isdecimal():
            plain = int(plain)
    try:
        known = parsed_fact(fact, plain)
    except NoSuchValue:
        raise BadOverride.on("value", _expected(fact)) from None
    return known.isoformat() if isinstance(known, date) else known


def _expected(fact: str) -> str:
    if fact == "policy":
        return _("This must be one of %(allowed)s.") % {"allowed": ", ".join(POLICIES)}
    if fact == "generation":
        return _("This must be a whole number from 0, or null.")
    return _("This must be a day, YYYY-MM-DD, or null.")
