"""Contracts that end soon while incidents are left: rows of the page, and of the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from opora.contracts.models import Contract
from opora.contracts.queries import all_ending_contracts, status_of
from opora.core.days import today
from opora.core.formats import language
from opora.core.wording import in_language
from opora.web.contract_sharing import holder_name
from opora.web.tables import Cell


@dataclass(frozen=True)
class EndingRow:
    """`status` as in the API; `days_left`: 0 on the last usable day."""

    contract: Contract
    holder: str
    days_left: int
    status: str

    @property
    def contract_key(self) -> str:
        return str(self.contract.public_id.hex)


def ending_row(contract: Contract, day: date) -> EndingRow:
    last = contract.ends_on or day
    return EndingRow(contract, holder_name(contract), (last - day).days, status_of(contract, day))


def ending_table_rows(now: datetime) -> Iterator[list[list[Cell]]]:
    """Under their headings, soonest first, a piece at a time; in the reader's words of now."""
    day, spoken = today(now), language()
    suspended = pgettext("table", "suspended")
    head: list[Cell] = [
        _("Holder"),
        _("Plan"),
        _("Contract ID"),
        _("Starts on"),
        _("Last usable day"),
        _("Days left"),
        _("Incidents granted"),
        _("Incidents left"),
        _("State"),
    ]

    def cells(row: EndingRow) -> list[Cell]:
        contract = row.contract
        return [
            row.holder,
            in_language(contract.plan_version.plan.names, spoken),
            contract.shown_contract_id or "",
            str(contract.starts_on),
            str(contract.ends_on),
            row.days_left,
            contract.incidents_granted,
            contract.incidents_left,
            suspended if row.status == "suspended" else "",
        ]

    def pieces() -> Iterator[list[list[Cell]]]:
        yield [head]
        for piece in all_ending_contracts(now=now):
            yield [cells(ending_row(contract, day)) for contract in piece]

    return pieces()
