"""Issued, granted, activated, suspended, cancelled, renewed, rotated."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from opora.accounts.models import Organization
from opora.contracts.actions import (
    activate_contract,
    cancel_contract,
    consume_incident,
    grant_benefit,
    issue_contracts,
    load_plans,
    managers_named,
    register_contract,
    renew_contract,
    resume_contract,
    rotate_access_id,
    suspend_contract,
)
from opora.contracts.errors import (
    AlreadyActivated,
    ContractIsCancelled,
    IncidentsRequired,
    ManagerRequired,
    NoAccessId,
    NotActivated,
    PlanIsLegacy,
    TermOutOfRange,
    UnknownManager,
    UnknownPlan,
)
from opora.contracts.models import Contract, IncidentEntry
from opora.core.errors import NotFound
from opora.core.models import AuditLine, Job
from tests import cast, factories
from tests.contracts import shipped
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PARTNER = "partner-on-premises-20"


@pytest.fixture(autouse=True)
def _plans() -> None:
    load_plans(shipped.document(), NOW)


def posted(contract: Contract) -> list[tuple[str, int, int, str]]:
    return list(
        contract.entries.order_by("sequence").values_list(
            "kind", "quantity", "balance_after", "reason"
        )
    )


@pytest.mark.shows("S11.4", "S13.1", "S14.1")
def test_issued_contracts_are_activated_today_and_hold_what_the_plan_grants() -> None:
    one, two = issue_contracts(plan_code=PARTNER, holder="Contoso", count=2, by=None, now=NOW)
    contract = one.contract
    assert (contract.activated_on, contract.starts_on, contract.ends_on) == (
        date(2026, 11, 23),
        date(2026, 11, 23),
        date(2027, 12, 22),
    )
    assert (contract.incidents_granted, contract.incidents_left, contract.entry_count) == (
        20,
        20,
        1,
    )
    assert posted(contract) == [("granted", 20, 20, "activated")]
    assert contract.contract_id != two.contract.contract_id
    assert one.access_id != two.access_id
    assert contract.contract_id is not None
    assert len(contract.contract_id) == 12
    number = contract.contract_id
    assert contract.shown_contract_id == f"{number[:4]}-{number[4:8]}-{number[8:]}"
    codes = list(AuditLine.objects.order_by("pk").values_list("code", flat=True))
    assert codes == ["contract.granted", "contract.activated"] * 2


def test_the_first_day_can_be_named_and_is_a_day_of_the_vendor() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the 24th in Prague
    today = issue_contracts(plan_code=PARTNER, holder="Contoso", by=None, now=late)[0].contract
    assert today.starts_on == date(2026, 11, 24)
    named = issue_contracts(
        plan_code=PARTNER, holder="Contoso", starts_on=date(2026, 1, 15), by=None, now=NOW
    )[0].contract
    assert (named.starts_on, named.ends_on) == (date(2026, 1, 15), date(2027, 2, 13))
    for day in (date(9999, 2, 1), date(8999, 12, 31), date(1, 1, 1), date(1969, 12, 31)):
        with pytest.raises(TermOutOfRange):
            issue_contracts(plan_code=PARTNER, holder="Contoso", starts_on=day, by=None, now=NOW)


@pytest.mark.shows("S14.3")
def test_the_holder_is_an_organization_a_manager_or_a_new_organization() -> None:
    contoso, alice = cast.contoso(), cast.alice()
    by_name = issue_contracts(plan_code=PARTNER, holder="  CONTOSO ", by=None, now=NOW)[0].contract
    person = issue_contracts(
        plan_code=PARTNER, holder="alice ames", managers=[alice], by=None, now=NOW
    )[0].contract
    new = issue_contracts(plan_code=PARTNER, holder="Alice Ames", by=None, now=NOW)[0].contract
    assert by_name.holder_organization == contoso
    assert person.holder_person == alice.person
    assert new.holder_organization is not None
    assert new.holder_organization.name == "Alice Ames"
    assert not new.holder_organization.domains.exists()
    assert list(person.managers.values_list("account", flat=True)) == [alice.pk]
    assert Organization.objects.count() == 2


def test_managers_are_accounts_that_have_proved_the_address() -> None:
    alice = cast.alice()
    factories.account("claimed@example.com", proved=False)
    assert managers_named(["ALICE@example.com", "alice@example.com"]) == [alice]
    for address in ("claimed@example.com", "nobody@example.com"):
        with pytest.raises(UnknownManager):
            managers_named([address])


@pytest.mark.shows("S11.2")
def test_a_legacy_plan_is_issued_on_purpose_and_with_a_number_only() -> None:
    with pytest.raises(PlanIsLegacy):
        issue_contracts(plan_code="assurance-24x7", holder="X", incidents=3, by=None, now=NOW)
    with pytest.raises(IncidentsRequired):
        issue_contracts(plan_code="assurance-24x7", holder="X", legacy=True, by=None, now=NOW)
    held = issue_contracts(
        plan_code="assurance-24x7", holder="X", incidents=3, legacy=True, by=None, now=NOW
    )[0].contract
    assert held.incidents_left == 3
    with pytest.raises(UnknownPlan):
        issue_contracts(plan_code="nope", holder="X", by=None, now=NOW)
    with pytest.raises(ManagerRequired):
        issue_contracts(plan_code="ppi-1", holder="X", by=None, now=NOW)
    assert Contract.objects.count() == 1
    assert Organization.objects.count() == 1


@pytest.mark.shows("S2.6", "S14.3")
def test_a_benefit_is_there_and_opens_nothing_until_it_is_activated() -> None:
    alice, charlie = cast.alice(), cast.charlie()
    grant = grant_benefit(plan_code=PARTNER, holder="Contoso", managers=[alice], by=None, now=NOW)
    assert (grant.contract_id, grant.access_id_hash, grant.activated_on) == (None, "", None)
    assert posted(grant) == []
    for deed in (rotate_access_id, renew_contract):
        with pytest.raises(NotActivated):
            deed(contract=grant, by=None, now=NOW)
    with pytest.raises(NotFound):
        activate_contract(contract=grant, by=charlie, now=NOW)
    activated = activate_contract(contract=grant, by=alice, now=NOW)
    assert activated.contract.starts_on == date(2026, 11, 23)
    assert posted(grant) == [("granted", 20, 20, "activated")]
    register_contract(
        account=charlie,
        access_id=activated.access_id,
        contract_id=activated.contract.contract_id or "",
        network="",
        now=NOW,
    )
    with pytest.raises(AlreadyActivated):
        activate_contract(contract=grant, by=alice, now=NOW)


@pytest.mark.shows("S13.6")
def test_suspending_and_cancelling_post_nothing_themselves_and_can_be_repeated() -> None:
    contract = issue_contracts(plan_code=PARTNER, holder="X", by=None, now=NOW)[0].contract
    for _again in range(2):
        assert suspend_contract(contract=contract, by=None, now=NOW).suspended_at == NOW
    for _again in range(2):
        assert resume_contract(contract=contract, by=None, now=NOW).suspended_at is None
    for _again in range(2):
        assert cancel_contract(contract=contract, by=None, now=NOW).cancelled_at == NOW
    assert posted(contract) == [("granted", 20, 20, "activated")]
    assert list(Job.objects.values_list("kind", "payload")) == [
        ("contract.expire", {"contract": contract.pk})
    ]
    for deed in (suspend_contract, resume_contract, renew_contract):
        with pytest.raises(ContractIsCancelled):
            deed(contract=contract, by=None, now=NOW)
    codes = list(AuditLine.objects.order_by("pk").values_list("code", flat=True)[2:])
    assert codes == ["contract.suspended", "contract.resumed", "contract.cancelled"]


def test_renewing_begins_a_new_term_today_and_keeps_ids_registrations_and_terms() -> None:
    alice = cast.alice()
    issued = issue_contracts(
        plan_code=PARTNER, holder="X", starts_on=date(2026, 1, 15), by=None, now=NOW
    )[0]
    contract = issued.contract
    register_contract(
        account=alice,
        access_id=issued.access_id,
        contract_id=contract.contract_id or "",
        network="",
        now=NOW,
    )
    consume_incident(contract_pk=contract.pk, case_number="1", by=alice, now=NOW)
    changed = [plan | {"incidents": 1} for plan in shipped.document()["plans"]]
    load_plans({"version": 1, "plans": changed}, NOW)
    renewed = renew_contract(contract=contract, by=None, now=NOW)
    assert (renewed.starts_on, renewed.ends_on) == (date(2026, 11, 23), date(2027, 12, 22))
    assert (renewed.term_number, renewed.incidents_left) == (2, 20)
    assert (renewed.contract_id, renewed.access_id_hash) == (
        contract.contract_id,
        contract.access_id_hash,
    )
    assert posted(contract) == [
        ("granted", 20, 20, "activated"),
        ("consumed", -1, 19, "case_opened"),
        ("expired", -19, 0, "renewed"),
        ("granted", 20, 20, "renewed"),
    ]
    assert contract.registrations.filter(ended_at__isnull=True).count() == 1


def test_renewing_an_empty_contract_expires_nothing() -> None:
    contract = factories.contract(incidents=2, ends_on=date(2026, 10, 1))
    Contract.objects.filter(pk=contract.pk).update(incidents_granted=7)
    IncidentEntry.objects.create(
        contract=contract,
        sequence=2,
        kind="expired",
        quantity=-2,
        balance_after=0,
        reason="term_ended",
        at=NOW,
    )
    Contract.objects.filter(pk=contract.pk).update(incidents_left=0, entry_count=2)
    renewed = renew_contract(contract=contract, by=None, now=NOW)
    assert renewed.incidents_left == 7
    assert posted(contract)[2:] == [("granted", 7, 7, "renewed")]


def test_a_contract_that_has_not_started_is_renewed_from_its_first_day() -> None:
    contract = issue_contracts(
        plan_code=PARTNER, holder="X", starts_on=date(2027, 1, 15), by=None, now=NOW
    )[0].contract
    assert renew_contract(contract=contract, by=None, now=NOW).starts_on == date(2027, 1, 15)


@pytest.mark.shows("S7.5")
def test_a_purchase_has_no_access_id_to_rotate() -> None:
    alice = cast.alice()
    bought = issue_contracts(plan_code="ppi-5", holder="x", managers=[alice], by=None, now=NOW)[0]
    assert bought.contract.contract_id is not None
    with pytest.raises(NoAccessId):
        rotate_access_id(contract=bought.contract, by=None, now=NOW)


@pytest.mark.shows("S14.3")
def test_only_managers_and_agents_act_on_a_contract() -> None:
    contract = issue_contracts(plan_code=PARTNER, holder="X", by=None, now=NOW)[0].contract
    charlie, dana = cast.charlie(), cast.dana()
    for deed in (suspend_contract, cancel_contract, renew_contract, rotate_access_id):
        with pytest.raises(NotFound):
            deed(contract=contract, by=charlie, now=NOW)
    assert suspend_contract(contract=contract, by=dana, now=NOW).suspended_at == NOW
