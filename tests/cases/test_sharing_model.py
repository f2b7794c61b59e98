"""Sharing as a model: after any history, who reads is who should (I6, AC-13, S8.3–S8.5)."""

from __future__ import annotations

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

from opora.accounts.models import Account, ProvedAddress
from opora.cases.actions import (
    add_contact,
    add_group,
    bind_contacts,
    close_case,
    join_group,
    leave_group,
    name_group,
    remove_contact,
    reopen_case,
    replace_primary,
    switch_groups,
    take_case,
)
from opora.cases.models import Case
from opora.cases.queries import attachment_for, case_for, cases_of
from opora.core.errors import NotFound, Refusal
from tests import cast, factories
from tests.cases.world import breaches, new_case, upload
from tests.factories import NOW

PEOPLE = st.sampled_from(range(5))


class Sharing(RuleBasedStateMachine):
    """Five people share one case in every way there is; a dictionary says who should read."""

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
        self.people = [factories.account(proved=n < 3) for n in range(5)]
        self.proved = {0, 1, 2}
        self.agent = factories.account(kind=Account.Kind.AGENT)
        self.case = new_case(submitted_by=self.people[0])
        self.file = upload(self.people[0])
        self.file.case = self.case
        self.file.save()
        self.roles = {0: "primary"}
        self.bound = {0}
        self.company = factories.organization()
        for account in self.people:
            factories.membership(account, self.company)
        self.group = add_group(organization=self.company, name="Team", by=None, now=NOW)
        self.in_group: set[int] = set()
        self.is_named = self.is_on = False

    @rule(who=PEOPLE, whom=PEOPLE)
    def share(self, who: int, whom: int) -> None:
        may = who in self.contacts and whom not in self.roles
        if self.tried(may, add_contact, **self.person(whom), by=self.people[who]):
            self.roles[whom] = "additional"
            self.bind(whom)

    @rule(who=PEOPLE, whom=PEOPLE)
    def hand_over(self, who: int, whom: int) -> None:
        may = self.leads(who) and self.roles.get(whom) != "primary"
        if self.tried(may, replace_primary, **self.person(whom), by=self.people[who]):
            self.roles = dict.fromkeys(self.roles, "additional") | {whom: "primary"}
            self.bind(whom)

    @rule(whom=PEOPLE)
    def the_agent_hands_over(self, whom: int) -> None:
        take_case(case=self.case, by=self.agent, now=NOW) if self.is_open else None
        owns = Case.objects.get(pk=self.case.pk).owner_id == self.agent.pk
        may = owns and self.roles.get(whom) != "primary"
        if self.tried(may, replace_primary, **self.person(whom), by=self.agent):
            self.roles = dict.fromkeys(self.roles, "additional") | {whom: "primary"}
            self.bind(whom)

    @rule(who=PEOPLE, whom=PEOPLE)
    def remove(self, who: int, whom: int) -> None:
        row = self.case.contacts.filter(email_key=self.people[whom].email_key).first()
        if row is None:
            return
        may = self.roles[whom] != "primary" and (
            self.leads(who) or (who == whom and who in self.bound)
        )
        if self.tried(may, remove_contact, contact=row, by=self.people[who]):
            del self.roles[whom]
            self.bound.discard(whom)

    @rule(who=PEOPLE)
    def prove(self, who: int) -> None:
        account = self.people[who]
        ProvedAddress.objects.get_or_create(
            account=account,
            address_key=account.email_key,
            defaults={"how": "mail", "proved_at": NOW},
        )
        self.proved.add(who)
        bind_contacts(account=account, now=NOW)
        if who in self.roles:
            self.bound.add(who)

    @rule(who=PEOPLE)
    def join_or_leave_the_group(self, who: int) -> None:
        deed = leave_group if who in self.in_group else join_group
        deed(group=self.group, account=self.people[who], by=None, now=NOW)
        self.in_group ^= {who}

    @rule()
    def switch(self) -> None:
        self.is_on = not self.is_on
        switch_groups(organization=self.company, on=self.is_on, by=None, now=NOW)

    @rule(who=PEOPLE)
    def name_the_group(self, who: int) -> None:
        may = who in self.contacts and (self.is_named or (self.is_on and who in self.in_group))
        if self.tried(may, name_group, group=self.group, by=self.people[who]):
            self.is_named = True

    @rule(who=PEOPLE)
    def take_the_group_away(self, who: int) -> None:
        may_end = not self.is_named or self.leads(who) or who in self.in_group
        may = who in self.contacts and may_end
        if self.tried(may, name_group, group=None, by=self.people[who]):
            self.is_named = False

    @rule()
    def close_or_reopen(self) -> None:
        deed: Any = close_case if self.is_open else reopen_case
        more = {"outcome": "solved"} if self.is_open else {}
        deed(case=self.case, by=self.agent, now=NOW, **more)

    @invariant()
    def who_reads_is_who_should(self) -> None:
        if not hasattr(self, "people"):
            return
        seen = {n for n in range(5) if self.sees(self.people[n])}
        assert seen == self.readers

    # --- The model ---
    @property
    def contacts(self) -> set[int]:
        return self.bound & set(self.roles)

    @property
    def readers(self) -> set[int]:
        return self.contacts | (self.in_group if self.is_named and self.is_on else set())

    @property
    def is_open(self) -> bool:
        return Case.objects.get(pk=self.case.pk).is_open

    def leads(self, who: int) -> bool:
        return who in self.contacts and self.roles[who] == "primary"

    def bind(self, whom: int) -> None:
        if whom in self.proved:
            self.bound.add(whom)

    def person(self, n: int) -> dict[str, str]:
        return {"given_name": "P", "family_name": str(n), "email": self.people[n].email}

    def tried(self, may: bool, deed: Any, **facts: Any) -> bool:
        """Whether the deed was done, which must be whether it may be."""
        try:
            deed(case=self.case, now=NOW, **facts)
        except Refusal:
            assert not may
            return False
        assert may
        return True

    def sees(self, account: Account) -> bool:
        """Whether page, file and list agree that the account reads the case, and that it does."""
        answers = {bool(cases_of(account).items)}
        for door in (
            lambda: case_for(account, self.case.number),
            lambda: attachment_for(account, self.case.number, self.file.public_id.hex),
        ):
            try:
                door()
            except NotFound:
                answers.add(False)
            else:
                answers.add(True)
        assert len(answers) == 1
        return answers.pop()


@pytest.mark.django_db
@pytest.mark.slow("after each step everybody tries every way in")
@pytest.mark.shows("I6", "S8.1", "S8.3", "S8.4", "S8.5", "AC-13")
def test_after_any_history_of_sharing_the_readers_are_the_models() -> None:
    cast.dana()
    run_state_machine_as_test(
        Sharing,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
