"""Why the first response is due when it is: on the confirmation, on the case, at the severity."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import change_severity
from opora.cases.models import Case
from opora.portal.due import due_after, due_of_case
from tests import factories
from tests.portal.workflow_forms import started, whole

LENGTH = "4 business hours, Prague calendar"


@pytest.fixture
def case(alice: Account) -> Case:
    """Submitted on Monday at ten in Prague: nothing is skipped."""
    return factories.case(submitted_by=alice)


@pytest.mark.shows("S16.2", "P12")
def test_the_confirmation_says_what_is_counted_and_what_is_not(
    alices: Client, alice: Account
) -> None:
    contract = factories.contract(registered_to=(alice,))
    form = whole(factories.version(), contract)
    with time_machine.travel(factories.NOW + timedelta(hours=5), tick=False):  # 15:00 in Prague
        address = started(alices)
        alices.post(address, form)
        page = alices.get(address + "submitted/").content.decode()
    assert LENGTH in page
    assert "The hours outside 9:00–17:00 do not count." in page


@pytest.mark.shows("S16.2")
def test_the_case_says_it_until_somebody_answered(alices: Client, case: Case) -> None:
    explained = due_of_case(case)
    assert explained is not None
    assert explained.due_at == case.response_due_at
    assert LENGTH in alices.get(f"/requests/{case.number}/").content.decode()
    Case.objects.update(first_responded_at=factories.NOW + timedelta(hours=1))
    assert LENGTH not in alices.get(f"/requests/{case.number}/").content.decode()


@pytest.mark.shows("S16.2", "S16.3")
def test_a_raised_severity_is_due_from_the_change_and_is_not_explained_otherwise(
    alices: Client, alice: Account, case: Case
) -> None:
    later = factories.NOW + timedelta(hours=1)
    raised = change_severity(case=case, severity="A", by=alice, now=later)
    assert raised.response_due_at == later + timedelta(hours=2)
    assert due_of_case(raised) is None
    page = alices.get(f"/requests/{case.number}/").content.decode()
    assert "2 business hours" not in page
    assert "Mon\u00a023\u00a0Nov, 13:00" in page


@pytest.mark.shows("S16.3")
def test_the_page_of_the_severity_says_when_each_other_one_is_due(
    alices: Client, case: Case
) -> None:
    later = factories.NOW + timedelta(hours=1)
    dues = dict(due_after(case, now=later))
    assert dues == {
        "A": later + timedelta(hours=2),  # raised: from the change
        "C": factories.NOW + timedelta(days=1),  # lowered: from the submission, into Tuesday
    }
    page = alices.get(f"/requests/{case.number}/severity/").content.decode()
    assert "first response by Mon\u00a023\u00a0Nov, 12:00" in page


@pytest.mark.shows("S16.3")
@pytest.mark.parametrize("severity", ["A", "C"])
def test_what_was_said_beforehand_is_what_changing_it_does(
    alice: Account, case: Case, severity: str
) -> None:
    later = factories.NOW + timedelta(hours=1)
    said = dict(due_after(case, now=later))[severity]
    changed = change_severity(case=case, severity=severity, by=alice, now=later)
    assert changed.response_due_at == said
