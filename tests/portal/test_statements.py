"""A contract's statement as page, CSV and PDF: the same to each, and nobody else's content."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases.models import Case
from opora.contracts import statements as contract_statements
from opora.contracts.actions import consume_incident, end_registration
from opora.contracts.models import Contract
from opora.portal import statement_files
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW
from tests.web.pdf_text import texts_of

CANARY = "Canary of the payroll server"


def address(contract: Contract, rest: str = "") -> str:
    return f"/contracts/{contract.public_id.hex}/statement/{rest}"


def table(client: Client, contract: Contract, delimiter: str = ",") -> list[list[str]]:
    answer = client.get(address(contract, "table/"))
    assert answer.status_code == 200
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def document(client: Client, contract: Contract) -> list[str]:
    answer = client.get(address(contract, "document/"))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return [text for page in texts_of(answer.content) for text in page]


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\b\d{16}\b", text))


@pytest.fixture
def shared(alice: Account, bob: Account) -> Contract:
    return factories.contract(incidents=9, registered_to=(alice, bob))


@pytest.fixture
def alices_case(alice: Account, shared: Contract) -> Case:
    return factories.case(submitted_by=alice, contract=shared, title=CANARY)


@pytest.mark.shows("S13.4", "P1")
def test_page_table_and_document_say_who_used_what_when_for_which_request(
    alices: Client, shared: Contract, alices_case: Case
) -> None:
    number = alices_case.number
    page = alices.get(address(shared)).content.decode()
    for said in ("Alice Ames", number, "A support request was opened.", "−1", "+9"):
        assert said in page
    head, granted, used = table(alices, shared)
    assert head == [
        "When (Europe/Prague)", "What", "Reason", "Request", "Who", "In", "Out", "Balance",
    ]  # fmt: skip
    assert granted == [
        "2026-01-01 10:00:00", "Granted", "The contract was activated.",
        "", "Opora", "9", "0", "9",
    ]  # fmt: skip
    assert used == [
        "2026-11-23 10:00:00", "Used", "A support request was opened.",
        f"#{number}", "Alice Ames", "0", "1", "8",
    ]  # fmt: skip
    drawn = document(alices, shared)
    assert f"Statement of contract {shared.shown_contract_id}" in drawn
    at = drawn.index(number)
    assert drawn[at - 1 : at + 4] == ["Used", number, "Alice Ames", "1", "8"]


@pytest.mark.shows("S13.4", "AC-07", "AC-08")
def test_others_see_the_number_but_no_link_and_no_content(
    alices: Client, bob: Account, shared: Contract, alices_case: Case
) -> None:
    number = alices_case.number
    own = factories.case(submitted_by=bob, contract=shared)
    bobs = signed_in(bob)
    for path in (address(shared), f"/contracts/{shared.public_id.hex}/"):
        page = bobs.get(path).content.decode()
        assert number in page
        assert f'href="/requests/{number}/"' not in page
        assert f'href="/requests/{own.number}/"' in page
        assert CANARY not in page
        assert f'href="/requests/{number}/"' in alices.get(path).content.decode()
    exported = str(table(bobs, shared)) + " ".join(document(bobs, shared))
    assert CANARY not in exported
    listed = numbers_in(bobs.get(address(shared)).content.decode())
    assert numbers_in(exported) == listed == {number, own.number}


@pytest.mark.shows("AC-07", "S14.3", "S2.5")
def test_each_role_exports_what_it_sees_on_the_page_and_no_more(
    alice: Account, bob: Account, shared: Contract, alices_case: Case
) -> None:
    manager, charlie = cast.walter(), cast.charlie()
    shared.managers.create(account=manager)
    foreign = factories.case(submitted_by=charlie)
    for account, opens in ((alice, True), (bob, True), (manager, True), (charlie, False)):
        client = signed_in(account)
        for rest in ("", "table/", "document/"):
            answer = client.get(address(shared, rest))
            assert answer.status_code == (200 if opens else 404), (account.email, rest)
            b"".join(answer)
        if opens:
            listed = numbers_in(client.get(address(shared)).content.decode())
            assert numbers_in(str(table(client, shared))) == listed
            assert numbers_in(" ".join(document(client, shared))) == listed
            assert foreign.number not in listed
    end_registration(account=bob, contract=shared, by=bob, now=NOW)
    for rest in ("", "table/", "document/"):
        assert signed_in(bob).get(address(shared, rest)).status_code == 404


@pytest.mark.shows("S14.3", "S13.4")
def test_managers_see_who_registered_it_and_others_do_not(
    alices: Client, bob: Account, shared: Contract
) -> None:
    manager = cast.walter()
    shared.managers.create(account=manager)
    walters = signed_in(manager)
    for said in (walters.get(address(shared)).content.decode(), str(document(walters, shared))):
        assert "Accounts that added this contract" in said
        assert bob.email in said
    page = alices.get(address(shared)).content.decode()
    assert "Accounts that added this contract" not in page
    assert bob.email not in page + str(document(alices, shared))


@pytest.mark.shows("XS-10", "XS-09", "XS-01")
def test_a_name_that_is_a_formula_or_markup_is_only_ever_text(
    alices: Client, bob: Account, shared: Contract
) -> None:
    formula, tag = "=HYPERLINK(1)", "<img src=file:///etc/passwd>"
    type(bob.person).objects.filter(pk=bob.person_id).update(given_name=formula, family_name=tag)
    consume_incident(contract_pk=shared.pk, case_number="1" * 16, by=bob, now=NOW)
    rows = table(alices, shared)
    assert rows[-1][4] == f"'{formula} {tag}"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    drawn = "".join(document(alices, shared)).replace(" ", "")
    assert f"{formula}{tag}".replace(" ", "") in drawn
    assert tag not in alices.get(address(shared)).content.decode()


@pytest.mark.parametrize("number", [2, 60])
def test_the_pages_cost_the_same_for_any_number_of_entries(
    alices: Client, alice: Account, number: int
) -> None:
    contract = factories.contract(incidents=number + 1, registered_to=(alice,))
    for position in range(number):
        consume_incident(
            contract_pk=contract.pk,
            case_number=f"{position:016}",
            by=alice,
            now=NOW - timedelta(hours=position),
        )
    for path, budget in (
        (address(contract), 9),
        (f"/contracts/{contract.public_id.hex}/", 11),
        (address(contract, "table/"), 6),
        (address(contract, "document/"), 6),
    ):
        with statements() as seen:
            b"".join(alices.get(path))
        assert len(seen) <= budget, (path, seen)
        assert writes(seen) == []


def test_the_statement_is_walked_by_pages(alices: Client, alice: Account) -> None:
    contract = factories.contract(incidents=60, registered_to=(alice,))
    for position in range(55):
        consume_incident(contract_pk=contract.pk, case_number=f"{position:016}", by=alice, now=NOW)
    first = alices.get(address(contract)).content.decode()
    older = re.search(r'href="(\?after=[^"]+)"', first)
    assert older is not None
    second = alices.get(address(contract) + older[1]).content.decode()
    assert len(numbers_in(first)) == 50
    assert numbers_in(first) | numbers_in(second) == {f"{n:016}" for n in range(55)}
    assert numbers_in(first) & numbers_in(second) == set()
    assert f'href="{address(contract)}"' in second
    assert alices.get(address(contract) + "?after=made-up").status_code == 422


@pytest.mark.shows("S13.4")
def test_a_long_document_brings_its_balance_forward_and_the_table_has_all(
    alices: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_files, "MOST_LINES", 5)
    monkeypatch.setattr(contract_statements, "CHUNK", 4)
    contract = factories.contract(incidents=20, registered_to=(alice,))
    for position in range(12):
        consume_incident(contract_pk=contract.pk, case_number=f"{position:016}", by=alice, now=NOW)
    drawn = document(alices, contract)
    assert "These are the newest 5 entries. The CSV file has all of them." in drawn
    assert drawn[drawn.index("Balance before") + 1] == "13"
    after = drawn.index("Balance after")
    assert drawn[after + 1 : after + 4] == ["0", "5", "8"]
    assert numbers_in(" ".join(drawn)) == {f"{n:016}" for n in range(7, 12)}
    assert len(table(alices, contract)) == 1 + 13


@pytest.mark.shows("S13.4")
def test_czech_readers_get_czech_files(alice: Account, shared: Contract, alices_case: Case) -> None:
    Account.objects.filter(pk=alice.pk).update(language="cs")
    alices = signed_in(Account.objects.get(pk=alice.pk))
    head, granted, used = table(alices, shared, delimiter=";")
    assert head[:2] == ["Kdy (Europe/Prague)", "Co"]
    assert granted[2] == "Smlouva byla aktivována."
    assert used[1] == "Použito"
    answer = alices.get(address(shared, "document/"))
    assert f"vypis-{shared.shown_contract_id}.pdf" in answer["Content-Disposition"]
    drawn = document(alices, shared)
    assert f"Výpis ze smlouvy {shared.shown_contract_id}" in drawn
    assert "Počáteční zůstatek" in drawn


def test_a_contract_without_entries_has_an_empty_statement(alices: Client, alice: Account) -> None:
    contract = factories.contract(incidents=0, registered_to=(alice,))
    assert "No entries yet." in alices.get(address(contract)).content.decode()
    assert len(table(alices, contract)) == 1
    assert "No entries yet." in document(alices, contract)
