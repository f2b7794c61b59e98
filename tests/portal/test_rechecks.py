"""A step that was passed is checked again when an earlier one changes, and says why (S6)."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.catalog.models import Version
from opora.contracts.actions import end_registration
from opora.contracts.models import Contract
from opora.web.formats import contract_id
from tests import factories
from tests.portal.workflow_forms import started, whole

NBSP = "\u00a0"


@pytest.fixture
def passed(alices: Client, version: Version, contract: Contract) -> str:
    """The address of a draft whose first four steps were passed."""
    address = started(alices)
    everything = whole(version, contract)
    for step in ("problem", "support", "primary_contact", "sharing"):
        alices.post(address, everything | {"do": f"next:{step}", "sections": step})
    return address


def step_of(page: str, name: str) -> str:
    """The markup of one step."""
    return page.split(f'id="{name}"', 1)[1].split("</li>", 1)[0]


def change(alices: Client, address: str, **fields: str) -> str:
    answer = alices.post(address, fields | {"do": "next:problem", "sections": "problem"})
    return alices.get(answer["Location"].partition("#")[0]).content.decode()


@pytest.mark.shows("S6.8", "P3")
def test_a_contract_that_does_not_cover_the_new_version_is_named_with_the_reason(
    alices: Client, passed: str, contract: Contract
) -> None:
    past = date(2022, 7, 12)
    factories.version(slug="2012", mainstream_ends_on=past, extended_ends_on=past)
    page = change(alices, passed, version="2012")
    why = step_of(page, "support")
    number = contract_id(contract.contract_id)
    assert "the request is now about Database Server 2012." in why
    assert (
        f"The contract you chose, {number}, does not cover Database Server 2012: "
        "choose another plan."
    ) in why
    assert "Support for Database Server 2012 has ended" in why
    assert 'class="step open" id="support"' in page


@pytest.mark.shows("S6.8")
def test_a_contract_that_covers_the_new_version_too_says_so_and_only_has_to_be_confirmed(
    alices: Client, passed: str
) -> None:
    factories.version(slug="2019")
    page = change(alices, passed, version="2019")
    assert "can be used for it. Look at the severity and go on." in step_of(page, "support")
    on = alices.post(passed, {"do": "next:support", "sections": "support"})
    assert on["Location"].endswith("?step=verify#verify")
    assert "You changed the product" not in alices.get(passed + "?step=sharing").content.decode()


@pytest.mark.shows("S6.8", "S2.5")
def test_a_contract_that_was_lost_meanwhile_is_said_without_any_change(
    alices: Client, alice: Account, passed: str, contract: Contract
) -> None:
    end_registration(account=alice, contract=contract, by=alice, now=factories.NOW)
    page = alices.get(passed).content.decode()
    assert "The contract you chose is no longer added to this account" in page


@pytest.mark.shows("S6.8", "S4.2")
def test_a_contract_suspended_meanwhile_is_said_with_its_reason(
    alices: Client, passed: str, contract: Contract
) -> None:
    Contract.objects.update(suspended_at=factories.NOW)
    page = alices.get(passed).content.decode()
    assert "cannot be used for this: choose another plan." in page
    assert "is suspended" in page


@pytest.mark.shows("S6.3", "S16.3")
def test_round_the_clock_chosen_later_sends_back_to_the_phone_number(
    alices: Client, passed: str
) -> None:
    alices.post(passed, {"primary_contact.phone": "+420 601 123 456", "do": "save"})
    alices.post(
        passed,
        {"severity": "A", "round_the_clock": "true", "do": "next:support", "sections": "support"},
    )
    page = alices.get(passed + "?step=primary_contact").content.decode()
    assert "check that the phone number is answered day and night" in step_of(
        page, "primary_contact"
    )


def test_autosave_remembers_what_was_changed_too(alices: Client, passed: str) -> None:
    factories.version(slug="2019")
    alices.post(passed + "fields/", {"version": "2019"})
    page = step_of(alices.get(passed + "?step=problem").content.decode(), "support")
    assert "the request is now about Database Server 2019" in page
