"""A contract at the desk: found, shared, revoked, rotated, activated by agents (S14.3)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases.models import Case
from opora.contracts.actions import grant_benefit
from opora.contracts.models import Contract, IncidentEntry, Invitation, Registration
from opora.core.models import AuditLine
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(alice: Account) -> Contract:
    return factories.contract(holder=factories.organization("Fabrikam"), registered_to=(alice,))


def test_a_contract_is_found_by_its_number(danas: Client, contract: Contract) -> None:
    address = f"/desk/contracts/{contract.public_id.hex}/"
    for text in (contract.contract_id, contract.shown_contract_id, contract.public_id.hex):
        assert danas.get("/desk/contracts/", {"q": str(text)})["Location"] == address
    missing = danas.get("/desk/contracts/", {"q": "999999999999"})
    assert missing.status_code == 404
    assert "There is no such contract." in missing.content.decode()
    assert danas.get("/desk/contracts/").status_code == 200


def test_a_case_leads_to_its_contract(danas: Client, case: Case) -> None:
    page = danas.get(f"/desk/cases/{case.number}/").content.decode()
    assert f'href="/desk/contracts/{case.contract.public_id.hex}/"' in page


@pytest.mark.shows("S14.3")
def test_agents_see_invite_revoke_lift_and_rotate(
    danas: Client, alice: Account, contract: Contract
) -> None:
    address = f"/desk/contracts/{contract.public_id.hex}/"
    page = danas.get(address).content.decode()
    assert "Fabrikam" in page
    assert "alice@example.com" in page
    shown = danas.post(address, {"send_to": ""}).content.decode()
    assert re.search(r"/invitations/[\w-]{43}/", shown)
    made = Invitation.objects.get()
    danas.post(f"{address}invitations/{made.public_id.hex}/revocation/")
    assert Invitation.objects.get().revoked_at == NOW
    there = f"{address}registrations/{alice.public_id.hex}/"
    assert danas.get(there + "revocation/").status_code == 200
    assert danas.post(there + "revocation/")["Location"] == address
    assert Registration.objects.get().revoked_at == NOW
    assert danas.post(there + "lifting/")["Location"] == address
    assert Registration.objects.get().revoked_at is None
    form = danas.get(address + "rotation/").content.decode()
    found = re.search(r'name="mark" value="(\w+)"', form)
    assert found
    answer = danas.post(address + "rotation/", {"mark": found.group(1)})
    assert re.search(r"<code>[0-9A-Z-]{24}</code>", answer.content.decode())
    codes = set(AuditLine.objects.values_list("code", flat=True))
    assert codes == {
        "invitation.made",
        "invitation.revoked",
        "registration.revoked",
        "registration.lifted",
        "contract.rotated",
    }


@pytest.mark.shows("S2.6", "S14.3")
def test_agents_activate_for_a_holder_without_managers(danas: Client) -> None:
    factories.plan_version("plan")
    benefit = grant_benefit(plan_code="plan", holder="Fabrikam", by=None, now=NOW)
    address = f"/desk/contracts/{benefit.public_id.hex}/"
    assert f'href="{address}activation/"' in danas.get(address).content.decode()
    assert danas.get(address + "activation/").status_code == 200
    shown = danas.post(address + "activation/").content.decode()
    assert re.search(r"<code>[0-9A-Z-]{24}</code>", shown)
    assert danas.post(address + "activation/")["Location"] == address
    assert danas.get(address + "activation/")["Location"] == address
    assert IncidentEntry.objects.count() == 1
    assert not Registration.objects.exists()
