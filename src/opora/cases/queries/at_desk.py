"""A case as agents work on it: with its people, files, and what else they should know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, QuerySet

from opora.accounts.models import Account, Group
from opora.cases import states
from opora.cases.models import Attachment, Case, CaseContact, Queue, Rating
from opora.cases.queries.doors import VIEWER, door, is_number
from opora.core.errors import NotFound
from opora.core.nested import Nested
from opora.core.prepared import Prepared

MOST_OTHERS = 5


class GroupAtDesk(NamedTuple):
    """The group that reads a case (S8.5), with how many are in it."""

    name: str
    organization: str
    members: int


class RatingLine(NamedTuple):
    """What a contact answered when the case was closed."""

    given_name: str
    family_name: str
    score: int
    comment: str
    changed_at: datetime

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class OtherCase(NamedTuple):
    """Another case of the same contract."""

    number: str
    title: str
    status: str
    third_party_reason: str
    submitted_at: datetime

    @property
    def turn(self) -> states.Turn | None:
        return states.turn(self.status, self.third_party_reason)


@dataclass(frozen=True)
class CaseAtDesk:
    """`contacts`: primary first. `files`: oldest first, those of notes too. `group`: None while its
    organisation has groups switched off. `ratings`: oldest first. `others`: the newest of the same
    contract that the agent sees, at most five. `queues`: keys of those whose cases the agent sees.
    """

    case: Case
    contacts: list[CaseContact]
    files: list[Attachment]
    group: GroupAtDesk | None
    ratings: list[RatingLine]
    others: list[OtherCase]
    queues: list[int]


def case_at_desk(agent: Account, number: str) -> CaseAtDesk:
    """The case of that number for an agent who sees it, else NotFound, as `case_for`. One statement
    for all that hangs on it but what was written."""
    read = _ADMINISTRATORS if agent.is_administrator else _AGENTS
    case: Any = read.first(number=number, viewer=agent.pk) if is_number(number) else None
    if case is None:
        raise NotFound
    return CaseAtDesk(
        case=case,
        contacts=case.its_contacts,
        files=case.its_files,
        group=next(iter(case.its_group), None),
        ratings=case.its_ratings,
        others=case.its_others,
        queues=case.viewer_queues,
    )


def _beside(seen: Callable[[], QuerySet[Case]], queues: Callable[[], QuerySet[Queue]]) -> Any:
    """What comes with the case, for agents who see the cases `seen`, those of `queues`."""
    its = OuterRef("pk")

    def columns() -> dict[str, Any]:
        groups = Group.objects.filter(pk=OuterRef("group"), organization__has_groups=True)
        others = seen().filter(contract=OuterRef("contract")).exclude(pk=its).order_by("-pk")
        return {
            "its_contacts": Nested.whole(
                CaseContact.objects.filter(case=its).order_by("-role", "pk")
            ),
            "its_files": Nested.whole(Attachment.objects.filter(case=its).order_by("pk")),
            "its_group": Nested(
                groups.annotate(many=Count("members")),
                GroupAtDesk,
                *("name", "organization__name", "many"),
            ),
            "its_ratings": Nested(
                Rating.objects.filter(case=its).order_by("pk"),
                RatingLine,
                *("account__person__given_name", "account__person__family_name"),
                *("score", "comment", "changed_at"),
            ),
            "its_others": Nested(
                others[:MOST_OTHERS],
                OtherCase,
                *("number", "title", "status", "third_party_reason", "submitted_at"),
            ),
            "viewer_queues": Nested(queues().order_by("pk"), int, "pk"),
        }

    return columns


# The same rule as CaseQuerySet.visible_to, for each kind of agent.
_ADMINISTRATORS: Prepared[Case] = door(
    lambda cases: cases,
    _beside(Case.objects.all, Queue.objects.all),
)
_AGENTS: Prepared[Case] = door(
    lambda cases: cases.seen_by_agent(VIEWER),
    _beside(
        lambda: Case.objects.seen_by_agent(VIEWER),
        lambda: Queue.objects.holding(VIEWER),
    ),
)
