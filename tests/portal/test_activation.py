"""A benefit on the contracts page: what would start, one press, both ids at once (S2.6, P6)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account, Membership
from opora.contracts.actions import grant_benefit, register_contract, suspend_contract
from opora.contracts.errors import ContractAlreadyRegistered
from opora.contracts.models import Contract, IncidentEntry, Registration
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements
from tests.factories import NOW


def granted(**names: Any) -> Contract:
    return grant_benefit(**{"plan_code": "plan", "by": None, "now": NOW} | names)


@pytest.fixture(autouse=True)
def _plan(db: None) -> None:
    factories.plan_version("plan", terms={"incidents": 20, "grace_days": 30})


@pytest.mark.shows("S2.6", "P6")
def test_one_press_starts_the_term_and_shows_both_ids(alices: Client, alice: Account) -> None:
    benefit = granted(holder="Contoso", managers=[alice])
    page = alices.get("/contracts/").content.decode()
    assert "Not activated" in page
    assert "Activating it starts the term today: 20 incidents until" in page
    assert "22\xa0Dec\xa02027" in page
    address = f"/benefits/{benefit.public_id.hex}/activation/"
    assert f'action="{address}"' in page
    assert "starts the term today" in alices.get(address).content.decode()
    assert Contract.objects.get().activated_on is None

    answer = alices.post(address)
    shown = answer.content.decode()
    contract = Contract.objects.get()
    access_id, contract_id = re.findall(r"<code>([0-9A-Z-]{14,24})</code>", shown)
    assert contract_id == contract.shown_contract_id
    assert answer["Cache-Control"] == "private, no-store"
    with pytest.raises(ContractAlreadyRegistered):
        register_contract(
            account=alice,
            access_id=access_id,
            contract_id=contract_id,
            network="192.0.2.1",
            now=NOW,
        )
    page = alices.get("/contracts/").content.decode()
    assert f'href="/contracts/{contract.public_id.hex}/"' in page
    assert access_id not in page
    assert "Activating it" not in page


@pytest.mark.shows("S2.6", "F-15")
def test_the_second_press_says_that_it_is_done(alices: Client, alice: Account) -> None:
    bob = cast.bob()
    benefit = granted(holder="Contoso", managers=[alice, bob])
    address = f"/benefits/{benefit.public_id.hex}/activation/"
    alices.post(address)
    bobs = signed_in(bob)
    key = benefit.public_id.hex
    for client, where in ((alices, f"/contracts/{key}/"), (bobs, f"/contracts/{key}/sharing/")):
        again = client.post(address)
        assert again["Location"] == where
        assert "activated already" in client.get(where).content.decode()
        assert client.get(address)["Location"] == where
    assert IncidentEntry.objects.count() == 1
    assert Registration.objects.count() == 1


@pytest.mark.shows("S2.6", "S14.3")
def test_who_may_not_is_told_who_may() -> None:
    walter = cast.walter()
    company = cast.contoso()
    benefit = granted(holder=company)
    address = f"/benefits/{benefit.public_id.hex}/activation/"
    walters = signed_in(walter)
    listed = walters.get("/contracts/").content.decode()
    assert "Somebody who manages contracts at Contoso activates it." in listed
    assert f'action="{address}"' not in listed
    assert "nobody there has that role yet" in walters.get(address).content.decode()
    boss = factories.account("boss@contoso.example", given_name="Bea", family_name="Boss")
    factories.membership(boss, company, Membership.Role.MANAGER)
    for answer, status in ((walters.get(address), 200), (walters.post(address), 403)):
        assert answer.status_code == status
        page = answer.content.decode()
        assert "Your role at Contoso does not include activating benefits" in page
        assert "Bea Boss" in page
        assert "boss@contoso.example" in page
        assert "Activate and show the IDs" not in page
    assert Contract.objects.get().activated_on is None
    assert not IncidentEntry.objects.exists()
    assert "Activate and show the IDs" in signed_in(boss).get(address).content.decode()


def test_a_suspended_benefit_says_so(alices: Client, alice: Account) -> None:
    benefit = granted(holder="Contoso", managers=[alice])
    suspend_contract(contract=benefit, by=None, now=NOW)
    address = f"/benefits/{benefit.public_id.hex}/activation/"
    for page in (alices.get("/contracts/"), alices.get(address)):
        assert "It is suspended and cannot be activated now." in page.content.decode()
    assert alices.post(address).status_code == 409
    assert not IncidentEntry.objects.exists()


@pytest.mark.shows("AC-05")
def test_a_strangers_benefit_is_nowhere(alice: Account) -> None:
    benefit = granted(holder="Contoso", managers=[alice])
    charlies = signed_in(cast.charlie())
    assert "Activat" not in charlies.get("/contracts/").content.decode()
    address = f"/benefits/{benefit.public_id.hex}/activation/"
    assert charlies.get(address).status_code == charlies.post(address).status_code == 404
    assert "Nothing waits to be activated" in charlies.get("/benefits/").content.decode()


@pytest.mark.parametrize("number", [4, 30])
def test_many_benefits_have_a_page_of_their_own(
    alices: Client, alice: Account, number: int
) -> None:
    for place in range(number):
        granted(holder="Contoso", managers=[alice], now=NOW - timedelta(minutes=place))
    page = alices.get("/contracts/").content.decode()
    assert page.count("card benefit") == 3
    assert 'href="/benefits/"' in page
    with statements() as seen:
        page = alices.get("/benefits/").content.decode()
    assert page.count("card benefit") == min(number, 25)
    assert ("?after=" in page) == (number > 25)
    assert len(seen) <= 2, seen
