"""A group that people of these tests are in."""

from __future__ import annotations

from opora.accounts.models import Account, Group
from opora.cases.actions import add_group, join_group, switch_groups
from tests import cast, factories
from tests.factories import NOW


def night_shift(by: Account) -> tuple[Account, Group]:
    """A group of Contoso with `by` in it, and the other one who is."""
    company = cast.contoso()
    factories.membership(by, company)
    walter = cast.walter()
    group = add_group(organization=company, name="Night shift", by=None, now=NOW)
    for account in (by, walter):
        join_group(group=group, account=account, by=None, now=NOW)
    switch_groups(organization=company, on=True, by=None, now=NOW)
    return walter, group
