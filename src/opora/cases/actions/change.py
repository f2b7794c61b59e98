"""One change of one case: locked, checked, stored, told, in one transaction.

Every deed on a case goes through `changing`, so that the revision, the readers' rows, the timers,
the audit line and the after-effects can never be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, DateTimeField, F, When
from django.db.models import Case as Sql

from opora.accounts.models import Account
from opora.cases import states
from opora.cases.errors import CaseHasChanged, CaseIsClosed, NotAllowed
from opora.cases.models import Case, CaseContact, CaseQuerySet, CaseReader
from opora.core import audit, outbox
from opora.core.errors import NotFound
from opora.core.outbox import Effect
from opora.core.prepared import Param, Prepared, PreparedUpdate, save

TIMERS = ("case.remind", "case.close_silent")
MAILS = (
    "mail.case_receipt",
    "mail.case_message",
    "mail.case_resolved",
    "mail.case_closed",
    "mail.case_reminder",
    "mail.contact_added",
    "mail.unit_lapsed",
)


class Change:
    """What one deed does to a locked case. Nothing is written before the deed's block ends."""

    def __init__(self, case: Case, *, by: Account | None, now: datetime) -> None:
        self.case = case
        self.by = by
        self.now = now
        self._status = case.status
        self._status_since = case.status_since
        self._fields: set[str] = set()
        self._effects: list[Effect] = []
        self._lines: list[tuple[str, dict[str, Any]]] = []
        self._is_activity = False

    @property
    def is_agents(self) -> bool:
        """An agent's deed; false for contacts and for Opora's own timers."""
        return self.by is not None and self.by.is_agent

    def refuse_if_closed(self) -> None:
        if not self.case.is_open:
            raise CaseIsClosed(number=self.case.number)

    def set(self, **values: Any) -> None:
        """Give the case these values."""
        for name, value in values.items():
            setattr(self.case, name, value)
        self._fields.update(values)

    def go(self, event: states.Event) -> None:
        """Let `event` move the case along S15.1; CaseIsClosed if it is over."""
        after = states.move(self.case.status, event, has_owner=self.case.owner_id is not None)
        if after is None:
            raise CaseIsClosed(number=self.case.number)
        enters = after != self.case.status or event in ("agent_asked", "outcome_proposed")
        if enters:
            self.set(status=after, status_since=self.now)
        if after not in states.WITH_VENDOR and self.case.third_party_reason:
            self.set(third_party_reason="")
        if after != states.RESOLVED and self.case.proposed_outcome:
            self.set(proposed_outcome="")

    def own(self, agent: Account) -> None:
        """Make `agent` the owner of a case."""
        self.set(owner=agent, was_ever_owned=True)

    def is_activity(self) -> None:
        """The change moves the case up in everybody's list; notes and ownership do not."""
        self._is_activity = True

    def mail_contacts(self, kind: str, **payload: Any) -> None:
        """Mail to every contact but whoever does this (S6.9), one job each."""
        contacts = CaseContact.objects.filter(case=self.case)
        if self.by is not None:
            contacts = contacts.exclude(bindings__account=self.by)
        for contact in contacts.order_by("pk").values_list("pk", flat=True):
            self.publish(mail(kind, self.case, contact, **payload))

    def publish(self, *effects: Effect) -> None:
        self._effects += effects

    def record(self, code: str, **facts: Any) -> None:
        """The deed's audit line."""
        self._lines.append((code, facts))

    def store(self) -> None:
        """Write everything. A deed that recorded nothing changed nothing."""
        if not self._lines:
            return
        case = self.case
        if self._is_activity:
            self.set(last_activity_at=self.now)
        self.set(revision=case.revision + 1)
        save(case, self._fields)
        if self._fields & {"status", "last_activity_at"}:
            _READERS.run(
                case=case.pk,
                is_open=case.is_open,
                is_customers_turn=case.status in states.WITH_CUSTOMER,
                last_activity_at=case.last_activity_at,
                doer=self.by.pk if self.by else None,
            )
        self._set_timers()
        for code, facts in self._lines:
            audit.record(
                code,
                target=("case", case.number),
                by=self.by.pk if self.by else None,
                at=self.now,
                **facts,
            )
        if self._effects:
            outbox.publish(*self._effects, at=self.now)

    def _set_timers(self) -> None:
        case = self.case
        if (case.status, case.status_since) == (self._status, self._status_since):
            return
        if self._status in states.WITH_CUSTOMER:
            outbox.cancel(key=case_key(case), kinds=TIMERS, at=self.now)
        if case.status not in states.WITH_CUSTOMER:
            return
        payload = {"case": case.pk, "status_since": case.status_since.isoformat()}
        after = [("case.remind", wait) for wait in states.REMIND_AFTER]
        for kind, wait in [*after, ("case.close_silent", states.CLOSE_AFTER)]:
            self.publish(Effect(kind, case_key(case), payload, run_after=self.now + wait))


def _locked(cases: Callable[[], CaseQuerySet]) -> Prepared[Case]:
    return Prepared(
        lambda: cases().locked().defer("description").filter(pk=Param("case", BigIntegerField()))
    )


_READERS = PreparedUpdate(
    lambda: CaseReader.objects.filter(case=Param("case", BigIntegerField())),
    *("is_open", "is_customers_turn", "last_activity_at"),
    # To who does it the case has nothing new; to everybody else what it had.
    seen_at=Sql(
        When(
            account=Param("doer", BigIntegerField()),
            then=Param("last_activity_at", DateTimeField()),
        ),
        default=F("seen_at"),
        output_field=DateTimeField(),
    ),
)
_VIEWER = Param("viewer", BigIntegerField())
# As CaseQuerySet.visible_to, for each kind of doer; members of a case's group only read it.
_LOCKED = {
    "all": _locked(lambda: Case.objects.all()),
    "agent": _locked(lambda: Case.objects.seen_by_agent(_VIEWER)),
    "customer": _locked(lambda: Case.objects.written_by(_VIEWER)),
}


def _kind_of(by: Account | None) -> str:
    if by is None or by.is_administrator:
        return "all"
    return "agent" if by.is_agent else "customer"


@contextmanager
def changing(
    case: Case, *, by: Account | None, now: datetime, revision: int | None = None
) -> Iterator[Change]:
    """Lock the case as it is now and store what the block does to it.

    `by` None is Opora itself. NotFound if `by` may not see it (any more), NotAllowed if a group
    lets them see it and no more; CaseHasChanged if it is past the `revision` that the doer looked
    at (F-32).
    """
    with transaction.atomic():
        current = _LOCKED[_kind_of(by)].first(case=case.pk, viewer=by.pk if by else None)
        if current is None:
            only_reads = by is not None and Case.objects.visible_to(by).filter(pk=case.pk).exists()
            raise NotAllowed if only_reads else NotFound
        if revision is not None and current.revision != revision:
            raise CaseHasChanged(number=current.number, revision=current.revision)
        change = Change(current, by=by, now=now)
        yield change
        change.store()


def mail(kind: str, case: Case, contact_pk: int, **payload: Any) -> Effect:
    """A mail to one contact, which the contact's removal calls off (AC-13)."""
    return Effect(
        kind,
        contact_key(case, contact_pk),
        {"case": case.pk, "contact": contact_pk, **payload},
    )


def case_key(case: Case) -> str:
    """The key of queued jobs about the case."""
    return f"case:{case.number}"


def contact_key(case: Case, contact_pk: int) -> str:
    """The key of queued mails about the case to one of its contacts."""
    return f"case:{case.number}:contact:{contact_pk}"
