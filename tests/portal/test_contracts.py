"""Contracts of an account, their statements, and coverage before a request."""

from __future__ import annotations

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.contracts.actions import issue_contracts
from opora.contracts.models import Registration
from tests import cast, factories
from tests.portal.counting import statements, writes
from tests.portal.people import signed_in


def test_an_empty_list_says_what_will_be_there(alices: Client) -> None:
    page = alices.get("/contracts/").content.decode()
    assert "No support contracts yet" in page
    assert 'href="/contracts/new/"' in page


@pytest.mark.parametrize("number", [2, 20])
def test_the_list_costs_the_same_for_any_number(
    alices: Client, alice: Account, number: int
) -> None:
    terms = factories.plan_version()
    holder = factories.organization()
    for _position in range(number):
        factories.contract(terms=terms, holder=holder, registered_to=(alice,))
    with statements() as seen:
        page = alices.get("/contracts/").content.decode()
    assert page.count("contract-card") == number
    assert len(seen) <= 5
    assert writes(seen) == []


@pytest.mark.shows("S2.3", "S2.5")
def test_a_contract_is_added_by_both_ids_once(alices: Client, alice: Account) -> None:
    plan = factories.plan_version("partner", terms={"incidents": 20})
    issued = issue_contracts(
        plan_code=plan.plan.code, holder="Contoso", managers=[], by=None, now=factories.NOW
    )[0]
    ids = {"access_id": issued.access_id, "contract_id": issued.contract.contract_id}
    address = f"/contracts/{issued.contract.public_id.hex}/"
    assert alices.post("/contracts/new/", ids)["Location"] == address
    again = alices.post("/contracts/new/", ids)
    assert again.status_code == 422
    page = again.content.decode()
    assert "Contract is already registered" in page
    assert f'href="{address}"' in page
    assert Registration.objects.filter(account=alice).count() == 1


@pytest.mark.shows("S14.2")
def test_a_wrong_pair_gets_the_neutral_answer(alices: Client) -> None:
    answer = alices.post("/contracts/new/", {"access_id": "A" * 20, "contract_id": "1" * 12})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error: " in page
    assert "No contract has this Access ID together with this Contract ID." in page


@pytest.mark.shows("S13.4")
def test_the_statement_says_who_used_what(alices: Client, alice: Account) -> None:
    contract = factories.contract(registered_to=(alice,))
    case = factories.case(submitted_by=alice, contract=contract)
    page = alices.get(f"/contracts/{contract.public_id.hex}/").content.decode()
    assert case.number in page
    assert "A support request was opened." in page
    assert "−1" in page
    assert case.title not in page


@pytest.mark.shows("S2.5")
def test_a_contract_is_taken_off_after_asking(alices: Client, alice: Account) -> None:
    contract = factories.contract(registered_to=(alice,))
    address = f"/contracts/{contract.public_id.hex}/"
    assert "Take it off" in alices.get(address + "ending/").content.decode()
    assert alices.post(address + "ending/", {"confirmed": "yes"})["Location"] == "/contracts/"
    assert alices.get(address).status_code == 404


def test_a_strangers_contract_is_nowhere(alice: Account) -> None:
    contract = factories.contract(registered_to=(alice,))
    charlies = signed_in(cast.charlie())
    for rest in ("", "ending/"):
        assert charlies.get(f"/contracts/{contract.public_id.hex}/{rest}").status_code == 404


@pytest.mark.shows("S12.2")
def test_coverage_answers_yes_or_every_no(alices: Client, alice: Account) -> None:
    version = factories.version()
    factories.contract(registered_to=(alice,))
    factories.contract(registered_to=(alice,), suspended_at=factories.NOW)
    asked = {"product": version.product.slug, "version": version.slug}
    page = alices.get("/coverage/", asked).content.decode()
    assert page.count("verdict-mark good") == 1
    assert page.count("verdict-mark bad") == 1
    assert "Yes, it can be used." in page
    assert "is suspended" in page


@pytest.mark.parametrize(
    "asked", [{"product": "no-such"}, {"product": "x", "version": "y"}, {"version": "y"}]
)
def test_coverage_of_what_is_unknown_asks_again(alices: Client, asked: dict[str, str]) -> None:
    answer = alices.get("/coverage/", asked)
    assert answer.status_code == 200
    assert "Choose a product" in answer.content.decode()
