"""Many processes at once, on a durable database: PA-01, F-15, F-30 (SECURITY 4, M2)."""

from __future__ import annotations

import pytest

from opora.accounts.models import Account
from opora.contracts.actions import issue_contracts, register_contract
from opora.contracts.errors import ContractAlreadyRegistered, NotEligible
from opora.contracts.invariants import CHECKS
from opora.contracts.models import Contract, IncidentEntry, Registration
from opora.core.errors import TriedTooOften
from opora.core.invariants import snapshot
from tests import factories
from tests.factories import NOW
from tests.processes.racing import PROCESSES, ROUNDS, race

pytestmark = [pytest.mark.processes]


def breaches() -> list[str]:
    with snapshot(now=NOW) as moment:
        return [b for check in CHECKS for b in check.run(moment).breaches]


@pytest.mark.shows("PA-01", "F-15", "F-26", "S13.1")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_the_last_incident_is_spent_once(durable: None) -> None:
    from opora.contracts.actions import consume_incident

    accounts = [factories.account() for _ in range(PROCESSES)]
    contracts = [
        factories.contract(incidents=1, registered_to=tuple(accounts)) for _ in range(ROUNDS)
    ]

    def draw(number: int, at: int) -> str:
        try:
            consume_incident(
                contract_pk=contracts[at].pk,
                case_number=f"{at:08d}{number:08d}",
                by=accounts[number],
                now=NOW,
            )
        except NotEligible as refused:
            return ",".join(reason["code"] for reason in refused.reasons)
        return "drawn"

    assert race(draw) == [{"drawn": 1, "no-incidents-left": PROCESSES - 1}] * ROUNDS
    for contract in contracts:
        contract.refresh_from_db()
        assert (contract.incidents_left, contract.entry_count) == (0, 2)
        assert contract.entries.filter(kind=IncidentEntry.Kind.CONSUMED).count() == 1
    assert breaches() == []


@pytest.mark.shows("F-30", "S2.5")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_one_account_registers_a_contract_once(durable: None) -> None:
    account = factories.account()
    factories.plan_version("plan")
    issued = issue_contracts(plan_code="plan", holder="Contoso", count=ROUNDS, by=None, now=NOW)

    def register(number: int, at: int) -> str:
        try:
            register_contract(
                account=Account.objects.get(pk=account.pk),
                access_id=issued[at].access_id,
                contract_id=str(issued[at].contract.contract_id),
                network=f"192.0.{number}.1",
                now=NOW,
            )
        except ContractAlreadyRegistered:
            return "already"
        return "registered"

    assert race(register) == [{"registered": 1, "already": PROCESSES - 1}] * ROUNDS
    assert Registration.objects.count() == ROUNDS
    assert breaches() == []


@pytest.mark.shows("EN-02")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_wrong_tries_at_once_are_all_counted(durable: None) -> None:
    from opora.contracts.errors import ContractNotFound

    # New ones each round: what an account or a network tried before would count too.
    accounts = [[factories.account() for _ in range(PROCESSES)] for _ in range(ROUNDS)]
    factories.plan_version("plan")
    issued = issue_contracts(plan_code="plan", holder="Contoso", count=ROUNDS, by=None, now=NOW)

    def guess(number: int, at: int) -> str:
        try:
            register_contract(
                account=accounts[at][number],
                access_id="AAAA-AAAA-AAAA-AAAA-AAAA",
                contract_id=str(issued[at].contract.contract_id),
                network=f"192.{at}.{number}.1",
                now=NOW,
            )
        except ContractNotFound:
            return "judged"
        except TriedTooOften:
            return "waits"
        return "registered"

    assert race(guess) == [{"judged": 10, "waits": PROCESSES - 10}] * ROUNDS
    assert Contract.objects.count() == ROUNDS


@pytest.mark.shows("AU-07", "S14.1", "F-30")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_an_invitation_is_used_by_one(durable: None) -> None:
    from opora.contracts.actions import accept_invitation, invite
    from opora.contracts.errors import InvitationNotFound

    # Each account comes twice, as from two tabs.
    accounts = [factories.account() for _ in range(PROCESSES // 2)]
    invited = [invite(contract=factories.contract(), by=None, now=NOW) for _ in range(ROUNDS)]

    def accept(number: int, at: int) -> str:
        account = Account.objects.get(pk=accounts[number // 2].pk)
        try:
            accept_invitation(account=account, secret=invited[at].secret, now=NOW)
        except InvitationNotFound:
            return "gone"
        return "added"  # to the second tab of the one who was first, too

    assert race(accept) == [{"added": 2, "gone": PROCESSES - 2}] * ROUNDS
    assert Registration.objects.count() == ROUNDS
    assert breaches() == []


@pytest.mark.shows("S2.6", "S13.1", "F-15")
@pytest.mark.slow("32 processes on a durable database, in rounds")
def test_a_benefit_is_activated_once(durable: None) -> None:
    from opora.contracts.actions import activate_contract, grant_benefit
    from opora.contracts.errors import AlreadyActivated

    accounts = [factories.account() for _ in range(PROCESSES // 2)]
    factories.plan_version("plan")
    benefits = [
        grant_benefit(plan_code="plan", holder="Contoso", managers=accounts, by=None, now=NOW)
        for _ in range(ROUNDS)
    ]

    def activate(number: int, at: int) -> str:
        account = Account.objects.get(pk=accounts[number // 2].pk)
        try:
            activate_contract(contract=benefits[at], by=account, now=NOW)
        except AlreadyActivated:
            return "already"
        return "activated"

    assert race(activate) == [{"activated": 1, "already": PROCESSES - 1}] * ROUNDS
    assert IncidentEntry.objects.filter(kind=IncidentEntry.Kind.GRANTED).count() == ROUNDS
    assert Registration.objects.count() == ROUNDS
    assert breaches() == []
