"""What closing with each outcome does to the incident, said before it is done (S13.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from opora.cases import states
from opora.cases.models import Case
from opora.core.formats import day
from opora.desk.forms import OUTCOMES

Option = tuple[str, str, str]


def options_of(case: Case, on: date) -> list[Option]:
    """(outcome, its name, what happens to the incident) for each outcome an agent may choose."""
    return list(_options(case, on))


def comes_back(case: Case, on: date) -> str:
    """What happens to an incident that is given back on that day."""
    contract = case.contract
    ends_on = contract.ends_on
    if contract.cancelled_at is not None:
        return _("The incident comes back and expires at once: the contract was cancelled.")
    if ends_on is not None and ends_on < on:
        return _("The incident comes back and expires at once: the contract ended on %(day)s.") % {
            "day": day(ends_on)
        }
    return _("The incident comes back to the contract.")


def _options(case: Case, on: date) -> Iterator[Option]:
    for outcome, name in OUTCOMES:
        if case.unit_returned_at is not None:
            yield outcome, str(name), ""
        elif states.returns_unit(
            outcome, by_agent=True, agent_says_so=False, was_ever_owned=case.was_ever_owned
        ):
            yield outcome, str(name), comes_back(case, on)
        elif outcome == "out_of_scope":
            yield outcome, str(name), _("The incident stays used, unless you give it back here.")
        else:
            yield outcome, str(name), _("The incident stays used.")
