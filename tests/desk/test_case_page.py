"""A request at the desk: what stands there, writing on it, and what happened meanwhile."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import close_case, rate_case, release_case, take_case, write_message
from opora.cases.models import Attachment, Case, Message, Queue, QueueMember
from opora.core.models import Job
from tests import cast, factories
from tests.counting import statements, writes
from tests.desk.seats import address_of, deeds_on, press, seat_of
from tests.factories import NOW


@pytest.mark.parametrize(
    ("place", "cost"),
    [
        ("?view=open", 4), ("?view=open&by=due", 4), ("?view=unassigned&by=due", 4),
        ("?view=waiting", 4), ("?view=closed", 4), ("?view=mine&by=activity", 4), ("", 5),
    ],
)  # fmt: skip
def test_costs_five_statements_at_most_however_much_is_on_it(
    danas: Client, alice: Account, dana: Account, case: Case, place: str, cost: int
) -> None:
    """Session and account, the case with what hangs on it, the conversation, the queue beside it;
    only the agent's own by what is due, where most begin, takes one more."""
    of = case.version
    contract = factories.contract(registered_to=(alice,), incidents=40)
    take_case(case=case, by=dana, now=NOW)
    costs = []
    danas.get(address_of(case))
    for more in (2, 18):
        for position in range(more):
            write_message(case=case, body=f"Line {position}", by=alice, now=NOW)
            factories.case(submitted_by=alice, contract=contract, of=of)
        with statements() as seen:
            page = danas.get(address_of(case) + place).content.decode()
        assert writes(seen) == []
        costs.append(len(seen))
    assert page.count('class="message customer"') == 20
    assert costs == [cost, cost], seen


@pytest.mark.shows("S8.1")
def test_costs_the_same_in_several_queues_and_once_it_is_closed_and_rated(
    danas: Client, alice: Account, dana: Account, case: Case
) -> None:
    second = Queue.objects.create(slug="second", names={"cs": "Druhá", "en": "Second"})
    QueueMember.objects.create(queue=second, account=dana)
    take_case(case=case, by=dana, now=NOW)
    case.refresh_from_db()
    close_case(case=case, outcome="solved", by=dana, now=NOW)
    case.refresh_from_db()
    rate_case(case=case, score=4, comment="Quick enough.", by=alice, now=NOW)
    for place in ("?view=open", "?view=open&by=activity", "?view=closed", ""):
        danas.get(address_of(case) + place)
        with statements() as seen:
            page = danas.get(address_of(case) + place).content.decode()
        assert "Quick enough." in page
        assert len(seen) <= 5, seen


def test_shows_the_customer_with_the_contract(danas: Client, alice: Account, bob: Account) -> None:
    held = factories.contract(
        registered_to=(alice,), holder=factories.organization("Maple Rail"), incidents=7
    )
    other = factories.case(submitted_by=alice, contract=held, title="An older one")
    case = factories.case(
        submitted_by=alice, contract=held, others=(bob,), time_zone="America/Toronto", country="CA"
    )
    page = danas.get(address_of(case)).content.decode()
    for told in (
        "Maple Rail", "Alice Ames", "alice@example.com", "Bob Burke",
        "<strong class=\"figures\">5</strong> of 7 incidents left",
        "Thu\u00a031\u00a0Dec", "in mainstream support",
        "Canada, Toronto", "there it is Mon\u00a023\u00a0Nov, 04:00 (Toronto)",
        "Mon\u00a023\u00a0Nov, 19:00", "Mon\u00a023\u00a0Nov, 13:00 (Toronto)",
        other.number, "An older one",
    ):  # fmt: skip
        assert told in page, told


@pytest.mark.shows("S15.1", "S16.2")
def test_an_answer_is_the_first_response_and_takes_the_case(danas: Client, case: Case) -> None:
    answer = press(danas, case, "messages/", kind="answer", body="Which build is it?")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{address_of(case)}?view=mine&by=due#end",
    )
    case.refresh_from_db()
    assert (case.status, case.first_responded_at) == ("in_progress", NOW)
    assert case.owner is not None
    assert case.owner.email == "dana@opora.example"


@pytest.mark.shows("S15.1", "S15.2")
def test_a_question_makes_it_the_customers_turn(danas: Client, case: Case) -> None:
    press(danas, case, "messages/", kind="question", body="Which build is it?")
    case.refresh_from_db()
    assert case.status == "waiting_for_customer"


@pytest.mark.shows("AC-12")
def test_a_note_moves_nothing_and_looks_like_no_message(danas: Client, case: Case) -> None:
    press(danas, case, "messages/", kind="note", body="Known since July.")
    before = case.status
    case.refresh_from_db()
    assert (case.status, case.first_responded_at) == (before, None)
    page = danas.get(address_of(case)).content.decode()
    assert 'class="message agent note"' in page
    assert "Note for agents</span>" in page


@pytest.mark.shows("AC-12")
def test_a_note_and_its_file_reach_no_customer(
    danas: Client, alice: Account, bob: Account, case: Case
) -> None:
    """The canary: on no page, in no list, search, API answer or mail of any customer."""
    canary = "canary4711"
    danas.post(
        address_of(case, "messages/"),
        {
            "revision": 1,
            "kind": "note",
            "body": f"Secret: {canary}",
            "attachments": SimpleUploadedFile(f"{canary}.log", b"inside"),
        },
    )
    note = Message.objects.get(case=case, kind="note")
    file = Attachment.objects.get(case=case)
    assert (note.attachments, file.is_internal) == ([file.public_id.hex], True)
    case_at, file_at = f"/requests/{case.number}/", f"files/{file.public_id.hex}/"
    for customer in (alice, bob):
        browser, program = cast.signed_in(customer), cast.bearer(customer)
        for address in ("/", case_at, f"{case_at}history/", f"{case_at}sharing/"):
            page = browser.get(address)
            assert page.status_code == 200
            assert canary not in page.content.decode()
        assert "Backups stop" not in browser.get("/", {"q": canary}).content.decode()
        for address in ("", f"/{case.number}", f"/{case.number}/messages"):
            assert canary not in program.get(f"/api/v1/cases{address}").content.decode()
        assert program.get(f"/api/v1/cases?q={canary}").json()["items"] == []
        assert browser.get(case_at + file_at).status_code == 404
    assert not Job.objects.filter(kind="mail.case_message").exists()
    at_the_desk = danas.get(address_of(case, file_at))
    assert b"".join(at_the_desk.streaming_content) == b"inside"  # type: ignore[attr-defined]


def test_a_closed_case_still_takes_notes_and_nothing_else(danas: Client, case: Case) -> None:
    press(danas, case, "closing/", outcome="solved")
    page = danas.get(address_of(case)).content.decode()
    assert 'value="note" checked' in page
    assert 'value="answer"' not in page
    refused = press(danas, case, "messages/", kind="answer", body="One more thing")
    assert refused.status_code == 422
    assert "is closed. Reopen it first." in refused.content.decode()
    assert press(danas, case, "messages/", kind="note", body="For the record").status_code == 302


def test_what_was_typed_survives_a_refusal_with_its_files(danas: Client, case: Case) -> None:
    write_message(case=case, body="It happened again.", by=case.submitted_by, now=NOW)
    sent = danas.post(
        address_of(case, "messages/"),
        {
            "revision": 1,
            "kind": "question",
            "body": "Which <build> is it?",
            "attachments": SimpleUploadedFile("query.sql", b"select 1"),
        },
    )
    page = sent.content.decode()
    upload = Attachment.objects.get(name="query.sql")
    assert "Which &lt;build&gt; is it?" in page
    assert 'value="question" checked' in page
    assert f'name="kept" value="{upload.public_id.hex}"' in page
    assert upload.case is None
    again = press(
        danas, case, "messages/", kind="question", body="Which build?", kept=upload.public_id.hex
    )
    assert again.status_code == 302
    upload.refresh_from_db()
    assert upload.case == case


@pytest.mark.shows("F-32")
def test_the_second_of_two_agents_sees_what_the_first_did(danas: Client, case: Case) -> None:
    grace = factories.account(
        "grace@opora.example", kind=Account.Kind.AGENT, given_name="Grace", family_name="Holt"
    )
    seen = Case.objects.get(pk=case.pk).revision
    write_message(case=case, body="I am on it.", by=grace, now=NOW)
    before = deeds_on(case)
    answer = press(danas, case, "messages/", seen, kind="answer", body="I am on it, too.")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<title>Error: " in page
    assert "The request changed while you had it open" in page
    assert "Grace Holt wrote a message." in page
    assert "I am on it.</div>" in page
    assert "I am on it, too.</textarea>" in page
    assert deeds_on(case) == before
    now = Case.objects.get(pk=case.pk).revision
    assert f'name="revision" value="{now}"' in page
    assert press(danas, case, "messages/", now, kind="answer", body="Too").status_code == 302


@pytest.mark.shows("F-32")
def test_two_who_take_at_once_do_not_lose_one_another(danas: Client, case: Case) -> None:
    grace = factories.account("grace@opora.example", kind=Account.Kind.AGENT)
    seen = Case.objects.get(pk=case.pk).revision
    take_case(case=case, by=grace, now=NOW)
    release_case(case=case, by=grace, now=NOW)
    answer = press(danas, case, "taking/", seen)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Given Family took the request." in page
    assert "Given Family gave the request back to the queue." in page
    case.refresh_from_db()
    assert case.owner is None


def test_a_page_without_a_revision_does_nothing(danas: Client, case: Case) -> None:
    answer = danas.post(address_of(case, "taking/"), {})
    assert answer.status_code == 422
    assert "Open the request again" in answer.content.decode()
    case.refresh_from_db()
    assert case.owner is None


def test_history_says_who_did_what(danas: Client, case: Case) -> None:
    press(danas, case, "taking/")
    page = danas.get(address_of(case, "history/")).content.decode()
    assert "Alice Ames submitted the request." in page
    assert "Dana Dvořáková took the request." in page


@pytest.mark.shows("XS-01")
def test_nothing_a_customer_writes_is_markup(danas: Client, alice: Account) -> None:
    case = factories.case(submitted_by=alice, title="<img src=x onerror=alert(1)>")
    write_message(case=case, body="<script>alert(2)</script>", by=alice, now=NOW)
    for address in ("/desk/?view=open", address_of(case), address_of(case, "closing/")):
        page = danas.get(address).content.decode()
        assert "<img src=x" not in page
        assert "<script>alert" not in page


@pytest.mark.shows("S8.1", "AC-03")
def test_an_agent_outside_the_queue_finds_nothing(dana: Account, case: Case) -> None:
    eve = cast.eve()
    danas, eves = seat_of(dana), seat_of(eve)
    Queue.objects.update(holds_every_agent=False)
    assert danas.get(address_of(case)).status_code == 404
    assert press(danas, case, "taking/").status_code == 404
    assert press(danas, case, "messages/", kind="answer", body="Hello").status_code == 404
    assert eves.get(address_of(case)).status_code == 200
    take_case(case=case, by=eve, now=NOW)
    assert deeds_on(case) == ["case.opened", "case.assigned"]
