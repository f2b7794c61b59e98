"""Cases by API after opening: who sees what, what is written, who is on it, how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from opora.accounts.models import Account
from opora.cases.actions import take_case, write_message
from opora.cases.models import Attachment, Case, CaseContact, Message
from opora.core.models import StoredAnswer
from tests import cast, factories
from tests.api.caller import Answer, Caller

pytestmark = pytest.mark.django_db

NOBODYS = "f" * 32
NO_CASE = "2611230000000000"


@dataclass
class Scene:
    """Alice's case with Bob as an additional contact; Charlie is a stranger, Dana an agent."""

    case: Case
    alice: Account
    bob: Account
    dana: Account
    charlie: Account

    @property
    def path(self) -> str:
        return f"/cases/{self.case.number}"


@pytest.fixture
def scene() -> Scene:
    alice, bob = cast.alice(), cast.bob()
    case = factories.case(submitted_by=alice, others=(bob,))
    return Scene(case, alice, bob, cast.dana(), cast.charlie())


def test_a_contact_lists_and_reads_the_case(scene: Scene) -> None:
    caller = Caller(scene.bob)
    listed = caller.get("/cases").data
    assert [item["number"] for item in listed["items"]] == [scene.case.number]
    whole = caller.get(scene.path).data
    assert listed["items"][0] == whole


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?state=open", True),
        ("?state=closed", False),
        ("?severity=B", True),
        ("?severity=A", False),
        ("?product=database-server", True),
        ("?product=nothing", False),
        ("?q=nightly+job", True),
        ("?q=unheard", False),
    ],
)
def test_cases_are_filtered_and_searched(scene: Scene, query: str, found: bool) -> None:
    items = Caller(scene.alice).get(f"/cases{query}").data["items"]
    assert [item["number"] for item in items] == ([scene.case.number] if found else [])


@pytest.mark.shows("AC-09")
def test_only_known_filters_are_taken(scene: Scene) -> None:
    for query in ("state=any", "severity=D", "owner=dana", "sort=title"):
        answer = Caller(scene.alice).get(f"/cases?{query}")
        assert answer.refusal == (422, "invalid-input"), query


def test_lists_page_by_cursor_and_take_few_statements(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    version, contract = (
        scene.case.version,
        factories.contract(registered_to=(scene.alice,), incidents=30),
    )
    for minute in range(1, 8):
        factories.case(
            submitted_by=scene.alice,
            contract=contract,
            of=version,
            now=factories.NOW + timedelta(minutes=minute),
        )
    caller = Caller(scene.alice)
    caller.get("/me")
    seen, cursor = [], ""
    for _ in range(3):
        with django_assert_max_num_queries(3):
            answer = caller.get(f"/cases?limit=3{cursor}")
        seen += [item["last_activity_at"] for item in answer.data["items"]]
        cursor = f"&cursor={answer.data['next']}"
    assert len(seen) == 8
    assert seen == sorted(seen, reverse=True)
    assert answer.data["next"] is None
    with django_assert_max_num_queries(3):
        caller.get(scene.path)


STRANGERS_CALLS = [
    ("GET", "", None),
    ("PATCH", "", {"severity": "A"}),
    ("GET", "/messages", None),
    ("POST", "/messages", {"body": "hello"}),
    ("GET", "/attachments", None),
    ("GET", "/attachments/" + NOBODYS, None),
    ("GET", "/contacts", None),
    ("POST", "/contacts", {"given_name": "E", "family_name": "V", "email": "eve@example.com"}),
    ("DELETE", "/contacts/" + NOBODYS, None),
    ("POST", "/closure", {"outcome": "solved"}),
    ("DELETE", "/closure", None),
]


@pytest.mark.shows("AC-01", "S8.1", "S15.5")
@pytest.mark.parametrize(("method", "below", "body"), STRANGERS_CALLS)
def test_a_strangers_case_and_no_case_are_one_answer(
    scene: Scene, method: str, below: str, body: Any
) -> None:
    caller = Caller(scene.charlie)
    foreign = caller.call(method, scene.path + below, body)
    missing = caller.call(method, f"/cases/{NO_CASE}{below}", body)
    assert foreign.refusal == (404, "not-found")
    assert foreign.content == missing.content
    unchanged = Case.objects.get()
    assert (unchanged.revision, unchanged.contacts.count()) == (scene.case.revision, 2)


@pytest.mark.shows("AC-03")
def test_a_child_of_another_case_is_not_found(scene: Scene) -> None:
    other = factories.case(submitted_by=scene.charlie, of=scene.case.version)
    contact = other.contacts.get()
    caller = Caller(scene.alice)
    file = Caller(scene.charlie).upload(f"/cases/{other.number}/attachments").data["id"]
    assert caller.delete(f"{scene.path}/contacts/{contact.public_id.hex}").status == 404
    assert caller.get(f"{scene.path}/attachments/{file}").refusal == (404, "not-found")
    assert CaseContact.objects.filter(pk=contact.pk).exists()


@pytest.mark.shows("S16.3")
def test_the_severity_changes_until_an_agent_is_assigned(scene: Scene) -> None:
    caller = Caller(scene.alice)
    answer = caller.patch(scene.path, {"severity": "C"})
    assert (answer.status, answer.data["severity"]) == (200, "C")
    take_case(case=scene.case, by=scene.dana, now=factories.NOW)
    assert caller.patch(scene.path, {"severity": "A"}).refusal == (409, "severity-is-settled")
    assert caller.patch(scene.path, {}).fields == ["severity"]
    agent = Caller(scene.dana)
    assert agent.patch(scene.path, {"severity": "A"}).fields == ["reason"]
    assert agent.patch(scene.path, {"severity": "A", "reason": "down"}).data["severity"] == "A"


def test_messages_are_written_and_read_oldest_first(scene: Scene) -> None:
    alice, dana = Caller(scene.alice), Caller(scene.dana)
    first = alice.post(f"{scene.path}/messages", {"body": "It is back."})
    assert first.status == 201
    assert first.data == {
        "id": first.data["id"],
        "author": {"name": "Alice Ames", "role": "customer"},
        "body": "It is back.",
        "at": "2026-11-23T09:00:00Z",
        "attachments": [],
        "internal": False,
    }
    second = dana.post(f"{scene.path}/messages", {"body": "We look at it."})
    assert second.data["author"] == {"name": "Dana Dvořáková", "role": "agent"}
    listed = Caller(scene.bob).get(f"{scene.path}/messages?limit=1").data
    assert listed["items"] == [first.data]
    rest = Caller(scene.bob).get(f"{scene.path}/messages?limit=1&cursor={listed['next']}").data
    assert rest == {"items": [second.data], "next": None}


def test_the_same_key_writes_a_message_once_even_after_removal(scene: Scene) -> None:
    bob = Caller(scene.bob)
    first = bob.post(f"{scene.path}/messages", {"body": "hello"}, key="k1")
    contact = scene.case.contacts.get(role="additional").public_id.hex
    assert Caller(scene.alice).delete(f"{scene.path}/contacts/{contact}").status == 204
    again = bob.post(f"{scene.path}/messages", {"body": "hello"}, key="k1")
    assert (again.status, again.content) == (201, first.content)
    assert bob.post(f"{scene.path}/messages", {"body": "hello"}).refusal == (404, "not-found")
    assert (Message.objects.count(), StoredAnswer.objects.count()) == (1, 1)


@pytest.mark.shows("AC-12")
def test_a_note_and_its_files_are_for_agents(scene: Scene) -> None:
    canary = "canary-7431"
    upload = Caller(scene.dana).upload("/uploads", b"secret", name=f"{canary}.log").data
    write_message(
        case=scene.case,
        body=canary,
        attachments=[Attachment.objects.get(public_id=upload["id"])],
        by=scene.dana,
        now=factories.NOW,
        is_note=True,
    )
    for account in (scene.alice, scene.bob):
        caller = Caller(account)
        answers: list[Answer] = [
            caller.get(path)
            for path in (
                "/cases",
                f"/cases?q={canary}",
                scene.path,
                f"{scene.path}/messages",
                f"{scene.path}/attachments",
            )
        ]
        assert all(canary not in answer.content.decode() for answer in answers)
        assert answers[1].data["items"] == []
        assert caller.get(f"{scene.path}/attachments/{upload['id']}").status == 404
    notes = Caller(scene.dana).get(f"{scene.path}/messages").data["items"]
    assert [(note["body"], note["internal"]) for note in notes] == [(canary, True)]


@pytest.mark.shows("S8.2", "XS-04")
def test_files_come_back_as_they_went_and_are_only_saved(scene: Scene) -> None:
    content = b"<script>alert(1)</script>" * 1000
    caller = Caller(scene.alice)
    with time_machine.travel(factories.NOW + timedelta(minutes=1), tick=False):
        posted = caller.upload(f"{scene.path}/attachments", content, name='a"<b>.html')
    assert posted.status == 201
    assert set(posted.data) == {"id", "name", "size", "media_type", "state", "at"}
    assert posted.data["size"] == len(content)
    assert caller.get(f"{scene.path}/attachments").data == {"items": [posted.data], "next": None}
    fetched = Caller(scene.bob).get(f"{scene.path}/attachments/{posted.data['id']}")
    assert fetched.content == content
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert caller.get(scene.path).data["attachments"] == []


def test_an_upload_goes_with_a_message_of_the_same_account(scene: Scene) -> None:
    upload = Caller(scene.alice).upload("/uploads", b"log").data
    assert set(upload) == {"id", "name", "size", "media_type", "state"}
    body = {"body": "see the file", "attachments": [upload["id"]]}
    stolen = Caller(scene.bob).post(f"{scene.path}/messages", body)
    assert (stolen.refusal, stolen.fields) == ((422, "invalid-input"), ["attachments"])
    sent = Caller(scene.alice).post(f"{scene.path}/messages", body)
    assert (sent.status, sent.data["attachments"]) == (201, [upload["id"]])


def test_an_upload_waits_24_hours(scene: Scene) -> None:
    caller = Caller(scene.alice)
    upload = caller.upload("/uploads").data["id"]
    body = {"body": "late", "attachments": [upload]}
    with time_machine.travel(factories.NOW + timedelta(hours=24, seconds=1), tick=False):
        answer = caller.post(f"{scene.path}/messages", body)
    assert (answer.refusal, answer.fields) == ((422, "invalid-input"), ["attachments"])


@pytest.mark.shows("S8.6", "FI-04")
def test_a_file_over_the_limit_is_refused(scene: Scene, settings: Any) -> None:
    settings.ATTACHMENT_LIMIT = 1024
    caller = Caller(scene.alice)
    assert caller.upload("/uploads", b"a" * 1024).status == 201
    for path in ("/uploads", f"{scene.path}/attachments"):
        assert caller.upload(path, b"a" * 1025).refusal == (413, "file-too-large")
    assert Attachment.objects.count() == 1


def test_an_upload_without_a_file_or_with_an_empty_one_is_refused(scene: Scene) -> None:
    caller = Caller(scene.alice)
    answer = caller.post("/uploads", {})
    assert (answer.refusal, answer.fields) == ((422, "invalid-input"), ["file"])
    assert caller.upload("/uploads", b"").status == 422
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("body", ["    at Main.run()\n  at last", "\tindented"])
def test_a_message_keeps_the_indentation_of_its_first_line(scene: Scene, body: str) -> None:
    sent = Caller(scene.alice).post(f"{scene.path}/messages", {"body": f"\r\n \n{body}\n\n"})
    assert (sent.status, sent.data["body"]) == (201, body)
    nothing = Caller(scene.alice).post(f"{scene.path}/messages", {"body": " \n\t\n "})
    assert (nothing.refusal, nothing.fields) == ((422, "invalid-input"), ["body"])


@pytest.mark.shows("P14")
def test_a_second_file_or_another_part_is_refused_and_never_lost(scene: Scene) -> None:
    caller = Caller(scene.alice)
    for path in ("/uploads", f"{scene.path}/attachments"):
        both = caller.upload(path, b"one", and_also={"file": [b"one", b"two"]})
        assert (both.refusal, both.fields) == ((422, "invalid-input"), ["file"])
        noted = caller.upload(path, b"one", and_also={"note": "why", "picture": b"x"})
        assert (noted.refusal, noted.fields) == ((422, "invalid-input"), ["note", "picture"])
    assert Attachment.objects.count() == 0


def test_the_same_key_uploads_once(scene: Scene) -> None:
    caller = Caller(scene.alice)
    first = caller.upload("/uploads", b"log", key="k1")
    assert caller.upload("/uploads", b"log", key="k1").content == first.content
    assert caller.upload("/uploads", b"other", key="k1").code == "idempotency-key-reused"
    assert Attachment.objects.count() == 1


def person(email: str = "new@example.com", **more: str) -> dict[str, str]:
    return {"given_name": "Nora", "family_name": "New", "email": email} | more


@pytest.mark.shows("S8.3")
def test_contacts_are_listed_added_and_removed(scene: Scene) -> None:
    bob, alice = Caller(scene.bob), Caller(scene.alice)
    added = bob.post(f"{scene.path}/contacts", person())
    assert added.status == 201
    assert added.data == person(id=added.data["id"], role="additional")
    listed = alice.get(f"{scene.path}/contacts").data["items"]
    assert [item["email"] for item in listed] == [
        "alice@example.com",
        "bob@example.com",
        "new@example.com",
    ]
    assert set(listed[0]) == {"id", "role", "given_name", "family_name", "email"}
    again = bob.post(f"{scene.path}/contacts", person("NEW@example.com"))
    assert again.refusal == (409, "already-a-contact")
    contact = f"{scene.path}/contacts/{added.data['id']}"
    assert bob.delete(contact).refusal == (403, "not-allowed")
    assert alice.delete(contact).status == 204
    assert alice.delete(contact).refusal == (404, "not-found")


@pytest.mark.shows("S8.3")
def test_posting_a_primary_replaces_the_primary(scene: Scene) -> None:
    body = person(role="primary")
    assert Caller(scene.bob).post(f"{scene.path}/contacts", body).code == "not-allowed"
    answer = Caller(scene.alice).post(f"{scene.path}/contacts", body)
    assert (answer.status, answer.data["role"]) == (201, "primary")
    roles = {contact.email: contact.role for contact in scene.case.contacts.all()}
    assert roles == {
        "alice@example.com": "additional",
        "bob@example.com": "additional",
        "new@example.com": "primary",
    }


@pytest.mark.shows("S8.3")
def test_the_primary_contact_stays(scene: Scene) -> None:
    own = scene.case.contacts.get(role="primary").public_id.hex
    answer = Caller(scene.alice).delete(f"{scene.path}/contacts/{own}")
    assert answer.refusal == (409, "primary-contact-stays")


@pytest.mark.parametrize("email", ["nobody", "a@b@c", "=?utf-8?q?x?=@example.com", "a b@c.cz"])
@pytest.mark.shows("AU-16")
def test_an_address_that_is_none_is_named(scene: Scene, email: str) -> None:
    answer = Caller(scene.alice).post(f"{scene.path}/contacts", person(email))
    assert (answer.refusal, answer.fields) == ((422, "invalid-input"), ["email"])


@pytest.mark.shows("AC-13")
def test_after_removal_the_next_call_finds_nothing(scene: Scene) -> None:
    bob = Caller(scene.bob)
    assert bob.get(scene.path).status == 200
    contact = scene.case.contacts.get(role="additional").public_id.hex
    Caller(scene.alice).delete(f"{scene.path}/contacts/{contact}")
    assert bob.get(scene.path).refusal == (404, "not-found")
    assert bob.get("/cases").data["items"] == []


@pytest.mark.shows("S15.3", "S15.4")
def test_closing_and_reopening(scene: Scene) -> None:
    caller = Caller(scene.alice)
    assert caller.post(f"{scene.path}/closure", {"outcome": "duplicate"}).refusal == (
        409,
        "outcome-not-allowed",
    )
    assert caller.delete(f"{scene.path}/closure").refusal == (409, "case-is-open")
    closed = caller.post(f"{scene.path}/closure", {"outcome": "solved"}, key="k1")
    assert closed.status == 200
    assert (closed.data["status"], closed.data["outcome"], closed.data["turn"]) == (
        "closed",
        "solved",
        None,
    )
    assert closed.data["closed_at"] == "2026-11-23T09:00:00Z"
    repeated = caller.post(f"{scene.path}/closure", {"outcome": "solved"}, key="k1")
    assert (repeated.status, repeated.content) == (200, closed.content)
    for answer in (
        caller.post(f"{scene.path}/closure", {"outcome": "solved"}),
        caller.post(f"{scene.path}/messages", {"body": "hello"}),
        caller.upload(f"{scene.path}/attachments"),
        caller.patch(scene.path, {"severity": "A"}),
    ):
        assert answer.refusal == (409, "case-is-closed")
    assert caller.post(f"{scene.path}/contacts", person()).status == 201
    reopened = caller.delete(f"{scene.path}/closure")
    assert (reopened.status, reopened.data["status"]) == (200, "submitted")
    assert (reopened.data["outcome"], reopened.data["closed_at"]) == (None, None)


@pytest.mark.shows("S13.3")
def test_a_case_whose_unit_came_back_is_reopened_by_agents_only(scene: Scene) -> None:
    caller = Caller(scene.alice)
    caller.post(f"{scene.path}/closure", {"outcome": "withdrawn"})
    assert caller.delete(f"{scene.path}/closure").refusal == (409, "unit-was-returned")
    assert Caller(scene.dana).delete(f"{scene.path}/closure").status == 200


@pytest.mark.shows("S15.4")
def test_reopening_ends_after_13_months(scene: Scene) -> None:
    caller = Caller(scene.alice)
    caller.post(f"{scene.path}/closure", {"outcome": "solved"})
    token_for_later = factories.NOW + timedelta(days=400)
    with time_machine.travel(token_for_later, tick=False):
        later = Caller(scene.bob)
        later.token = later_token(scene.bob)
        assert later.delete(f"{scene.path}/closure").refusal == (409, "reopen-period-over")


def later_token(account: Account) -> str:
    from django.utils import timezone

    from opora.accounts.actions import issue_token

    return issue_token(account=account, by=account, now=timezone.now())


FIELDS = {
    "/me": "country email family_name given_name id kind language time_zone",
    "/cases": (
        "attachments closed_at contract country description first_responded_at last_activity_at "
        "non_production number outcome owner problem product response_due_at round_the_clock "
        "severity status submitted_at time_zone title turn version"
    ),
    "/contracts": (
        "contract_id ends_on id incidents_granted incidents_left plan registered_at starts_on "
        "status"
    ),
    "/messages": "at attachments author body id internal",
    "/contacts": "email family_name given_name id role",
    "/attachments": "at id media_type name size state",
    "/entries": "at balance by case kind quantity reason",
}


@pytest.mark.shows("AC-10")
@pytest.mark.parametrize("who", ["alice", "bob", "dana", "eve"])
def test_each_role_gets_these_fields_and_no_other(scene: Scene, who: str) -> None:
    account = cast.eve() if who == "eve" else getattr(scene, who)
    caller = Caller(account)
    Caller(scene.alice).post(f"{scene.path}/messages", {"body": "hello"})
    Caller(scene.alice).upload(f"{scene.path}/attachments")
    if who in ("alice", "bob"):
        factories.contract(registered_to=(account,))
        contract = caller.get("/contracts").data["items"][0]["id"]
        items = caller.get(f"/contracts/{contract}/entries").data["items"]
        assert " ".join(sorted(items[0])) == FIELDS["/entries"]
        items = caller.get("/contracts").data["items"]
        assert " ".join(sorted(items[0])) == FIELDS["/contracts"]
    assert " ".join(sorted(caller.get("/me").data)) == FIELDS["/me"]
    assert " ".join(sorted(caller.get("/cases").data["items"][0])) == FIELDS["/cases"]
    assert " ".join(sorted(caller.get(scene.path).data)) == FIELDS["/cases"]
    for below in ("/messages", "/contacts", "/attachments"):
        items = caller.get(scene.path + below).data["items"]
        assert " ".join(sorted(items[0])) == FIELDS[below]
