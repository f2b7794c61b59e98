"""Numbers of cases that stand on pages about something else, such as a contract's statement."""

from __future__ import annotations

from collections.abc import Iterable

from opora.accounts.models import Account
from opora.cases.models import Case


def readable_numbers(account: Account, numbers: Iterable[str | None]) -> set[str]:
    """Those of `numbers` whose cases the account may open (AC-08). One statement, none for none."""
    wanted = {number for number in numbers if number}
    if not wanted:
        return set()
    found = Case.objects.visible_to(account).filter(number__in=wanted)
    return set(found.values_list("number", flat=True))
