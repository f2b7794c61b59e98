"""Contracts of an account: the list, each one's page, adding and ending."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.contracts.actions import consume_incident, issue_contracts, return_incident
from opora.contracts.models import Contract, Plan, Registration
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes

TODAY = factories.NOW.date()


def words(answer: Any) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(text).split())


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
    assert len(seen) <= 4, seen
    assert writes(seen) == []


@pytest.mark.shows("P1", "S11.4", "S4.2", "S4.3", "P3")
def test_each_contract_shows_balance_days_what_it_covers_and_why_it_cannot_be_used(
    alices: Client, alice: Account
) -> None:
    # What was frozen when it was issued is told, whatever the plan says now (S11.1).
    terms = factories.plan_version("old", terms={"severities": ["B", "C"], "round_the_clock": []})
    current = terms.plan.versions.create(number=2, terms=factories.TERMS, created_at=factories.NOW)
    Plan.objects.update(current=current)
    factories.contract(terms=terms, ends_on=TODAY + timedelta(days=90), registered_to=(alice,))
    factories.contract(
        terms=terms,
        incidents=0,
        ends_on=TODAY - timedelta(days=1),
        suspended_at=factories.NOW,
        registered_to=(alice,),
    )
    page = words(alices.get("/contracts/"))
    assert "5 of 5 incidents left" in page
    assert "Ends on 21 Feb 2027 90 days left" in page
    assert page.count("Severities B and C.") == 2
    assert "Around the clock" not in page
    assert "Ended on 22 Nov 2026" in page
    assert "The support plan has expired: the last usable day of old was 22 Nov 2026. Ask" in page
    assert "The contract old is suspended. Ask your vendor why" in page


@pytest.mark.shows("S13.5", "P1")
@pytest.mark.parametrize(
    ("days", "left", "told"),
    [
        (61, 5, ""),
        (60, 5, "The contract ends in 60 days."),
        (1, 5, "The contract ends in 1 day."),
        (0, 5, "The contract ends today."),
        (90, 1, "One incident is left."),
        (7, 1, "The contract ends in 7 days. One incident is left."),
    ],
)
def test_the_pages_warn_before_it_ends_or_runs_out(
    alices: Client, alice: Account, days: int, left: int, told: str
) -> None:
    contract = factories.contract(
        incidents=5, ends_on=TODAY + timedelta(days=days), registered_to=(alice,)
    )
    for number in range(5 - left):
        consume_incident(
            contract_pk=contract.pk, case_number=str(number), by=alice, now=factories.NOW
        )
    for path in ("/contracts/", f"/contracts/{contract.public_id.hex}/"):
        page = words(alices.get(path))
        assert (told in page) if told else ("The contract ends" not in page)
        assert ("One incident is left." in page) == (left == 1)


@pytest.mark.shows("P1")
def test_use_by_month_is_a_chart_with_a_table_beside_it_and_a_forecast(
    alices: Client, alice: Account
) -> None:
    contract = factories.contract(incidents=20, registered_to=(alice,))
    for number, days in enumerate((95, 65, 64, 35, 34, 33, 10, 2)):
        at = factories.NOW - timedelta(days=days)
        consume_incident(contract_pk=contract.pk, case_number=str(number), by=alice, now=at)
    return_incident(
        contract=contract, case_number="7", reason="duplicate", by=None, now=factories.NOW
    )
    answer = alices.get(f"/contracts/{contract.public_id.hex}/")
    page = answer.content.decode()
    assert page.count('<rect class="chart-bar') == 4
    assert page.count("unfinished") == 1
    assert '<td>October 2026</td><td class="number-cell">3</td>' in page
    said = words(answer)
    assert "8 incidents used since January 2026." in said
    assert "Came back" in said
    # Seven in 182 days, thirteen left, and 38 days to go: one more, and twelve lapse.
    assert "At this pace about 12 incidents will be left when the contract ends on 31 Dec" in said


@pytest.mark.shows("P1")
def test_a_pace_that_empties_it_is_told_in_weeks_and_nothing_is_told_of_little(
    alices: Client, alice: Account
) -> None:
    contract = factories.contract(
        incidents=20, ends_on=TODAY + timedelta(days=300), registered_to=(alice,)
    )
    address = f"/contracts/{contract.public_id.hex}/"
    page = words(alices.get(address))
    assert "No incident has been used in the last twelve months." in page
    assert "At this pace" not in page
    for number in range(16):
        at = factories.NOW - timedelta(days=10 * number)
        consume_incident(contract_pk=contract.pk, case_number=str(number), by=alice, now=at)
    assert "At this pace all incidents are used up in about 7 weeks." in words(alices.get(address))


@pytest.mark.shows("S2.3", "S2.5", "P4")
@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({}, ("Active", "It can be used for your next request.", "20 of 20 incidents left")),
        (
            {"suspended_at": factories.NOW},
            ("Suspended", "It cannot be used now", "is suspended. Ask your vendor why"),
        ),
        (
            {"ends_on": date(2026, 11, 22), "starts_on": date(2026, 1, 1)},
            ("Expired", "Ended on 22 Nov 2026", "Ask your vendor to renew the contract"),
        ),
    ],
)
def test_a_contract_is_added_by_both_ids_once_and_again_says_its_state_and_why(
    alices: Client, alice: Account, condition: dict[str, Any], told: tuple[str, ...]
) -> None:
    plan = factories.plan_version("partner", terms={"incidents": 20})
    issued = issue_contracts(
        plan_code=plan.plan.code, holder="Contoso", managers=[], by=None, now=factories.NOW
    )[0]
    ids = {"access_id": issued.access_id, "contract_id": issued.contract.contract_id}
    address = f"/contracts/{issued.contract.public_id.hex}/"
    assert alices.post("/contracts/new/", ids)["Location"] == address
    Contract.objects.filter(pk=issued.contract.pk).update(**condition)
    before = Registration.objects.values().get(account=alice)
    again = alices.post("/contracts/new/", ids)
    assert again.status_code == 422
    assert f'href="{address}"' in again.content.decode()
    page = words(again)
    for said in ("Contract is already registered", alice.email, *told):
        assert said in page
    assert Registration.objects.values().get(account=alice) == before


@pytest.mark.shows("S14.2")
def test_a_wrong_pair_gets_the_neutral_answer(alices: Client) -> None:
    answer = alices.post("/contracts/new/", {"access_id": "A" * 20, "contract_id": "1" * 12})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error: " in page
    assert "No contract has this Access ID together with this Contract ID." in page


@pytest.mark.shows("S14.3")
def test_a_manager_sees_the_contract_without_having_added_it(alice: Account) -> None:
    contract = factories.contract(registered_to=(alice,))
    walter = cast.walter()
    address = f"/contracts/{contract.public_id.hex}/"
    assert signed_in(walter).get(address).status_code == 404
    contract.managers.create(account=walter)
    page = signed_in(walter).get(address)
    assert page.status_code == 200
    assert "ending/" not in page.content.decode()  # there is nothing to take off


@pytest.mark.shows("S13.4")
def test_the_page_shows_the_newest_entries_and_leads_to_all(alices: Client, alice: Account) -> None:
    contract = factories.contract(incidents=20, registered_to=(alice,))
    case = factories.case(submitted_by=alice, contract=contract)
    for number in range(9):
        consume_incident(
            contract_pk=contract.pk, case_number=f"{number:016}", by=alice, now=factories.NOW
        )
    page = alices.get(f"/contracts/{contract.public_id.hex}/").content.decode()
    assert f"{8:016}" in page
    assert f"{0:016}" not in page
    assert case.title not in page
    for rest in ("statement/", "statement/table/", "statement/document/"):
        assert f'href="/contracts/{contract.public_id.hex}/{rest}"' in page


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
