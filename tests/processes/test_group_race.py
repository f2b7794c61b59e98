"""Requests shared with a group while people join it and leave it: nobody is missed (S8.5, I6)."""

from __future__ import annotations

import pytest

from opora.accounts.models import Account, Group
from opora.cases.actions import add_group, join_group, leave_group, name_group, switch_groups
from opora.cases.invariants import CHECKS
from opora.cases.models import Case, CaseReader
from opora.core.invariants import snapshot
from tests import factories
from tests.factories import NOW
from tests.processes.racing import PROCESSES, ROUNDS, race

pytestmark = [pytest.mark.processes]

NAMING = PROCESSES // 2
LEAVING = PROCESSES // 4


@pytest.mark.shows("S8.5", "I6", "F-15")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_who_joins_while_requests_are_shared_reads_them_all(durable: None) -> None:
    company = factories.organization()
    switch_groups(organization=company, on=True, by=None, now=NOW)
    groups, leads, others = [], [], []
    for at in range(ROUNDS):
        groups.append(add_group(organization=company, name=f"Round {at}", by=None, now=NOW))
        leads.append(member(groups[at]))
        others.append([factories.account() for _ in range(PROCESSES - NAMING)])
        for account in others[at]:
            factories.membership(account, company)
        for account in others[at][:LEAVING]:
            join_group(group=groups[at], account=account, by=None, now=NOW)
    contract = factories.contract(incidents=NAMING * ROUNDS, registered_to=tuple(leads))
    version = factories.version()
    cases = [
        [
            factories.case(submitted_by=leads[at], contract=contract, of=version)
            for _ in range(NAMING)
        ]
        for at in range(ROUNDS)
    ]

    def act(number: int, at: int) -> str:
        if number < NAMING:
            name_group(case=cases[at][number], group=groups[at], by=leads[at], now=NOW)
            return "named"
        account = others[at][number - NAMING]
        leaves = number - NAMING < LEAVING
        (leave_group if leaves else join_group)(group=groups[at], account=account, by=None, now=NOW)
        return "left" if leaves else "joined"

    joining = PROCESSES - NAMING - LEAVING
    assert race(act) == [{"named": NAMING, "joined": joining, "left": LEAVING}] * ROUNDS
    for at in range(ROUNDS):
        assert Case.objects.filter(group=groups[at]).count() == NAMING
        read = CaseReader.objects.filter(is_contact=False, case__group=groups[at])
        assert read.count() == NAMING * joining
    with snapshot(now=NOW) as moment:
        assert [told for check in CHECKS for told in check.run(moment).breaches] == []


def member(group: Group) -> Account:
    made = factories.account()
    factories.membership(made, group.organization)
    join_group(group=group, account=made, by=None, now=NOW)
    return made
