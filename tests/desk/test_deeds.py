"""What agents do to a request, each through its own page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import take_case, write_message
from opora.cases.models import Case, Message, Queue
from opora.contracts.models import Contract
from tests import cast, factories
from tests.desk.seats import address_of, deeds_on, press
from tests.factories import NOW


def left(case: Case) -> int:
    return Contract.objects.get(pk=case.contract_id).incidents_left


def test_taking_and_release(danas: Client, dana: Account, case: Case) -> None:
    assert press(danas, case, "taking/").status_code == 302
    case.refresh_from_db()
    assert (case.status, case.owner) == ("assigned", dana)
    assert press(danas, case, "release/").status_code == 302
    case.refresh_from_db()
    assert (case.status, case.owner) == ("submitted", None)


def test_a_case_of_somebody_else_is_not_taken(danas: Client, case: Case) -> None:
    take_case(case=case, by=cast.eve(), now=NOW)
    answer = press(danas, case, "taking/")
    assert answer.status_code == 422
    assert "Assign it to take it over." in answer.content.decode()


@pytest.mark.shows("AC-06")
def test_assignment_offers_agents_who_see_the_queue(danas: Client, case: Case) -> None:
    eve = cast.eve()
    left_us = factories.account(
        "gone@opora.example", kind=Account.Kind.AGENT, given_name="Gone", is_active=False
    )
    page = danas.get(address_of(case, "assignment/")).content.decode()
    assert "Eve Emler" in page
    assert "Gone Family" not in page
    answer = press(danas, case, "assignment/", to=eve.public_id.hex)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.owner == eve
    for stranger in (left_us.public_id.hex, "", case.submitted_by.public_id.hex):
        assert press(danas, case, "assignment/", to=stranger).status_code == 422
    case.refresh_from_db()
    assert case.owner == eve


def test_an_agent_may_give_a_case_away_and_lose_sight_of_it(danas: Client, case: Case) -> None:
    eve = cast.eve()
    take_case(case=case, by=Account.objects.get(email="dana@opora.example"), now=NOW)
    Queue.objects.update(holds_every_agent=False)
    press(danas, case, "assignment/", to=eve.public_id.hex)
    assert danas.get(address_of(case)).status_code == 404


@pytest.mark.shows("S15.1", "S15.3")
def test_a_proposal_is_a_message_and_the_customers_turn(danas: Client, case: Case) -> None:
    answer = press(danas, case, "proposal/", outcome="workaround", body="Run it at four.")
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.status, case.proposed_outcome) == ("resolved", "workaround")
    assert Message.objects.get(case=case).body == "Run it at four."
    page = danas.get(address_of(case)).content.decode()
    assert "Proposed: Worked around" in page


def test_a_proposal_without_words_keeps_the_choice(danas: Client, case: Case) -> None:
    answer = press(danas, case, "proposal/", outcome="duplicate", body=" ")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert 'href="#id_body"' in page
    assert 'value="duplicate" checked' in page
    assert deeds_on(case) == ["case.opened"]


@pytest.mark.shows("S13.3", "S15.3")
@pytest.mark.parametrize(
    ("outcome", "typed", "after"),
    [
        ("solved", {}, 4),
        ("solved", {"return_unit": "on"}, 4),
        ("product_defect", {}, 5),
        ("duplicate", {}, 5),
        ("out_of_scope", {}, 4),
        ("out_of_scope", {"return_unit": "on"}, 5),
    ],
)
def test_closing_gives_the_incident_back_where_it_says_so(
    danas: Client, case: Case, outcome: str, typed: dict[str, str], after: int
) -> None:
    press(danas, case, "taking/")
    answer = press(danas, case, "closing/", outcome=outcome, **typed)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.status, case.outcome, left(case)) == ("closed", outcome, after)


@pytest.mark.shows("S13.3", "S13.6")
def test_closing_says_beforehand_what_comes_back(danas: Client, case: Case) -> None:
    page = danas.get(address_of(case, "closing/")).content.decode()
    assert page.count("The incident stays used.") == 2  # solved, worked around
    # Defect, duplicate, withdrawn before anybody took it; and out of scope, if the agent says so.
    assert page.count("The incident comes back to the contract.") == 4
    press(danas, case, "taking/")
    page = danas.get(address_of(case, "closing/")).content.decode()
    assert page.count("The incident stays used.") == 3
    Contract.objects.filter(pk=case.contract_id).update(ends_on=(NOW - timedelta(days=2)).date())
    page = danas.get(address_of(case, "closing/")).content.decode()
    assert "expires at once: the contract ended on 21\u00a0Nov\u00a02026." in page


@pytest.mark.shows("S15.3")
def test_agents_do_not_close_for_want_of_a_reply(danas: Client, case: Case) -> None:
    assert press(danas, case, "closing/", outcome="no_reply").status_code == 422
    assert press(danas, case, "closing/").status_code == 422
    case.refresh_from_db()
    assert case.status == "submitted"


@pytest.mark.shows("S13.3", "S15.4")
def test_an_agent_reopens_what_gave_its_incident_back(danas: Client, case: Case) -> None:
    press(danas, case, "taking/")
    press(danas, case, "closing/", outcome="duplicate")
    assert "Nothing more comes back" in danas.get(address_of(case, "closing/")).content.decode()
    assert press(danas, case, "reopening/").status_code == 302
    case.refresh_from_db()
    assert (case.status, left(case)) == ("assigned", 5)
    press(danas, case, "closing/", outcome="product_defect")
    assert left(case) == 5


@pytest.mark.shows("S16.3")
def test_severity_changes_with_a_reason_that_agents_read(
    danas: Client, alice: Account, case: Case
) -> None:
    refused = press(danas, case, "severity/", severity="A", reason="  ")
    assert refused.status_code == 422
    assert "Say why the severity changes." in refused.content.decode()
    case.refresh_from_db()
    assert case.severity == "B"
    assert press(danas, case, "severity/", severity="A", reason="All sites down").status_code == 302
    case.refresh_from_db()
    assert case.severity == "A"
    assert "All sites down" in danas.get(address_of(case)).content.decode()
    page = cast.signed_in(alice).get(f"/requests/{case.number}/").content.decode()
    assert "All sites down" not in page


@pytest.mark.shows("S15.2")
def test_a_third_party_has_its_turn_until_it_is_done(danas: Client, case: Case) -> None:
    assert press(danas, case, "third-party/", reason="").status_code == 422
    assert press(danas, case, "third-party/", reason="The disk’s maker").status_code == 302
    case.refresh_from_db()
    assert case.third_party_reason == "The disk’s maker"
    page = danas.get(address_of(case)).content.decode()
    assert "Third party is done" in page
    assert press(danas, case, "third-party/ending/").status_code == 302
    case.refresh_from_db()
    assert case.third_party_reason == ""


@pytest.mark.shows("S8.3")
def test_only_the_owning_agent_changes_the_contacts(
    danas: Client, bob: Account, case: Case
) -> None:
    contact = case.contacts.get(role="additional")
    removal = f"contacts/{contact.public_id.hex}/removal/"
    assert press(danas, case, removal).status_code == 403
    assert press(danas, case, "contacts/primary/", **NEW_PRIMARY).status_code == 403
    assert case.contacts.count() == 2
    press(danas, case, "taking/")
    assert press(danas, case, "contacts/primary/", **NEW_PRIMARY).status_code == 302
    assert case.contacts.get(role="primary").email == "carol@example.com"
    assert press(danas, case, removal).status_code == 302
    assert not case.contacts.filter(pk=contact.pk).exists()
    assert cast.signed_in(bob).get(f"/requests/{case.number}/").status_code == 404


NEW_PRIMARY = {
    "given_name": "Carol",
    "family_name": "Cox",
    "email": "carol@example.com",
    "preferred_contact": "email",
    "language": "en",
}


@pytest.mark.shows("AC-03")
def test_a_contact_of_another_case_is_none_of_this_one(danas: Client, case: Case) -> None:
    other = factories.case()
    stranger = other.contacts.get()
    press(danas, case, "taking/")
    removal = f"contacts/{stranger.public_id.hex}/removal/"
    assert press(danas, case, removal).status_code == 404
    assert other.contacts.count() == 1


@pytest.mark.shows("F-32")
@pytest.mark.parametrize(
    ("deed", "typed", "kept"),
    [
        ("closing/", {"outcome": "duplicate"}, 'value="duplicate" checked'),
        ("severity/", {"severity": "A", "reason": "All sites"}, "All sites</textarea>"),
        ("proposal/", {"outcome": "solved", "body": "Done"}, "Done</textarea>"),
        ("third-party/", {"reason": "The maker"}, 'value="The maker"'),
    ],
)
def test_a_deed_on_an_older_state_shows_what_changed_and_keeps_what_was_typed(
    danas: Client, alice: Account, case: Case, deed: str, typed: dict[str, str], kept: str
) -> None:
    seen = Case.objects.get(pk=case.pk).revision
    write_message(case=case, body="It happened again.", by=alice, now=NOW)
    before = deeds_on(case)
    answer = press(danas, case, deed, seen, **typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Alice Ames wrote a message." in page
    assert kept in page
    assert deeds_on(case) == before
    assert press(danas, case, deed, **typed).status_code == 302


@pytest.mark.shows("AC-01", "AC-21")
@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_customers_have_no_desk(request: pytest.FixtureRequest, case: Case, who: str) -> None:
    customer = case.submitted_by if who == "alice" else cast.charlie()
    client = cast.signed_in(customer)
    assert client.get("/desk/").status_code == 404
    assert client.get(address_of(case)).status_code == 404
    assert press(client, case, "taking/").status_code == 404
    assert Client().get("/desk/").status_code == 302
    assert deeds_on(case) == ["case.opened"]
