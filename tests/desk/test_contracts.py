"""A contract at the desk: found, shared, revoked, rotated, activated by agents (S14.3)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

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


# --- Ending soon ----------------------------------------------------------------------------------


def ending(name: str, days: int) -> Contract:
    """A contract of NAME with incidents left that ends so many days from NOW (23 November 2026)."""
    made = factories.contract(holder=factories.organization(name))
    Contract.objects.filter(pk=made.pk).update(ends_on=date(2026, 11, 23) + timedelta(days=days))
    return made


def holders(page: str) -> list[str]:
    return re.findall(r'class="ending-what">\s*<a href="[^"]*">([^<]*)</a>', page)


@pytest.mark.shows("S13.5", "S11.4")
def test_contracts_that_end_soon_with_incidents_left_stand_soonest_first(danas: Client) -> None:
    ending("In two months", 60)
    ending("Today", 0)
    ending("Next week", 7)
    ending("After that", 61)
    ending("Yesterday", -1)
    used_up, cancelled, halted = (ending(name, 5) for name in ("Used up", "Given up", "Halted"))
    Contract.objects.filter(pk=used_up.pk).update(incidents_left=0)
    Contract.objects.filter(pk=cancelled.pk).update(cancelled_at=NOW)
    Contract.objects.filter(pk=halted.pk).update(suspended_at=NOW)
    page = danas.get("/desk/contracts/").content.decode()
    assert holders(page) == ["Today", "Halted", "Next week", "In two months"]
    assert "7 days left" in page
    assert "Today is the last day" in page
    assert page.count(">Suspended<") == 1


def test_the_list_of_what_ends_goes_on_by_pages_in_few_statements(
    danas: Client, django_assert_max_num_queries: Any
) -> None:
    names = [f"Holder {number:02}" for number in range(30)]
    for number, name in enumerate(names):
        ending(name, number // 2)  # two a day: the key's second part decides
    danas.get("/desk/contracts/")
    with django_assert_max_num_queries(3):
        first = danas.get("/desk/contracts/").content.decode()
    after = re.search(r'href="(\?after=[^"]*)"', first)
    assert after is not None
    second = danas.get(f"/desk/contracts/{after[1]}").content.decode()
    assert holders(first) + holders(second) == names
    assert 'href="?after=' not in second
    assert 'href="/desk/contracts/"' in second


def test_what_ends_soon_leaves_as_a_table(danas: Client) -> None:
    ending("=HYPERLINK(1)", 3)
    ending("Fabrikam", 9)
    answer = danas.get("/desk/contracts/ending/table/")
    assert answer["Content-Disposition"] == (
        'attachment; filename="contracts-ending-2026-11-23.csv"'
    )
    head, *rows = csv.reader(
        io.StringIO(b"".join(answer).decode("utf-8-sig")),
    )
    assert head[0] == "Holder"
    assert [(row[0], row[4], row[5], row[7]) for row in rows] == [
        ("'=HYPERLINK(1)", "2026-11-26", "3", "5"),
        ("Fabrikam", "2026-12-02", "9", "5"),
    ]


def test_where_nothing_ends_the_page_says_so(danas: Client) -> None:
    page = danas.get("/desk/contracts/").content.decode()
    assert "No contract ends soon with incidents left" in page
    assert "/ending/table/" not in page
