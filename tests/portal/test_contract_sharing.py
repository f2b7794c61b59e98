"""Who shares a contract: seen, invited, revoked, let back in; a new Access ID (S14.3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.contracts.actions import Issued, invite, issue_contracts, register_contract
from opora.contracts.errors import ContractNotFound
from opora.contracts.models import Contract, Invitation, Registration
from opora.core.models import AuditLine, Job
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW

LINK = re.compile(r"http://localhost(?::\d+)?/invitations/([\w-]{43})/")


@pytest.fixture
def issued(alice: Account) -> Issued:
    """A contract that Alice manages; it is on her account and on Bob's."""
    plan = factories.plan_version("partner", terms={"incidents": 20})
    made = issue_contracts(
        plan_code=plan.plan.code, holder="Contoso", managers=[alice], by=None, now=NOW
    )[0]
    for account in (alice, cast.bob()):
        factories.registration(made.contract, account)
    return made


@pytest.fixture
def contract(issued: Issued) -> Contract:
    return issued.contract


@pytest.fixture
def address(contract: Contract) -> str:
    return f"/contracts/{contract.public_id.hex}/"


@pytest.fixture
def bob(contract: Contract) -> Account:
    return Account.objects.get(email="bob@example.com")


@pytest.mark.shows("S14.3")
def test_a_manager_sees_who_has_the_contract(alices: Client, address: str) -> None:
    assert f'href="{address}sharing/"' in alices.get(address).content.decode()
    page = alices.get(address + "sharing/").content.decode()
    assert "Bob Burke" in page
    assert "bob@example.com" in page
    assert "Managed by" in page


@pytest.mark.shows("S14.3", "AC-08")
def test_another_registrant_sees_only_that_there_are_others(address: str, bob: Account) -> None:
    bobs = signed_in(bob)
    page = bobs.get(address).content.decode()
    assert "Others have added this contract too" in page
    assert "Alice" not in page
    assert "alice@example.com" not in page
    assert "sharing/" not in page
    for rest in ("sharing/", "rotation/"):
        assert bobs.get(address + rest).status_code == 404
        assert bobs.post(address + rest).status_code == 404
    assert not Invitation.objects.exists()


def test_a_manager_who_has_not_added_it_finds_the_way(address: str, contract: Contract) -> None:
    contract.managers.create(account=cast.charlie())
    charlies = signed_in(Account.objects.get(email="charlie@example.net"))
    assert 'href="/contracts/managed/"' in charlies.get("/contracts/").content.decode()
    page = charlies.get("/contracts/managed/").content.decode()
    assert f'href="{address}sharing/"' in page
    assert charlies.get(address + "sharing/").status_code == 200
    assert charlies.get(address).status_code == 200


@pytest.mark.parametrize("number", [2, 24])
def test_the_page_costs_the_same_for_any_number(
    alices: Client, alice: Account, contract: Contract, address: str, number: int
) -> None:
    for place in range(number):
        factories.registration(contract, factories.account())
        invite(contract=contract, by=alice, now=NOW - timedelta(minutes=place))
    with statements() as seen:
        page = alices.get(address + "sharing/").content.decode()
    assert page.count("Call off") == number
    assert len(seen) <= 8
    assert writes(seen) == []


# --- Inviting ------------------------------------------------------------------------------------
@pytest.mark.shows("S14.1", "AU-08")
def test_a_link_is_shown_once_on_a_sheet_and_leads_to_the_public_address(
    alices: Client, address: str
) -> None:
    answer = alices.post(address + "sharing/", {"send_to": ""}, headers={"host": "localhost"})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    page = answer.content.decode()
    links = LINK.findall(page)
    assert len(set(links)) == 1
    assert "Access ID" not in page.split('class="card sheet"')[1]
    assert "20" in page
    again = alices.get(address + "sharing/").content.decode()
    assert LINK.findall(again) == []
    assert "Passed on by hand" in again
    assert "made by Alice Ames" in again


@pytest.mark.shows("S14.1")
def test_a_link_can_be_mailed_as_well(alices: Client, address: str) -> None:
    wrong = alices.post(address + "sharing/", {"send_to": "vera at example"})
    assert wrong.status_code == 422
    assert "Enter an e-mail address" in wrong.content.decode()
    assert not Invitation.objects.exists()
    page = alices.post(address + "sharing/", {"send_to": "vera@example.net"}).content.decode()
    assert "It is on its way to vera@example.net as well." in page
    assert Job.objects.filter(kind="mail.contract_invitation").count() == 1
    assert "Mailed to vera@example.net" in alices.get(address + "sharing/").content.decode()


@pytest.mark.shows("S14.3", "AC-03")
def test_a_link_is_called_off(
    alices: Client, alice: Account, contract: Contract, address: str
) -> None:
    made = invite(contract=contract, by=alice, now=NOW).invitation
    elsewhere = factories.contract(registered_to=(alice,))
    elsewhere.managers.create(account=alice)
    wrong = f"/contracts/{elsewhere.public_id.hex}/invitations/{made.public_id.hex}/revocation/"
    assert alices.post(wrong).status_code == 404
    assert Invitation.objects.get().revoked_at is None
    right = f"{address}invitations/{made.public_id.hex}/revocation/"
    assert alices.get(right).status_code == 405
    assert alices.post(right)["Location"] == address + "sharing/"
    assert Invitation.objects.get().revoked_at == NOW
    page = alices.get(address + "sharing/").content.decode()
    assert "The link no longer opens anything." in page
    assert "Called off" in page


# --- Revoking ------------------------------------------------------------------------------------
@pytest.mark.shows("S14.3")
def test_a_registration_is_revoked_after_asking_and_lifted_again(
    alices: Client, address: str, bob: Account, issued: Issued
) -> None:
    bobs = signed_in(bob)
    key = bob.public_id.hex
    revocation = f"{address}sharing/{key}/revocation/"
    assert f'href="{revocation}"' in alices.get(address + "sharing/").content.decode()
    page = alices.get(revocation).content.decode()
    assert "Revoke the registration of Bob Burke?" in page
    assert Registration.objects.get(account=bob).ended_at is None
    assert alices.post(revocation)["Location"] == address + "sharing/"
    assert bobs.get(address).status_code == 404
    ids = {"access_id": issued.access_id, "contract_id": issued.contract.contract_id}
    neutral = bobs.post("/contracts/new/", ids)
    assert neutral.status_code == 422
    assert "No contract has this Access ID" in neutral.content.decode()

    lifting = f"{address}sharing/{key}/lifting/"
    assert f'href="{lifting}"' in alices.get(address + "sharing/").content.decode()
    assert "Let Bob Burke add the contract again?" in alices.get(lifting).content.decode()
    assert alices.post(lifting)["Location"] == address + "sharing/"
    assert bobs.get(address).status_code == 404
    assert bobs.post("/contracts/new/", ids)["Location"] == address


def test_somebody_who_never_had_it_cannot_be_revoked(alices: Client, address: str) -> None:
    charlie = cast.charlie()
    before = AuditLine.objects.count()
    for rest in ("revocation/", "lifting/"):
        answer = alices.post(f"{address}sharing/{charlie.public_id.hex}/{rest}")
        assert answer.status_code == 404
    assert AuditLine.objects.count() == before


# --- Rotating ------------------------------------------------------------------------------------
@pytest.mark.shows("S14.1", "S14.3")
def test_a_new_access_id_is_shown_once_with_the_sheet(
    alices: Client, issued: Issued, address: str, bob: Account
) -> None:
    page = alices.get(address + "rotation/").content.decode()
    assert "2 accounts have the contract, and keep it." in page
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found
    mark = found.group(1)
    answer = alices.post(address + "rotation/", {"mark": mark})
    shown = re.findall(r"<code>([0-9A-Z-]{24})</code>", answer.content.decode())
    assert len(shown) == 1
    assert shown[0] != issued.access_id
    assert "The Access ID is shown this once" in answer.content.decode()
    pair: Any = {
        "account": cast.charlie(),
        "contract_id": str(issued.contract.contract_id),
        "network": "192.0.2.1",
        "now": NOW,
    }
    with pytest.raises(ContractNotFound):
        register_contract(access_id=issued.access_id, **pair)
    register_contract(access_id=shown[0], **pair)
    assert Registration.objects.get(account=bob).ended_at is None

    again = alices.post(address + "rotation/", {"mark": mark}, follow=True).content.decode()
    assert "rotated after you opened the page" in again
    assert AuditLine.objects.filter(code="contract.rotated").count() == 1


def test_a_purchase_is_shared_with_nobody(alices: Client, alice: Account) -> None:
    factories.plan_version("ppi", terms={"access_id": False})
    bought = issue_contracts(
        plan_code="ppi", holder="Alice Ames", managers=[alice], by=None, now=NOW
    )[0].contract
    address = f"/contracts/{bought.public_id.hex}/"
    page = alices.get(address + "sharing/").content.decode()
    assert "Make an invitation link" not in page
    assert "rotation/" not in page
    refused = alices.post(address + "sharing/", {"send_to": ""})
    assert refused.status_code == 422
    assert "has no Access ID" in refused.content.decode()
    assert "no Access ID" in alices.get(address + "rotation/").content.decode()
    assert not Invitation.objects.exists()
