"""Contracts by API: added with both ids, listed with their state, their statement, and ended."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from opora.accounts.models import Account
from opora.contracts.actions import Issued, issue_contracts, revoke_registration
from opora.contracts.models import Registration
from opora.core.models import StoredAnswer
from tests import cast, factories
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db

NOBODYS = "0" * 32


def issued(manager: Account | None = None, **facts: Any) -> Issued:
    """A contract with its Access ID; `manager` is registered on nothing by that."""
    plan = factories.plan_version(facts.pop("plan", "")).plan
    (made,) = issue_contracts(
        plan_code=plan.code,
        holder="Contoso",
        managers=[manager] if manager else [],
        by=None,
        now=factories.NOW,
        **facts,
    )
    return made


def ids_of(one: Issued) -> dict[str, str]:
    return {"access_id": one.access_id, "contract_id": one.contract.contract_id or ""}


@pytest.mark.shows("S2.2", "S2.3")
def test_both_ids_add_the_contract_to_the_account() -> None:
    one = issued()
    caller = Caller(cast.alice())
    answer = caller.post("/contracts", ids_of(one))
    assert answer.status == 201
    plan = one.contract.plan_version.plan
    assert answer.data == {
        "id": one.contract.public_id.hex,
        "contract_id": one.contract.shown_contract_id,
        "plan": {"code": plan.code, "name": plan.names["en"]},
        "starts_on": str(one.contract.starts_on),
        "ends_on": str(one.contract.ends_on),
        "incidents_granted": one.contract.incidents_granted,
        "incidents_left": one.contract.incidents_left,
        "status": "active",
        "registered_at": "2026-11-23T09:00:00Z",
    }
    assert caller.get("/contracts").data == {"items": [answer.data], "next": None}


def test_ids_are_read_whatever_their_case_spaces_and_dashes() -> None:
    one = issued()
    body = {
        "access_id": one.access_id.replace("-", " ").lower(),
        "contract_id": one.contract.shown_contract_id,
    }
    assert Caller(cast.alice()).post("/contracts", body).status == 201


@pytest.mark.shows("S2.5")
def test_adding_it_again_says_what_state_it_is_in() -> None:
    one = issued(starts_on=date(2027, 1, 1))
    caller = Caller(cast.alice())
    caller.post("/contracts", ids_of(one))
    answer = caller.post("/contracts", ids_of(one))
    assert answer.refusal == (409, "contract-already-registered")
    assert answer.data["contract"] == one.contract.public_id.hex
    assert answer.data["status"] == "not_started"
    assert [reason["code"] for reason in answer.data["reasons"]] == ["not-started"]
    assert set(answer.data["reasons"][0]) == {"code", "message", "remedy"}


@pytest.mark.shows("S14.2", "EN-01")
def test_unknown_and_mismatched_ids_get_one_answer() -> None:
    one, other = issued(), issued()
    caller = Caller(cast.alice())
    answers = [
        caller.post("/contracts", body)
        for body in (
            ids_of(one) | {"access_id": other.access_id},
            ids_of(one) | {"contract_id": "999999999999"},
            {"access_id": "x", "contract_id": "y"},
        )
    ]
    assert {answer.refusal for answer in answers} == {(404, "contract-not-found")}
    assert len({answer.content for answer in answers}) == 1
    assert Registration.objects.count() == 0


@pytest.mark.shows("EN-02")
@pytest.mark.parametrize("keyed", [False, True])
def test_too_many_wrong_pairs_wait_even_under_keys(keyed: bool) -> None:
    one = issued()
    caller = Caller(cast.alice())
    wrong = ids_of(one) | {"access_id": "0000-0000-0000-0000-0000"}
    keys = [f"key-{n}" if keyed else None for n in range(12)]
    codes = [caller.post("/contracts", wrong, key=key).code for key in keys]
    assert codes == ["contract-not-found"] * 10 + ["too-many-tries"] * 2
    answer = caller.post("/contracts", ids_of(one), key=keys[0] and "fresh")
    assert answer.refusal == (429, "too-many-tries")
    assert int(answer.headers["Retry-After"]) > 0


def test_the_same_key_adds_once_and_answers_the_same() -> None:
    one = issued()
    caller = Caller(cast.alice())
    first = caller.post("/contracts", ids_of(one), key="once")
    again = caller.post("/contracts", ids_of(one), key="once")
    assert (first.status, first.content) == (again.status, again.content)
    assert StoredAnswer.objects.count() == 1
    other = caller.post("/contracts", ids_of(issued()), key="once")
    assert other.refusal == (422, "idempotency-key-reused")


@pytest.mark.shows("S4.1", "AC-01")
def test_a_strangers_contract_does_not_exist() -> None:
    alice, charlie = cast.alice(), cast.charlie()
    contract = factories.contract(registered_to=(alice,))
    caller = Caller(charlie)
    assert caller.get("/contracts").data == {"items": [], "next": None}
    for method, path in (
        ("GET", "/contracts/{}/entries"),
        ("DELETE", "/contracts/{}"),
    ):
        foreign = caller.call(method, path.format(contract.public_id.hex))
        missing = caller.call(method, path.format(NOBODYS))
        assert foreign.refusal == (404, "not-found")
        assert foreign.content == missing.content
    assert Registration.objects.get().ended_at is None


@pytest.mark.shows("S2.5")
def test_ending_a_registration_takes_the_contract_away_at_once() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,))
    caller = Caller(alice)
    path = f"/contracts/{contract.public_id.hex}"
    answer = caller.delete(path)
    assert (answer.status, answer.content) == (204, b"")
    assert caller.get("/contracts").data["items"] == []
    assert caller.get(f"{path}/entries").refusal == (404, "not-found")
    assert caller.delete(path).refusal == (404, "not-found")


@pytest.mark.shows("S14.3")
def test_after_revocation_the_right_pair_gets_the_neutral_answer() -> None:
    alice, dana = cast.alice(), cast.dana()
    one = issued()
    caller = Caller(alice)
    caller.post("/contracts", ids_of(one))
    revoke_registration(account=alice, contract=one.contract, by=dana, now=factories.NOW)
    assert caller.post("/contracts", ids_of(one)).refusal == (404, "contract-not-found")


@pytest.mark.shows("S13.4")
def test_the_statement_is_newest_first_and_names_who() -> None:
    alice = cast.alice()
    contract = factories.contract(registered_to=(alice,), incidents=3)
    case = factories.case(submitted_by=alice, contract=contract)
    answer = Caller(alice).get(f"/contracts/{contract.public_id.hex}/entries")
    drawn, granted = answer.data["items"]
    assert drawn == {
        "kind": "consumed",
        "quantity": -1,
        "reason": drawn["reason"],
        "case": case.number,
        "by": {"name": "Alice Ames"},
        "at": "2026-11-23T09:00:00Z",
        "balance": 2,
    }
    assert (granted["kind"], granted["quantity"], granted["case"], granted["balance"]) == (
        "granted",
        3,
        None,
        3,
    )


def test_lists_take_few_statements(django_assert_max_num_queries: Any) -> None:
    alice = cast.alice()
    for _ in range(20):
        factories.contract(registered_to=(alice,))
    caller = Caller(alice)
    caller.get("/me")  # notes the token's use of this hour
    with django_assert_max_num_queries(3):
        assert len(caller.get("/contracts").data["items"]) == 20


@pytest.mark.shows("S4.2", "S4.3", "S12.2")
def test_eligibility_lists_usable_and_every_other_with_each_reason() -> None:
    alice = cast.alice()
    factories.version()
    good = factories.contract(registered_to=(alice,))
    factories.contract(
        registered_to=(alice,), incidents=0, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)
    )
    empty = factories.contract(registered_to=(alice,), incidents=0)
    body = {"product": "database-server", "version": "2022", "severity": "B"}
    answer = Caller(alice).post("/eligibility", body)
    assert answer.status == 200
    assert [one["id"] for one in answer.data["usable"]] == [good.public_id.hex]
    assert "reasons" not in answer.data["usable"][0]
    reasons = {
        one["id"]: [reason["code"] for reason in one["reasons"]]
        for one in answer.data["unavailable"]
    }
    assert reasons[empty.public_id.hex] == ["no-incidents-left"]
    assert sorted(reasons.values()) == [["expired"], ["no-incidents-left"]]
    purchase = answer.data["purchase"]
    assert (purchase["allowed"], purchase["offers"]) == (False, [])
    assert [reason["code"] for reason in purchase["reasons"]] == ["not-offered"]


def test_eligibility_names_unknown_products_and_versions() -> None:
    caller = Caller(cast.alice())
    factories.version()
    unknown = caller.post("/eligibility", {"product": "nothing", "version": "2022"})
    assert (unknown.refusal, unknown.fields) == ((422, "invalid-input"), ["product"])
    unknown = caller.post("/eligibility", {"product": "database-server", "version": "1"})
    assert (unknown.refusal, unknown.fields) == ((422, "invalid-input"), ["version"])


def test_eligibility_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    alice = cast.alice()
    factories.version()
    for _ in range(20):
        factories.contract(registered_to=(alice,))
    caller = Caller(alice)
    caller.get("/me")
    with django_assert_max_num_queries(3):
        answer = caller.post("/eligibility", {"product": "database-server", "version": "2022"})
    assert len(answer.data["usable"]) == 20


@pytest.mark.shows("PA-04")
def test_a_question_under_a_key_is_answered_once() -> None:
    alice = cast.alice()
    factories.version()
    caller = Caller(alice, scope="read")
    body = {"product": "database-server", "version": "2022"}
    first = caller.post("/eligibility", body, key="k1")
    factories.contract(registered_to=(alice,))
    again = caller.post("/eligibility", body, key="k1")
    assert (again.status, again.content) == (200, first.content)
    other = caller.post("/eligibility", body | {"severity": "A"}, key="k1")
    assert other.refusal == (422, "idempotency-key-reused")
    assert len(caller.post("/eligibility", body).data["usable"]) == 1
