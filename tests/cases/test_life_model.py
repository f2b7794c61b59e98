"""The life of a case as a model: states, turns and the one incident (S13.3, S15, I2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from opora.accounts.models import Account
from opora.cases import states, timers
from opora.cases.actions import (
    change_severity,
    close_case,
    propose_outcome,
    release_case,
    reopen_case,
    set_third_party,
    take_case,
    write_message,
)
from opora.cases.models import Case
from opora.contracts.models import Contract, IncidentEntry
from opora.core.errors import Refusal
from opora.core.models import Job
from tests import factories
from tests.cases.world import breaches, new_case
from tests.factories import NOW

OUTCOMES = st.sampled_from(states.OUTCOMES)


class Life(RuleBasedStateMachine):
    """A contact, an agent and time do what they may; the case never leaves S15.1."""

    def __init__(self) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()

    def teardown(self) -> None:
        broken = breaches()
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)
        assert broken == []

    @initialize()
    def start(self) -> None:
        self.contact = factories.account()
        self.agent = factories.account(kind=Account.Kind.AGENT)
        self.case = new_case(submitted_by=self.contact)
        self.now = NOW
        self.status = "submitted"
        self.returned = False
        self.was_owned = False

    # --- What a contact does ---
    @rule()
    def contact_writes(self) -> None:
        was_asked = self.status in ("waiting_for_customer", "resolved")
        if self.tried(self.is_open, write_message, body="x", by=self.contact) and was_asked:
            self.status = "in_progress"

    @rule(outcome=OUTCOMES)
    def contact_closes(self, outcome: str) -> None:
        may = self.is_open and outcome in ("solved", "withdrawn")
        if self.tried(may, close_case, outcome=outcome, by=self.contact):
            self.close(gives_back=outcome == "withdrawn" and not self.was_owned)

    @rule()
    def contact_reopens(self) -> None:
        may = not self.is_open and not self.returned
        if self.tried(may, reopen_case, by=self.contact):
            self.status = "assigned" if self.current.owner_id else "submitted"

    @rule(severity=st.sampled_from("ABC"))
    def contact_changes_severity(self, severity: str) -> None:
        may = self.is_open and self.current.owner_id is None
        self.tried(may, change_severity, severity=severity, by=self.contact)

    # --- What an agent does ---
    @rule(asks=st.booleans())
    def agent_writes(self, asks: bool) -> None:
        if self.tried(self.is_open, write_message, body="x", by=self.agent, asks=asks):
            self.was_owned = True
            if asks:
                self.status = "waiting_for_customer"
            elif self.status in ("submitted", "assigned"):
                self.status = "in_progress"

    @rule()
    def agent_notes(self) -> None:
        self.tried(True, write_message, body="x", by=self.agent, is_note=True)

    @rule()
    def agent_takes(self) -> None:
        if self.tried(self.is_open, take_case, by=self.agent):
            self.was_owned = True
            self.status = "assigned" if self.status == "submitted" else self.status

    @rule()
    def agent_releases(self) -> None:
        may = self.is_open and self.current.owner_id is not None
        if self.tried(may, release_case, by=self.agent):
            self.status = "submitted"

    @rule(outcome=OUTCOMES)
    def agent_proposes(self, outcome: str) -> None:
        may = self.is_open and outcome != "no_reply"
        if self.tried(may, propose_outcome, outcome=outcome, body="x", by=self.agent):
            self.status, self.was_owned = "resolved", True

    @rule(reason=st.sampled_from(["", "The cable vendor"]))
    def agent_waits_for_somebody_else(self, reason: str) -> None:
        may = self.is_open and self.status not in ("waiting_for_customer", "resolved")
        self.tried(may, set_third_party, reason=reason, by=self.agent)

    @rule(outcome=OUTCOMES, says_so=st.booleans())
    def agent_closes(self, outcome: str, says_so: bool) -> None:
        may = self.is_open and outcome != "no_reply"
        deed = {"outcome": outcome, "return_unit": says_so}
        if self.tried(may, close_case, by=self.agent, **deed):
            self.close(
                gives_back=outcome in ("product_defect", "duplicate")
                or (outcome == "out_of_scope" and says_so)
                or (outcome == "withdrawn" and not self.was_owned)
            )

    @rule()
    def agent_reopens(self) -> None:
        if self.tried(not self.is_open, reopen_case, by=self.agent):
            self.status = "assigned" if self.current.owner_id else "submitted"

    # --- What time does ---
    @rule()
    def a_week_passes(self) -> None:
        self.now += timedelta(days=7, minutes=1)
        due = Job.objects.filter(
            kind__in=("case.remind", "case.close_silent"), state="open", run_after__lte=self.now
        )
        proposed = self.current.proposed_outcome
        for job in due.order_by("run_after"):
            deed = timers.remind if job.kind == "case.remind" else timers.close_silent
            deed(job.payload, job, self.now)
        if self.status in ("waiting_for_customer", "resolved"):
            gives_back = proposed in ("product_defect", "duplicate") or (
                proposed == "withdrawn" and not self.was_owned
            )
            self.close(gives_back=gives_back)

    # --- What holds ---
    @invariant()
    def the_case_is_as_the_model_says(self) -> None:
        if not hasattr(self, "case"):
            return
        case = self.current
        assert case.status == self.status
        assert (case.unit_returned_at is not None) == self.returned
        posted = IncidentEntry.objects.filter(case_number=case.number, kind="returned").count()
        assert posted == int(self.returned)
        left = Contract.objects.get(pk=case.contract_id).incidents_left
        assert left == 4 + int(self.returned)
        waits = Job.objects.filter(kind="case.close_silent", state="open").count()
        assert waits == int(self.status in ("waiting_for_customer", "resolved"))

    @property
    def current(self) -> Case:
        return Case.objects.get(pk=self.case.pk)

    @property
    def is_open(self) -> bool:
        return self.status != "closed"

    def close(self, *, gives_back: bool) -> None:
        self.status = "closed"
        self.returned = self.returned or gives_back

    def tried(self, may: bool, deed: Any, **facts: Any) -> bool:
        """Whether the deed was done, which must be whether it may be."""
        self.now += timedelta(minutes=1)
        before = self.current.revision
        try:
            deed(case=self.case, now=self.now, **facts)
        except Refusal:
            assert not may
            assert self.current.revision == before
            return False
        assert may
        return True


@pytest.mark.django_db
@pytest.mark.shows("S13.3", "S15.1", "S15.3", "S15.4", "I2")
def test_after_any_history_the_case_is_as_the_model_says() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
