"""One line of a list of cases, and the page that lines make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opora.cases import states
from opora.cases.models import Case
from opora.core.paging import Keyset, Page

BY_ACTIVITY = Keyset("cases", datetime, int)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a line of a list."""

    number: str
    title: str
    product_name: str
    version_name: str
    severity: str
    is_round_the_clock: bool
    status: str
    third_party_reason: str
    submitted_at: datetime
    response_due_at: datetime
    first_responded_at: datetime | None
    last_activity_at: datetime
    closed_at: datetime | None
    outcome: str
    owner_given_name: str | None
    owner_family_name: str | None
    key: int  # stays in the house
    # Who holds the contract: an organisation or a person; for agents only.
    organization: str | None = None
    holder_given_name: str | None = None
    holder_family_name: str | None = None
    # For customers: its product's slug, and whether something is new to the reader.
    product_slug: str = ""
    is_unread: bool = False

    @property
    def turn(self) -> states.Turn | None:
        return states.turn(self.status, self.third_party_reason)

    @property
    def is_open(self) -> bool:
        return self.status != states.CLOSED

    @property
    def owner_name(self) -> str:
        return f"{self.owner_given_name or ''} {self.owner_family_name or ''}".strip()

    @property
    def holder_name(self) -> str:
        person = f"{self.holder_given_name or ''} {self.holder_family_name or ''}".strip()
        return self.organization or person

    def is_overdue(self, now: datetime) -> bool:
        return states.is_overdue(
            status=self.status,
            due_at=self.response_due_at,
            responded_at=self.first_responded_at,
            now=now,
        )


COLUMNS = (
    "number",
    "title",
    "product__name",
    "version__name",
    "severity",
    "is_round_the_clock",
    "status",
    "third_party_reason",
    "submitted_at",
    "response_due_at",
    "first_responded_at",
    "last_activity_at",
    "closed_at",
    "outcome",
    "owner__person__given_name",
    "owner__person__family_name",
    "id",
)
HOLDER = (
    "contract__holder_organization__name",
    "contract__holder_person__given_name",
    "contract__holder_person__family_name",
)


def page_of_rows(rows: list[CaseRow], limit: int) -> Page[CaseRow]:
    return BY_ACTIVITY.page(rows, limit, lambda row: (row.last_activity_at, row.key))


def page_of_cases(cases: Any, limit: int) -> Page[Case]:
    return BY_ACTIVITY.page(list(cases), limit, lambda case: (case.last_activity_at, case.pk))
