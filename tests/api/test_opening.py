"""Opening a case by API: what is taken, what is refused, and that a key makes it happen once."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opora.accounts.models import Account
from opora.cases.actions import close_case, remove_contact
from opora.cases.models import Case
from opora.catalog.models import Portal, Problem, Product
from opora.contracts.actions import end_registration
from opora.contracts.models import Contract, IncidentEntry
from opora.core.models import Job, StoredAnswer
from tests import cast, factories
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db

NOBODYS = "f" * 32


@pytest.fixture
def contract(alice: Account) -> Contract:
    factories.version()
    return factories.contract(registered_to=(alice,), incidents=2)


@pytest.fixture
def caller(alice: Account) -> Caller:
    return Caller(alice)


def opening(paid_by: Contract, /, **changes: Any) -> dict[str, Any]:
    """A body that opens a case with Alice as its primary contact; a change to None leaves out."""
    body: dict[str, Any] = {
        "product": "database-server",
        "version": "2022",
        "title": "The nightly job stops halfway",
        "description": "It stops after a minute.\n\nEach night since Sunday.",
        "contract": paid_by.public_id.hex,
        "severity": "B",
        "round_the_clock": False,
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "primary_contact": {
            "given_name": "Alice",
            "family_name": "Ames",
            "email": "alice@example.com",
            "preferred_contact": "email",
            "language": "en",
        },
        "additional_contacts": [],
    } | changes
    return {name: value for name, value in body.items() if value is not None}


def someone_else() -> dict[str, Any]:
    return {
        "given_name": "Bob",
        "family_name": "Burke",
        "email": "bob@example.com",
        "phone": "+420 601 123 456",
        "preferred_contact": "phone",
        "language": "cs",
    }


def untouched() -> bool:
    """No case, no draw, no stored answer, no mail."""
    return not (
        Case.objects.exists()
        or IncidentEntry.objects.filter(kind="consumed").exists()
        or StoredAnswer.objects.exists()
        or Job.objects.filter(kind="mail.case_receipt").exists()
    )


@pytest.mark.shows("S13.2", "S16.2")
def test_opening_answers_a_receipt_and_takes_one_incident(
    caller: Caller, contract: Contract
) -> None:
    answer = caller.post("/cases", opening(contract), key="k1")
    assert answer.status == 201
    case = Case.objects.get()
    assert answer.data == {
        "number": case.number,
        "submitted_at": "2026-11-23T09:00:00Z",
        "response_due_at": "2026-11-23T13:00:00Z",
        "contract": {
            "id": contract.public_id.hex,
            "contract_id": contract.shown_contract_id,
        },
        "readable": True,
    }
    contract.refresh_from_db()
    assert contract.incidents_left == 1


def test_the_case_is_what_was_posted(caller: Caller, contract: Contract) -> None:
    upload = caller.upload("/uploads", b"some log", name="cluster.log").data
    body = opening(contract, non_production=True, attachments=[upload["id"]])
    number = caller.post("/cases", body, key="k1").data["number"]
    answer = caller.get(f"/cases/{number}")
    assert answer.status == 200
    posted = {
        name: value
        for name, value in body.items()
        if name not in ("primary_contact", "additional_contacts", "contract")
    }
    assert answer.data == posted | {
        "number": number,
        "status": "submitted",
        "turn": "vendor",
        "problem": "none-of-these",
        "contract": {
            "id": contract.public_id.hex,
            "contract_id": contract.shown_contract_id,
        },
        "submitted_at": "2026-11-23T09:00:00Z",
        "response_due_at": "2026-11-23T13:00:00Z",
        "first_responded_at": None,
        "last_activity_at": "2026-11-23T09:00:00Z",
        "closed_at": None,
        "outcome": None,
        "owner": None,
    }


@pytest.mark.parametrize("problem", ["none-of-these", "cluster-quorum"])
def test_the_problem_is_answered_as_it_was_posted(
    caller: Caller, contract: Contract, problem: str
) -> None:
    Problem.objects.create(
        product=Product.objects.get(slug="database-server"),
        slug="cluster-quorum",
        category="cluster",
        names={"cs": "Kvórum", "en": "Quorum"},
    )
    body = opening(contract, problem=problem)
    number = caller.post("/cases", body, key="k1").data["number"]
    assert caller.get(f"/cases/{number}").data["problem"] == problem


@pytest.mark.shows("S6.7", "S8.1")
def test_whoever_submits_for_a_colleague_gets_the_receipt_and_not_the_case(
    caller: Caller, contract: Contract
) -> None:
    body = opening(contract, primary_contact=someone_else())
    answer = caller.post("/cases", body, key="k1")
    assert answer.status == 201
    assert answer.data["readable"] is False
    number = answer.data["number"]
    assert caller.get(f"/cases/{number}").refusal == (404, "not-found")
    assert caller.get("/cases").data["items"] == []
    assert caller.post("/cases", body, key="k1").content == answer.content


@pytest.mark.parametrize(
    "key", [None, "", " ", "a b", "a" * 256, "ключ".encode().decode("latin-1")]
)
def test_opening_needs_a_key(caller: Caller, contract: Contract, key: str | None) -> None:
    answer = caller.post("/cases", opening(contract), key=key)
    assert answer.refusal == (422, "idempotency-key-required")
    assert untouched()


@pytest.mark.shows("PA-04")
def test_the_same_key_and_body_open_one_case_and_answer_the_same_bytes(
    caller: Caller, contract: Contract
) -> None:
    body = opening(contract)
    first = caller.post("/cases", body, key="k1")
    reordered = dict(reversed(body.items()))
    again = caller.post("/cases", reordered, key="k1", language="cs")
    assert (again.status, again.content) == (201, first.content)
    assert Case.objects.count() == 1
    contract.refresh_from_db()
    assert contract.incidents_left == 1


def test_a_repeated_call_is_answered_after_closing_removal_and_loss_of_the_contract(
    caller: Caller, alice: Account, contract: Contract
) -> None:
    dana, now = cast.dana(), factories.NOW
    other = {"given_name": "Alice", "family_name": "Ames", "email": "alice@example.com"}
    body = opening(contract, primary_contact=someone_else(), additional_contacts=[other])
    first = caller.post("/cases", body, key="k1")
    case = Case.objects.get()
    remove_contact(case=case, contact=case.contacts.get(role="additional"), by=alice, now=now)
    close_case(case=case, outcome="solved", by=dana, now=now)
    end_registration(account=alice, contract=contract, by=alice, now=now)
    assert caller.get(f"/cases/{case.number}").refusal == (404, "not-found")
    again = caller.post("/cases", body, key="k1")
    assert (again.status, again.content) == (201, first.content)


def test_another_body_under_the_key_is_refused(caller: Caller, contract: Contract) -> None:
    caller.post("/cases", opening(contract), key="k1")
    for title in ("Something else", 5):
        answer = caller.post("/cases", opening(contract, title=title), key="k1")
        assert answer.refusal == (422, "idempotency-key-reused")
    assert Case.objects.count() == 1


@pytest.mark.shows("PA-04", "S2.4")
def test_a_key_of_another_account_is_another_key(caller: Caller, contract: Contract) -> None:
    bob = cast.bob()
    factories.registration(contract, bob)
    first = caller.post("/cases", opening(contract), key="k1")
    other = Caller(bob).post("/cases", opening(contract), key="k1")
    assert (first.status, other.status) == (201, 201)
    assert first.data["number"] != other.data["number"]


def test_a_refusal_stores_nothing_and_the_key_may_be_used_again(
    caller: Caller, contract: Contract
) -> None:
    refused = caller.post("/cases", opening(contract, contract=NOBODYS), key="k1")
    assert refused.refusal == (409, "contract-not-registered")
    assert untouched()
    assert caller.post("/cases", opening(contract), key="k1").status == 201


@pytest.mark.shows("AC-05")
def test_foreign_and_unknown_contracts_get_one_answer(caller: Caller, contract: Contract) -> None:
    foreign = factories.contract(registered_to=(cast.charlie(),))
    answers = [
        caller.post("/cases", opening(contract, contract=named), key="k")
        for named in (foreign.public_id.hex, NOBODYS, "nonsense")
    ]
    assert {answer.refusal for answer in answers} == {(409, "contract-not-registered")}
    assert len({answer.content for answer in answers}) == 1
    assert untouched()


@pytest.mark.shows("AC-04")
def test_a_file_of_a_later_message_did_not_come_with_the_case(
    caller: Caller, contract: Contract, clock: time_machine.Traveller
) -> None:
    first, later = (caller.upload("/uploads").data["id"] for _ in range(2))
    posted = caller.post("/cases", opening(contract, attachments=[first]), key="k").data
    path = f"/cases/{posted['number']}"
    clock.shift(1)
    sent = caller.post(f"{path}/messages", {"body": "see the file", "attachments": [later]})
    assert sent.data["attachments"] == [later]
    assert caller.get(path).data["attachments"] == [first]
    assert [one["attachments"] for one in caller.get("/cases").data["items"]] == [[first]]


def test_a_foreign_upload_is_no_upload(caller: Caller, contract: Contract) -> None:
    foreign = Caller(cast.charlie()).upload("/uploads").data["id"]
    for named in (foreign, NOBODYS):
        answer = caller.post("/cases", opening(contract, attachments=[named]), key="k")
        assert answer.refusal == (422, "invalid-input")
        assert answer.fields == ["attachments"]
    assert untouched()


@pytest.mark.shows("PA-06", "S12.1")
@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"round_the_clock": True}, (422, "round-the-clock-needs-critical")),
        ({"round_the_clock": True, "severity": "A"}, (422, "phone-required")),
        ({"product": "nothing"}, (422, "invalid-input")),
        ({"version": "1"}, (422, "invalid-input")),
        ({"problem": "nothing"}, (422, "invalid-input")),
        ({"severity": "D"}, (422, "invalid-input")),
        ({"country": "XX"}, (422, "invalid-input")),
        ({"time_zone": "Mars/Olympus"}, (422, "invalid-input")),
        ({"title": "  "}, (422, "invalid-input")),
        ({"title": "two\nlines"}, (422, "invalid-input")),
        ({"description": "a\x00b"}, (422, "invalid-input")),
        ({"additional_contacts": None}, (422, "invalid-input")),
        ({"submitted_by": "alice"}, (422, "invalid-input")),
    ],
)
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_what_cannot_be_opened_is_refused_and_leaves_nothing(
    caller: Caller,
    contract: Contract,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    query: str,
) -> None:
    answer = caller.post(f"/cases{query}", opening(contract, **changes), key="k1")
    assert answer.refusal == refusal
    assert untouched()


@pytest.mark.shows("S4.3", "S12.1")
def test_the_last_incident_is_the_last(caller: Caller, contract: Contract) -> None:
    statuses = [caller.post("/cases", opening(contract), key=f"k{n}").refusal for n in range(3)]
    assert statuses == [(201, None), (201, None), (409, "no-incidents-left")]
    answer = caller.post("/cases", opening(contract), key="k9", language="cs")
    assert [reason["code"] for reason in answer.data["reasons"]] == ["no-incidents-left"]
    assert set(answer.data["reasons"][0]) == {"code", "message", "remedy"}
    assert answer.headers["Content-Language"] == "cs"
    assert Case.objects.count() == 2


@pytest.mark.shows("S3.1")
def test_a_product_supported_elsewhere_says_where_and_why(
    caller: Caller, contract: Contract
) -> None:
    portal = Portal.objects.create(
        slug="suite", names={"cs": "Sada", "en": "Suite"}, url="https://suite.example/"
    )
    Product.objects.filter(slug="database-server").update(portal=portal)
    assert caller.post("/cases", opening(contract), key="k1").status == 201
    Contract.objects.filter(pk=contract.pk).update(suspended_at=factories.NOW)
    answer = caller.post("/cases", opening(contract), key="k2")
    assert answer.refusal == (409, "supported-elsewhere")
    assert answer.data["portal"] == {"name": "Suite", "url": "https://suite.example/"}
    assert [reason["code"] for reason in answer.data["reasons"]] == ["suspended"]


def test_a_rehearsal_checks_all_and_stores_nothing(caller: Caller, contract: Contract) -> None:
    answer = caller.post("/cases?dry_run=true", opening(contract))
    assert answer.status == 200
    assert answer.data == {"response_due_at": "2026-11-23T13:00:00Z", "incidents_left_after": 1}
    assert untouched()


def test_opening_takes_at_most_16_statements(caller: Caller, contract: Contract) -> None:
    caller.post("/cases", opening(contract), key="k1")  # a first case makes its queue
    with CaptureQueriesContext(connection) as taken:
        answer = caller.post("/cases", opening(contract), key="k2")
    assert answer.status == 201
    statements = [one["sql"] for one in taken.captured_queries]
    assert len([sql for sql in statements if "SAVEPOINT" not in sql]) <= 16
