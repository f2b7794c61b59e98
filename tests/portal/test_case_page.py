"""A support request's page: reading, answering, closing, files."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import attach_file, propose_outcome, take_case, write_message
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Case, Message
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes


@pytest.fixture
def case(alice: Account) -> Case:
    return factories.case(submitted_by=alice, others=(cast.bob(),), title="Backups stop")


def address_of(case: Case, rest: str = "") -> str:
    return f"/requests/{case.number}/{rest}"


@pytest.mark.parametrize("number", [2, 20])
def test_costs_five_statements_however_many_messages(
    alices: Client, alice: Account, case: Case, number: int
) -> None:
    for position in range(number):
        write_message(case=case, body=f"Line {position}", by=alice, now=factories.NOW)
    alices.get(address_of(case))
    with statements() as seen:
        page = alices.get(address_of(case)).content.decode()
    assert page.count('class="message customer"') == number
    assert len(seen) <= 5, seen
    assert writes(seen) == []


def test_a_file_of_a_later_page_does_not_stand_under_the_description(
    alices: Client, alice: Account, case: Case
) -> None:
    attach_file(case=case, chunks=[b"x"], name="beside.log", by=alice, now=factories.NOW)
    for position in range(100):
        write_message(case=case, body=f"Line {position}", by=alice, now=factories.NOW)
    late = receive_file(account=alice, chunks=[b"x"], name="late.log", now=factories.NOW)
    write_message(case=case, body="Last", attachments=[late], by=alice, now=factories.NOW)
    first = alices.get(address_of(case)).content.decode()
    assert ("beside.log" in first, "late.log" in first) == (True, False)
    later = re.search(r'href="(\?after=[^"#]+)', first)
    assert later
    second = alices.get(address_of(case) + html.unescape(later[1])).content.decode()
    assert ("beside.log" in second, "late.log" in second) == (False, True)


@pytest.mark.shows("S15.2")
def test_says_who_waits_for_whom(alices: Client, case: Case) -> None:
    dana = cast.dana()
    take_case(case=case, by=dana, now=factories.NOW)
    write_message(case=case, body="Which build?", by=dana, now=factories.NOW, asks=True)
    page = alices.get(address_of(case)).content.decode()
    assert "Waiting for you" in page
    assert "Dana Dvořáková asked on Mon\u00a023\u00a0Nov, 10:00." in page


@pytest.mark.shows("S15.1")
def test_a_proposed_end_can_be_taken(alices: Client, case: Case) -> None:
    dana = cast.dana()
    take_case(case=case, by=dana, now=factories.NOW)
    propose_outcome(
        case=case, outcome="workaround", body="Run it at four.", by=dana, now=factories.NOW
    )
    assert "proposes to close the request: worked around" in (
        alices.get(address_of(case)).content.decode()
    )
    alices.post(address_of(case, "closing/"), {"outcome": "solved"})
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("closed", "solved")


def test_an_answer_with_files_is_one_message(alices: Client, case: Case) -> None:
    early = alices.post(
        address_of(case, "files/"), {"file": SimpleUploadedFile("early.log", b"before")}
    )
    answer = alices.post(
        address_of(case, "messages/"),
        {
            "body": "Here they are.",
            "kept": early.json()["id"],
            "attachments": SimpleUploadedFile("late.log", b"with the form"),
        },
    )
    assert answer["Location"] == address_of(case) + "#end"
    message = Message.objects.get()
    assert message.body == "Here they are."
    assert len(message.attachments) == 2
    page = alices.get(address_of(case)).content.decode()
    assert page.index("early.log") < page.index("late.log")


def test_an_empty_answer_is_refused_in_place(alices: Client, case: Case) -> None:
    answer = alices.post(address_of(case, "messages/"), {"body": "  "})
    assert answer.status_code == 422
    assert '<a href="#id_body">Write a message.</a>' in answer.content.decode()
    assert Message.objects.count() == 0


@pytest.mark.shows("S15.4")
def test_a_closed_request_is_read_on_and_reopened(alices: Client, case: Case) -> None:
    alices.post(address_of(case, "closing/"), {"outcome": "solved"})
    page = alices.get(address_of(case)).content.decode()
    assert 'id="reply"' not in page
    assert "Reopen the request" in page
    refused = alices.post(address_of(case, "messages/"), {"body": "One more thing"})
    assert refused.status_code == 422
    assert alices.post(address_of(case, "reopening/"), {"confirmed": "yes"}).status_code == 302
    case.refresh_from_db()
    assert case.status == "submitted"


@pytest.mark.shows("S16.3")
def test_the_severity_changes_until_an_agent_is_assigned(alices: Client, case: Case) -> None:
    assert alices.post(address_of(case, "severity/"), {"severity": "A"}).status_code == 302
    case.refresh_from_db()
    assert case.severity == "A"
    take_case(case=case, by=cast.dana(), now=factories.NOW)
    refused = alices.post(address_of(case, "severity/"), {"severity": "C"})
    assert refused.status_code == 422
    assert "Ask for another severity in a message." in refused.content.decode()


@pytest.mark.shows("AC-12")
def test_notes_of_agents_are_nowhere(alices: Client, case: Case) -> None:
    write_message(case=case, body="Secret note", by=cast.dana(), now=factories.NOW, is_note=True)
    for rest in ("", "history/", "sharing/"):
        assert "Secret note" not in alices.get(address_of(case, rest)).content.decode()


@pytest.mark.shows("S8.1", "AC-02")
def test_a_stranger_finds_nothing_at_any_address(alice: Account, case: Case) -> None:
    alices = signed_in(alice)
    alices.post(
        address_of(case, "messages/"), {"attachments": SimpleUploadedFile("a.log", b"secret")}
    )
    file = Attachment.objects.get().public_id.hex
    charlies = signed_in(cast.charlie())
    for rest in ("", "history/", "sharing/", "closing/", "severity/", f"files/{file}/"):
        assert charlies.get(address_of(case, rest)).status_code == 404
    for rest in ("messages/", "closing/", "reopening/", "sharing/", "files/"):
        assert charlies.post(address_of(case, rest), {"body": "x"}).status_code == 404
    missing = charlies.get("/requests/0000000000000000/").content.decode()
    assert "There is nothing here that you can see" in missing


@pytest.mark.shows("XS-04", "XS-05")
def test_files_are_fetched_to_be_saved_never_to_be_shown(alices: Client, case: Case) -> None:
    body = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    alices.post(
        address_of(case, "messages/"),
        {"attachments": SimpleUploadedFile('obrázek "<b>.svg', body, "image/svg+xml")},
    )
    file = Attachment.objects.get()
    answer = alices.get(address_of(case, f"files/{file.public_id.hex}/"))
    assert b"".join(answer.streaming_content) == body  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''obr%C3%A1zek")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.shows("XS-01", "XS-02")
def test_what_people_type_is_never_markup(alices: Client, alice: Account, case: Case) -> None:
    Case.objects.update(title="<script>alert(1)</script>", description='"><img src=x onerror=a()>')
    write_message(
        case=case,
        body="javascript:alert(1) https://example.com/?a=1&b=<b>",
        by=alice,
        now=factories.NOW + timedelta(minutes=1),
    )
    page = alices.get(address_of(case)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert 'href="https://example.com/?a=1&amp;b="' in page


@pytest.mark.shows("S8.3")
def test_a_contact_adds_another(alices: Client, case: Case) -> None:
    answer = alices.post(
        address_of(case, "sharing/"), {"given_name": "Cleo", "email": "cleo@example.com"}
    )
    assert answer.status_code == 302
    page = alices.get(address_of(case, "sharing/")).content.decode()
    assert "cleo@example.com" in page
    again = alices.post(
        address_of(case, "sharing/"), {"given_name": "Cleo", "email": "CLEO@example.com"}
    )
    assert again.status_code == 422
    assert "is a contact of this support request already" in again.content.decode()


@pytest.mark.shows("S8.3")
def test_the_primary_contact_removes_and_is_replaced(alices: Client, case: Case) -> None:
    bob = case.contacts.get(role="additional")
    removal = address_of(case, f"sharing/{bob.public_id.hex}/removal/")
    assert "Remove Bob Burke?" in alices.get(removal).content.decode()
    assert alices.post(removal, {"confirmed": "yes"}).status_code == 302
    assert case.contacts.count() == 1
    answer = alices.post(
        address_of(case, "sharing/primary/"),
        {
            "given_name": "Cleo",
            "email": "cleo@example.com",
            "preferred_contact": "email",
            "language": "cs",
        },
    )
    assert answer.status_code == 302
    assert case.contacts.get(role="primary").email == "cleo@example.com"


@pytest.mark.shows("S8.3")
def test_whoever_leaves_is_led_home(case: Case) -> None:
    bob = case.contacts.get(role="additional")
    bobs = signed_in(Account.objects.get(email="bob@example.com"))
    removal = address_of(case, f"sharing/{bob.public_id.hex}/removal/")
    assert "Leave this support request?" in bobs.get(removal).content.decode()
    assert bobs.post(removal, {"confirmed": "yes"})["Location"] == "/"
    assert bobs.get(address_of(case)).status_code == 404
