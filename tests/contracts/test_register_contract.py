"""Adding a contract by its two ids: the one answer, the throttles, ending and revoking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opora.accounts.models import Account, Membership
from opora.contracts import ids
from opora.contracts.actions import (
    Issued,
    cancel_contract,
    end_registration,
    issue_contracts,
    lift_revocation,
    register_contract,
    revoke_registration,
    rotate_access_id,
    suspend_contract,
)
from opora.contracts.actions.registrations import network_prefix
from opora.contracts.errors import (
    ContractAlreadyRegistered,
    ContractNotFound,
    ContractNotRegistered,
)
from opora.contracts.models import Registration
from opora.core.errors import NotFound, TriedTooOften
from opora.core.models import AuditLine, Job, Throttle
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

WRONG = "0000-0000-0000-0000-0000"
UNKNOWN = "999999999999"


@pytest.fixture
def issued() -> Issued:
    factories.plan_version("plan")
    return issue_contracts(plan_code="plan", holder="Contoso", by=None, now=NOW)[0]


def add(
    account: Account,
    issued: Issued,
    *,
    access_id: str | None = None,
    contract_id: str | None = None,
    network: str = "192.0.2.1",
    now: Any = NOW,
) -> Registration:
    return register_contract(
        account=account,
        access_id=issued.access_id if access_id is None else access_id,
        contract_id=issued.contract.contract_id or "" if contract_id is None else contract_id,
        network=network,
        now=now,
    )


def told() -> list[int]:
    jobs = Job.objects.filter(kind="mail.contract_registered").order_by("pk")
    return [job.payload["account"] for job in jobs]


@pytest.mark.shows("S2.2", "S2.3", "S2.4")
def test_both_ids_associate_the_contract_with_the_account(issued: Issued) -> None:
    alice, bob = cast.alice(), cast.bob()
    first = add(alice, issued)
    second = add(bob, issued)
    assert first.contract == second.contract == issued.contract
    assert first.registered_at == NOW
    assert not Throttle.objects.exists()


@pytest.mark.shows("S14.1")
@pytest.mark.parametrize("spoil", [str.lower, lambda t: t.replace("-", " "), lambda t: f" {t}\n"])
def test_case_spaces_and_dashes_do_not_matter(issued: Issued, spoil: Any) -> None:
    shown = issued.contract.shown_contract_id
    assert shown is not None
    made = add(cast.alice(), issued, access_id=spoil(issued.access_id), contract_id=spoil(shown))
    assert made.contract == issued.contract


@pytest.mark.shows("S14.1", "EN-01")
def test_an_access_id_is_a_hundred_random_bits_without_look_alikes_kept_as_a_hash(
    issued: Issued,
) -> None:
    symbols = issued.access_id.replace("-", "")
    assert len(symbols) == 20
    assert set(symbols) <= set(ids.ALPHABET)
    assert len(ids.ALPHABET) == 32
    assert not set("ILOU") & set(ids.ALPHABET)
    kept = issued.contract.access_id_hash
    assert len(kept) == 64
    assert symbols not in kept


@pytest.mark.shows("S2.2", "S14.2", "EN-01")
@pytest.mark.parametrize(
    ("access_id", "contract_id"),
    [
        (WRONG, None),
        (None, UNKNOWN),
        (WRONG, UNKNOWN),
        ("", ""),
        (None, ""),
        ("x" * 5000, "1" * 5000),
        ("١" * 20, "١" * 12),
        ("\ud800", "\ud800\x00"),
    ],
)
def test_neither_id_alone_opens_anything(
    issued: Issued, access_id: str | None, contract_id: str | None
) -> None:
    with pytest.raises(ContractNotFound) as refused:
        add(cast.alice(), issued, access_id=access_id, contract_id=contract_id)
    assert refused.value.facts() == {}
    assert not Registration.objects.exists()
    assert set(Throttle.objects.values_list("count", flat=True)) == {1}
    assert Throttle.objects.count() == 3


@pytest.mark.shows("S14.2", "EN-01", "EN-04")
def test_unknown_mismatched_and_revoked_cost_the_same_statements_and_hashes(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, dana = cast.alice(), cast.bob(), cast.dana()
    add(bob, issued)
    revoke_registration(account=bob, contract=issued.contract, by=dana, now=NOW)
    hashed: list[str] = []
    make = ids._hash

    def counting(symbols: str, key: bytes) -> str:
        hashed.append(symbols)
        return make(symbols, key)

    monkeypatch.setattr(ids, "_hash", counting)

    def costs(account: Account, **given: str) -> tuple[list[str], int]:
        hashed.clear()
        with CaptureQueriesContext(connection) as statements, pytest.raises(ContractNotFound):
            add(account, issued, **given)
        spent = [s["sql"] for s in statements if "SAVEPOINT" not in s["sql"]]
        return [" ".join(sql.split("(")[0].split()[:4]) for sql in spent], len(hashed)

    mismatched = costs(alice, access_id=WRONG)
    assert costs(alice, contract_id=UNKNOWN) == mismatched
    assert costs(bob) == mismatched
    assert mismatched[1] == 1


@pytest.mark.shows("S2.5", "EN-01")
def test_a_right_pair_registers_whatever_the_contracts_condition(issued: Issued) -> None:
    cancel_contract(contract=issued.contract, by=None, now=NOW)
    assert add(cast.alice(), issued).ended_at is None


@pytest.mark.shows("S2.5")
def test_adding_it_again_says_so_with_the_state_and_the_reasons(issued: Issued) -> None:
    alice = cast.alice()
    add(alice, issued)
    suspend_contract(contract=issued.contract, by=None, now=NOW)
    with pytest.raises(ContractAlreadyRegistered) as refused:
        add(alice, issued)
    facts = refused.value.facts()
    assert facts["contract"] == issued.contract.public_id.hex
    assert facts["status"] == "suspended"
    assert [reason["code"] for reason in facts["reasons"]] == ["suspended"]
    assert refused.value.detail.startswith("Contract is already registered")
    assert Registration.objects.count() == 1
    assert not Throttle.objects.exists()


@pytest.mark.shows("S14.2", "EN-01")
def test_everybody_registered_and_every_manager_is_told_but_the_one_who_adds() -> None:
    alice, bob, charlie, walter = cast.alice(), cast.bob(), cast.charlie(), cast.walter()
    Membership.objects.filter(account=walter).update(role=Membership.Role.MANAGER)
    factories.plan_version("plan")
    issued = issue_contracts(
        plan_code="plan", holder=cast.contoso(), managers=[alice], by=None, now=NOW
    )[0]
    add(bob, issued)
    assert told() == sorted([alice.pk, walter.pk])
    add(charlie, issued)
    assert told()[2:] == sorted([alice.pk, bob.pk, walter.pk])


# --- Throttles -----------------------------------------------------------------------------------
@pytest.mark.shows("EN-02", "S14.2")
def test_ten_thousand_tries_on_one_contract_are_judged_ten_times(
    issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    judge = ids.matching_hash

    def counting(access_id: str, kept: str) -> str:
        judged.append(access_id)
        return judge(access_id, kept)

    monkeypatch.setattr("opora.contracts.actions.registrations.matching_hash", counting)
    accounts = [factories.account() for _ in range(50)]
    for number in range(400):  # past the limit every further try only reads
        with pytest.raises((ContractNotFound, TriedTooOften)):
            add(
                accounts[number % 50],
                issued,
                access_id=WRONG,
                network=f"10.{number // 250}.{number % 250}.1",
            )
    assert len(judged) == 10
    with pytest.raises(TriedTooOften) as refused:  # the right pair, too, and nobody looks at it
        add(cast.alice(), issued)
    assert refused.value.retry_after == 3601
    assert len(judged) == 10
    assert AuditLine.objects.filter(code="registration.throttled").count() == 1


@pytest.mark.shows("EN-02")
@pytest.mark.parametrize("same", ["account", "network"])
def test_wrong_tries_are_counted_per_account_and_per_network(issued: Issued, same: str) -> None:
    accounts = [factories.account() for _ in range(12)]
    outcomes = []
    for number in range(12):
        try:
            add(
                accounts[0 if same == "account" else number],
                issued,
                access_id=WRONG,
                contract_id=f"{number:012d}",
                network="192.0.2.7" if same == "network" else f"10.0.{number}.1",
            )
        except ContractNotFound:
            outcomes.append("judged")
        except TriedTooOften:
            outcomes.append("waits")
    assert outcomes == ["judged"] * 10 + ["waits"] * 2


@pytest.mark.shows("S14.2")
def test_who_typed_the_right_pair_before_never_waits_for_others_guessing(issued: Issued) -> None:
    alice, bob = cast.alice(), cast.bob()
    add(alice, issued)
    end_registration(account=alice, contract=issued.contract, by=alice, now=NOW)
    for number in range(10):
        with pytest.raises(ContractNotFound):
            add(factories.account(), issued, access_id=WRONG, network=f"10.0.{number}.1")
    assert add(alice, issued).ended_at is None
    with pytest.raises(TriedTooOften):
        add(bob, issued)
    assert add(bob, issued, now=NOW + timedelta(hours=1)).ended_at is None


@pytest.mark.shows("S14.2")
def test_neither_do_they_wait_for_guessing_in_their_own_network(issued: Issued) -> None:
    alice, bob = cast.alice(), cast.bob()
    add(alice, issued)
    for number in range(10):
        with pytest.raises(ContractNotFound):
            add(factories.account(), issued, access_id=WRONG, contract_id=f"12-{number}")
    with pytest.raises(TriedTooOften):
        add(bob, issued)
    with pytest.raises(ContractAlreadyRegistered):
        add(alice, issued)


@pytest.mark.shows("S14.2")
def test_right_pairs_count_for_nothing(issued: Issued) -> None:
    for _number in range(15):
        add(factories.account(), issued)
    assert not Throttle.objects.exists()


def test_one_persons_slips_of_the_pen_hold_up_nobody_else(issued: Issued) -> None:
    for number in range(12):
        with pytest.raises(ContractNotFound):
            add(
                factories.account(),
                issued,
                contract_id=f"12-{number}",
                network=f"10.0.{number}.1",
            )


@pytest.mark.rules
@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.200", "192.0.2.0/24"),
        ("::ffff:192.0.2.200", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_a_prefix(address: str, prefix: str) -> None:
    assert network_prefix(address) == prefix


# --- Ending and revoking -------------------------------------------------------------------------
@pytest.mark.shows("S2.5")
def test_an_account_ends_its_registration_and_may_begin_again(issued: Issued) -> None:
    alice, charlie = cast.alice(), cast.charlie()
    add(alice, issued)
    contract = issued.contract
    with pytest.raises(NotFound):
        end_registration(account=alice, contract=contract, by=charlie, now=NOW)
    end_registration(account=alice, contract=contract, by=alice, now=NOW)
    with pytest.raises(ContractNotRegistered):
        end_registration(account=alice, contract=contract, by=alice, now=NOW)
    later = NOW + timedelta(days=1)
    assert add(alice, issued, now=later).registered_at == later
    assert Registration.objects.count() == 1


@pytest.mark.shows("S14.3")
def test_a_revoked_account_gets_the_neutral_answer_until_a_manager_lifts_it() -> None:
    alice, bob, charlie = cast.alice(), cast.bob(), cast.charlie()
    factories.plan_version("plan")
    issued = issue_contracts(
        plan_code="plan", holder="Contoso", managers=[alice], by=None, now=NOW
    )[0]
    contract = issued.contract
    add(bob, issued)
    for deed in (revoke_registration, lift_revocation):
        with pytest.raises(NotFound):
            deed(account=bob, contract=contract, by=charlie, now=NOW)
    revoke_registration(account=bob, contract=contract, by=alice, now=NOW)
    with pytest.raises(ContractNotFound):
        add(bob, issued)
    lift_revocation(account=bob, contract=contract, by=alice, now=NOW)
    assert Registration.objects.get(account=bob).ended_at == NOW
    assert add(bob, issued).ended_at is None
    with pytest.raises(ContractNotRegistered):
        revoke_registration(account=charlie, contract=contract, by=alice, now=NOW)


@pytest.mark.shows("S14.3")
def test_rotation_kills_the_old_pair_and_no_registration(issued: Issued) -> None:
    alice, bob = cast.alice(), cast.bob()
    add(alice, issued)
    rotated = rotate_access_id(contract=issued.contract, by=None, now=NOW)
    assert rotated.access_id != issued.access_id
    with pytest.raises(ContractNotFound):
        add(bob, issued)
    add(bob, rotated)
    assert Registration.objects.filter(ended_at__isnull=True).count() == 2


@pytest.mark.shows("F-28")
def test_a_hash_under_an_older_secret_is_accepted_and_replaced(
    issued: Issued, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a newer secret"
    older = issued.contract.access_id_hash
    add(cast.alice(), issued)
    issued.contract.refresh_from_db()
    assert issued.contract.access_id_hash != older
    settings.SECRET_KEY_FALLBACKS = []
    add(cast.bob(), issued)
    assert Registration.objects.filter(contract=issued.contract).count() == 2


@pytest.mark.shows("S7.5")
def test_a_contract_without_access_id_can_be_added_by_nobody() -> None:
    alice, bob = cast.alice(), cast.bob()
    factories.plan_version("ppi", terms={"access_id": False})
    bought = issue_contracts(
        plan_code="ppi",
        holder=alice.person,
        managers=[alice],
        starts_on=date(2026, 11, 1),
        by=None,
        now=NOW,
    )[0]
    assert bought.access_id == ""
    assert [r.account_id for r in Registration.objects.all()] == [alice.pk]
    for access_id in ("", WRONG):
        with pytest.raises(ContractNotFound):
            add(bob, bought, access_id=access_id)
