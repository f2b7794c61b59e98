"""What was done to a case, told to its readers (S8.2, AC-12)."""

from __future__ import annotations

import pytest
from django.utils import translation

from opora.cases.actions import (
    add_contact,
    change_severity,
    close_case,
    release_case,
    remove_contact,
    reopen_case,
    take_case,
    write_message,
)
from opora.cases.queries import can, case_for, history_of
from tests import cast
from tests.cases.world import DAY, HOUR, new_case
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_history_tells_who_did_what_and_nothing_of_notes() -> None:
    alice, bob, dana = cast.alice(), cast.bob(), cast.dana()
    case = new_case(submitted_by=alice, others=(bob,))
    take_case(case=case, by=dana, now=NOW + HOUR)
    write_message(case=case, body="Canary.", by=dana, now=NOW + HOUR, is_note=True)
    change_severity(case=case, severity="C", reason="Calm.", by=dana, now=NOW + HOUR)
    remove_contact(case=case, contact=case.contacts.get(role="additional"), by=bob, now=NOW + HOUR)
    add_contact(
        case=case, given_name="C", family_name="", email="c@example.com", by=alice, now=NOW + HOUR
    )
    release_case(case=case, by=dana, now=NOW + HOUR)
    close_case(case=case, outcome="duplicate", by=dana, now=NOW + 2 * HOUR)
    reopen_case(case=case, by=dana, now=NOW + 3 * HOUR)

    with translation.override("en"), statements() as ran:
        told = [line.text for line in history_of(case, alice)]

    assert told == [
        "Alice Ames submitted the request.",
        "Dana Dvořáková took the request.",
        "Dana Dvořáková changed the severity from B to C.",
        "Bob Burke left the request.",
        "Alice Ames added a contact.",
        "Dana Dvořáková gave the request back to the queue.",
        "Dana Dvořáková closed the request: it is a duplicate of another request. "
        "The incident was given back.",
        "Dana Dvořáková reopened the request.",
    ]
    assert len(ran) == 2
    assert "Canary" not in str(told)


@pytest.mark.shows("S8.3", "S15.3", "S15.4", "S16.3")
def test_permissions_say_what_the_deeds_would() -> None:
    alice, bob, dana, eve = cast.alice(), cast.bob(), cast.dana(), cast.eve()
    case = new_case(submitted_by=alice, others=(bob,))

    primary = can(case_for(alice, case.number), alice, NOW)
    assert (primary.write, primary.close, primary.reopen) == (True, True, False)
    assert (primary.change_severity, primary.replace_primary, primary.leave) == (True, True, False)
    assert primary.outcomes == ("solved", "withdrawn")
    assert not any([primary.note, primary.take, primary.assign, primary.propose])
    other = can(case_for(bob, case.number), bob, NOW)
    assert (other.add_contact, other.remove_contacts, other.leave) == (True, False, True)

    take_case(case=case, by=dana, now=NOW)
    owner, agent = can(case_for(dana, case.number), dana), can(case_for(eve, case.number), eve)
    assert (owner.replace_primary, agent.replace_primary) == (True, False)
    assert (owner.take, owner.release, owner.note, owner.add_contact) == (False, True, True, False)
    assert not can(case_for(alice, case.number), alice, NOW).change_severity

    close_case(case=case, outcome="solved", by=alice, now=NOW)
    closed = can(case_for(alice, case.number), alice, NOW + DAY)
    assert (closed.write, closed.upload, closed.close, closed.reopen) == (False, False, False, True)
    assert closed.add_contact
    assert not can(case_for(alice, case.number), alice, NOW + 400 * DAY).reopen
    with statements() as ran:
        can(case_for(alice, case.number), alice, NOW)
    assert len(ran) == 1
