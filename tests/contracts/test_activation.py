"""Benefits: who sees them, whose role activates them, and that it happens once (S2.6, P6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from opora.accounts.models import Account, Membership
from opora.contracts.actions import (
    activate_contract,
    cancel_contract,
    grant_benefit,
    register_contract,
    suspend_contract,
)
from opora.contracts.errors import (
    AlreadyActivated,
    ContractAlreadyRegistered,
    ContractIsCancelled,
    ContractIsSuspended,
    MayNotActivate,
)
from opora.contracts.models import Contract, IncidentEntry, Registration
from opora.contracts.queries import manages
from opora.contracts.sharing import benefit_for, benefits_of
from opora.core.errors import NotFound
from opora.core.models import AuditLine, Job
from tests import cast, factories
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def granted(**names: Any) -> Contract:
    return grant_benefit(
        **{"plan_code": "plan", "holder": "Fabrikam", "managers": [], "by": None, "now": NOW}
        | names
    )


@pytest.fixture(autouse=True)
def _plan(db: None) -> None:
    factories.plan_version("plan", terms={"incidents": 20, "grace_days": 30})


def seen_by(account: Account) -> list[tuple[int, bool]]:
    return [(row.contract.pk, row.may_activate) for row in benefits_of(account).items]


def as_manager(account: Account) -> Account:
    Membership.objects.filter(account=account).update(role=Membership.Role.MANAGER)
    return account


@pytest.mark.shows("S2.6", "S14.3", "P6")
def test_activating_starts_the_term_and_puts_the_contract_on_the_account() -> None:
    alice = cast.alice()
    benefit = granted(managers=[alice])
    with pytest.raises(NotFound):
        activate_contract(contract=benefit, by=cast.bob(), now=NOW)
    issued = activate_contract(contract=benefit, by=alice, now=NOW)
    contract = Contract.objects.get()
    assert (contract.activated_on, contract.starts_on) == (date(2026, 11, 23), date(2026, 11, 23))
    assert contract.ends_on == date(2027, 12, 22)  # one year and thirty days
    assert (contract.incidents_left, contract.entry_count) == (20, 1)
    assert manages(alice, contract)
    registration = Registration.objects.get()
    assert (registration.account, registration.contract) == (alice, contract)
    assert benefits_of(alice).items == []
    with pytest.raises(ContractAlreadyRegistered):  # the two ids are right
        register_contract(
            account=alice,
            access_id=issued.access_id,
            contract_id=str(contract.contract_id),
            network="192.0.2.1",
            now=NOW,
        )
    codes = AuditLine.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["contract.granted", "contract.activated", "registration.begun"]


@pytest.mark.shows("S2.6", "F-15")
def test_a_benefit_is_activated_once() -> None:
    alice = cast.alice()
    benefit = granted(managers=[alice, cast.bob()])
    activate_contract(contract=benefit, by=alice, now=NOW)
    kept = Contract.objects.values().get()
    for account in (alice, Account.objects.get(email="bob@example.com"), cast.dana(), None):
        with pytest.raises(AlreadyActivated):
            activate_contract(contract=benefit, by=account, now=NOW + timedelta(days=1))
    assert Contract.objects.values().get() == kept
    assert IncidentEntry.objects.count() == 1
    assert Registration.objects.count() == 1


@pytest.mark.shows("S2.6", "S14.3")
def test_the_role_in_the_organization_decides() -> None:
    walter = cast.walter()
    benefit = granted(holder=cast.contoso())
    assert seen_by(walter) == [(benefit.pk, False)]
    with pytest.raises(MayNotActivate):
        activate_contract(contract=benefit, by=walter, now=NOW)
    assert Contract.objects.get().activated_on is None
    assert not IncidentEntry.objects.exists()
    as_manager(walter)
    assert seen_by(walter) == [(benefit.pk, True)]
    assert activate_contract(contract=benefit, by=walter, now=NOW).access_id


def test_a_work_account_without_a_membership_sees_and_may_not() -> None:
    walter = cast.walter()
    walter.memberships.all().delete()
    benefit = granted(holder=cast.contoso())
    assert seen_by(walter) == [(benefit.pk, False)]
    with pytest.raises(MayNotActivate):
        activate_contract(contract=benefit, by=walter, now=NOW)


@pytest.mark.shows("S2.6")
def test_the_person_who_holds_it_activates_it() -> None:
    alice = cast.alice()
    benefit = granted(holder=alice.person)
    assert seen_by(alice) == [(benefit.pk, True)]
    activate_contract(contract=benefit, by=alice, now=NOW)
    assert manages(alice, Contract.objects.get())


@pytest.mark.shows("AC-05")
def test_a_strangers_benefit_does_not_exist() -> None:
    alice, charlie = cast.alice(), cast.charlie()
    benefit = granted(managers=[alice])
    assert seen_by(charlie) == []
    for number in (benefit.public_id.hex, "0" * 32, "x"):
        with pytest.raises(NotFound):
            benefit_for(charlie, number)
    assert benefit_for(alice, benefit.public_id.hex).may_activate


def test_the_vendors_agents_activate_and_have_nothing_on_their_account() -> None:
    dana = cast.dana()
    activate_contract(contract=granted(), by=dana, now=NOW)
    assert not Registration.objects.exists()
    assert not Contract.objects.get().managers.exists()


def test_what_is_cancelled_or_suspended_is_not_activated() -> None:
    alice = cast.alice()
    cancelled, suspended = granted(managers=[alice]), granted(managers=[alice])
    cancel_contract(contract=cancelled, by=None, now=NOW)
    suspend_contract(contract=suspended, by=None, now=NOW)
    for contract, refusal in (
        (cancelled, ContractIsCancelled),
        (suspended, ContractIsSuspended),
    ):
        with pytest.raises(refusal):
            activate_contract(contract=contract, by=alice, now=NOW)
    assert not IncidentEntry.objects.exists()
    assert seen_by(alice) == [(suspended.pk, True)]


@pytest.mark.shows("S14.2")
def test_the_other_managers_are_told() -> None:
    alice, bob = cast.alice(), cast.bob()
    activate_contract(contract=granted(managers=[alice, bob]), by=alice, now=NOW)
    told = Job.objects.filter(kind="mail.contract_registered")
    assert [job.payload["account"] for job in told] == [bob.pk]


@pytest.mark.parametrize("number", [2, 30])
def test_the_list_costs_one_statement(number: int) -> None:
    walter = cast.walter()
    company = cast.contoso()
    for place in range(number):
        granted(holder=company, now=NOW - timedelta(minutes=place))
    with statements() as seen:
        page = benefits_of(walter)
        assert [str(row.contract.holder_organization) for row in page.items]
        assert {row.contract.plan_version.plan.code for row in page.items} == {"plan"}
    assert len(seen) == 1
    rest = benefits_of(walter, page.next).items if page.next else []
    assert len({row.contract.pk for row in [*page.items, *rest]}) == number
