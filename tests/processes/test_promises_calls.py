"""Every call of the API on a running server, as a program meets it that knows the promises only."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from urllib3 import encode_multipart_formdata

from tests.processes.promises import CASE, CONTRACT, Program, Vendor, opening, until


@pytest.fixture(scope="module")
def jana(vendor: Vendor) -> Program:
    return vendor.program("jana")


@pytest.fixture(scope="module")
def petr(vendor: Vendor) -> Program:
    return vendor.program("petr")


@pytest.fixture(scope="module")
def agent(vendor: Vendor) -> Program:
    return vendor.program("adam", "agent")


@pytest.fixture(scope="module")
def contract(vendor: Vendor, jana: Program) -> str:
    """The id of a contract with twenty incidents that Jana added."""
    issued = vendor.issue()
    added = jana.register(issued)
    assert (added.status_code, added.json()["id"]) == (201, issued["id"])
    return str(issued["id"])


def left(program: Program, contract: str) -> int:
    (count,) = [
        one["incidents_left"] for one in program.items("/contracts") if one["id"] == contract
    ]
    return int(count)


def test_who_calls_and_who_does_not(vendor: Vendor, jana: Program) -> None:
    assert set(jana.get("/me")) == {
        *("id", "kind", "email", "given_name", "family_name", "country", "time_zone", "language")
    }
    nobody = Program(vendor.url)
    assert nobody.refused("GET", "/me") == (401, "not-authenticated")
    assert Program(vendor.url, "dead").refused("GET", "/cases") == (401, "not-authenticated")
    assert "openapi" in nobody.get("/openapi.json")
    assert requests.get(f"{vendor.url}/api/v1/docs", timeout=60).status_code == 200
    assert jana.refused("GET", "/nothing") == (404, "not-found")


def test_the_catalogue_comes_in_pages(jana: Program) -> None:
    found: list[Any] = []
    cursor = ""
    while True:
        page = jana.get(f"/products?limit=100{cursor}")
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len({one["id"] for one in found}) == len(found) == 142
    assert set(found[0]) == {"id", "family", "name", "deployment", "supported_at"}
    assert len(jana.items("/products")) == 25
    assert {one["deployment"] for one in jana.items("/products?deployment=cloud")} == {"cloud"}
    assert jana.refused("GET", "/products?limit=101") == (422, "invalid-input")
    versions = jana.items("/products/windows-server/versions")
    assert set(versions[0]) == {
        *("id", "name", "released_on", "mainstream_ends_on", "extended_ends_on", "phase"),
        "generation",
    }
    assert {one["phase"] for one in versions} <= {"mainstream", "extended", "ended"}
    last = jana.items("/products/windows-server/problems")[-1]
    assert set(last) == {"id", "category", "name"}
    assert jana.refused("GET", "/products/nothing/versions") == (404, "not-found")


@pytest.mark.shows("S2.3", "S2.5", "S14.2")
def test_contracts_are_added_read_and_left(vendor: Vendor, petr: Program) -> None:
    issued = vendor.issue()
    added = petr.register(
        issued | {"access_id": f" {issued['access_id'].lower().replace('-', ' ')} "}
    )
    assert added.status_code == 201
    assert set(added.json()) == CONTRACT
    assert added.json() in petr.items("/contracts")
    again = petr.register(issued)
    assert (again.status_code, again.json()["code"]) == (409, "contract-already-registered")
    assert {"contract", "status", "reasons"} <= set(again.json())
    path = f"/contracts/{issued['id']}"
    assert [set(one) for one in petr.items(f"{path}/entries")] == [
        {"kind", "quantity", "reason", "case", "by", "at", "balance"}
    ]
    other = vendor.issue()
    mismatched = petr.register(issued | {"contract_id": other["contract_id"]})
    unknown = petr.register({"access_id": "0" * 20, "contract_id": "9" * 12})
    assert mismatched.status_code == unknown.status_code == 404
    assert mismatched.json() == unknown.json()
    assert unknown.json()["code"] == "contract-not-found"
    ended = petr.call("DELETE", path)
    assert (ended.status_code, ended.content) == (204, b"")
    assert issued["id"] not in [one["id"] for one in petr.items("/contracts")]
    assert petr.refused("GET", f"{path}/entries") == (404, "not-found")
    assert petr.refused("DELETE", path) == (404, "not-found")


@pytest.mark.shows("S12.2")
def test_coverage_is_told_before_anything_is_opened(jana: Program, contract: str) -> None:
    asked = {"product": "windows-server", "version": "windows-server-2025", "severity": "B"}
    found = jana.post("/eligibility", asked, status=200)
    assert set(found) == {"usable", "unavailable", "purchase"}
    (usable,) = [one for one in found["usable"] if one["id"] == contract]
    assert set(usable) == CONTRACT
    assert (found["purchase"]["allowed"], found["purchase"]["offers"]) == (False, [])
    assert [one["code"] for one in found["purchase"]["reasons"]] == ["not-offered"]
    found = jana.post("/eligibility", asked | {"version": "windows-server-2016"}, status=200)
    (refused,) = [one for one in found["unavailable"] if one["id"] == contract]
    assert set(refused) == CONTRACT | {"reasons"}
    codes = [one["code"] for one in refused["reasons"]]
    assert codes == ["mainstream-support-ended", "version-not-latest"]
    body = opening(contract, version="windows-server-2016")
    refusal = jana.open(body)
    assert (refusal.status_code, refusal.json()["code"]) == (409, codes[0])
    assert refusal.json()["reasons"] == refused["reasons"]
    czech = Program(jana.url, jana.token, "cs").open(body).json()["reasons"][0]
    assert czech["message"] != refused["reasons"][0]["message"]


@pytest.mark.shows("S6.9", "S13.2", "PA-04")
def test_a_case_is_rehearsed_opened_once_and_read_by_its_contacts(
    vendor: Vendor, jana: Program, petr: Program, contract: str
) -> None:
    uploaded = jana.upload("/uploads", b"quorum lost\n")
    assert set(uploaded) == {"id", "name", "size", "media_type", "state"}
    body = opening(contract, attachments=[uploaded["id"]])
    before = left(jana, contract)
    rehearsed = jana.post("/cases?dry_run=true", body, status=200)
    assert set(rehearsed) == {"response_due_at", "incidents_left_after"}
    assert (rehearsed["incidents_left_after"], left(jana, contract)) == (before - 1, before)
    assert jana.refused("POST", "/cases", body) == (422, "idempotency-key-required")

    opened = jana.open(body, key="the-key")
    assert opened.status_code == 201
    receipt = opened.json()
    assert set(receipt) == {
        *("number", "submitted_at", "response_due_at", "contract", "readable"),
    }
    assert receipt["readable"] is True
    shuffled = dict(reversed(body.items()))
    again = jana.open(shuffled, key="the-key")
    assert (again.status_code, again.content) == (201, opened.content)
    assert left(jana, contract) == before - 1
    for other in (body | {"title": "Another"}, body | {"title": 5}):
        assert jana.refused("POST", "/cases", other, key="the-key") == (
            422,
            "idempotency-key-reused",
        )

    number = receipt["number"]
    case = petr.get(f"/cases/{number}")
    assert set(case) >= CASE
    posted = set(body) - {"primary_contact", "additional_contacts", "contract"}
    assert {name: case[name] for name in posted} == {name: body[name] for name in posted}
    assert (case["status"], case["turn"], case["owner"]) == ("submitted", "vendor", None)
    listed = petr.items("/cases?q=quorum&state=open&severity=B&product=windows-server")
    assert [one["number"] for one in listed] == [number]
    assert set(listed[0]) >= CASE | {"last_activity_at"}
    (file,) = petr.items(f"/cases/{number}/attachments")
    assert set(file) == {"id", "name", "size", "media_type", "state", "at"}
    fetched = petr.call("GET", f"/cases/{number}/attachments/{file['id']}")
    assert fetched.content == b"quorum lost\n"
    (mail,) = vendor.mails_of(number, count=1)
    assert mail["To"] == "jana@example.com"


@pytest.mark.shows("S6.7", "S8.1", "PA-04")
def test_who_submits_for_others_gets_the_same_receipt_for_ever_and_not_the_case(
    vendor: Vendor, jana: Program
) -> None:
    olga = vendor.program("olga")
    issued = vendor.issue()
    olga.register(issued)
    body = opening(issued["id"])
    opened = olga.open(body, key="k")
    number = opened.json()["number"]
    assert opened.json()["readable"] is False
    assert olga.refused("GET", f"/cases/{number}") == (404, "not-found")
    assert olga.items("/cases") == []
    assert jana.post(f"/cases/{number}/closure", {"outcome": "solved"}, status=200)
    assert olga.call("DELETE", f"/contracts/{issued['id']}").status_code == 204
    again = olga.open(body, key="k")
    assert (again.status_code, again.content) == (201, opened.content)
    assert olga.open(body).json()["code"] == "contract-not-registered"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"product": "nothing"}, (422, "invalid-input")),
        ({"version": "nothing"}, (422, "invalid-input")),
        ({"problem": "nothing"}, (422, "invalid-input")),
        ({"surprise": 1}, (422, "invalid-input")),
        ({"severity": "D"}, (422, "invalid-input")),
        ({"attachments": ["nothing"]}, (422, "invalid-input")),
        ({"contract": "nothing"}, (409, "contract-not-registered")),
        ({"round_the_clock": True}, (422, "round-the-clock-needs-critical")),
        ({"round_the_clock": True, "severity": "A"}, (422, "phone-required")),
    ],
)
def test_what_cannot_be_opened_takes_nothing(
    jana: Program, contract: str, changes: dict[str, Any], refusal: tuple[int, str]
) -> None:
    before = left(jana, contract)
    body = opening(contract, **changes)
    assert jana.refused("POST", "/cases", body, key="refused") == refusal
    assert jana.refused("POST", "/cases?dry_run=true", body) == refusal
    assert left(jana, contract) == before


@pytest.mark.shows("S8.3", "S15.1", "S15.3", "S15.4", "S16.3", "S13.3")
def test_a_case_lives_through_every_call(
    vendor: Vendor, jana: Program, petr: Program, agent: Program, contract: str
) -> None:
    number = jana.open(opening(contract)).json()["number"]
    path = f"/cases/{number}"
    assert jana.call("PATCH", path, {"severity": "A"}).json()["round_the_clock"] is False

    written = petr.post(f"{path}/messages", {"body": "Ještě něco"}, key="m")
    assert petr.post(f"{path}/messages", {"body": "Ještě něco"}, key="m") == written
    assert {"id", "author", "body", "at"} <= set(written)
    assert written["author"] == {"name": "Petr Novák", "role": "customer"}
    agent.post(f"{path}/messages", {"body": "We are looking into it."})
    assert [one["body"] for one in jana.items(f"{path}/messages")] == [
        "Ještě něco",
        "We are looking into it.",
    ]
    case = jana.get(path)
    assert (case["status"], case["owner"]) == ("in_progress", {"name": "Adam Novák"})
    assert case["first_responded_at"] is not None
    assert jana.refused("PATCH", path, {"severity": "C"}) == (409, "severity-is-settled")

    contacts = jana.items(f"{path}/contacts")
    assert {one["role"]: one["email"].lower() for one in contacts} == {
        "primary": "jana@example.com",
        "additional": "petr@example.com",
    }
    assert set(contacts[0]) == {"id", "role", "given_name", "family_name", "email"}
    person = {"given_name": "Iva", "family_name": "Malá", "email": "iva@example.com"}
    new = petr.post(f"{path}/contacts", person | {"role": "additional"})
    until(lambda: "iva@example.com" in [mail["To"] for mail in vendor.mails_on(number)])
    twice = petr.refused("POST", f"{path}/contacts", person | {"role": "additional"})
    assert twice == (409, "already-a-contact")
    assert petr.call("DELETE", f"{path}/contacts/{new['id']}").status_code == 403
    assert jana.call("DELETE", f"{path}/contacts/{new['id']}").status_code == 204

    assert jana.refused("DELETE", f"{path}/closure") == (409, "case-is-open")
    for caller, outcome in ((jana, "duplicate"), (agent, "no_reply")):
        refused = caller.refused("POST", f"{path}/closure", {"outcome": outcome})
        assert refused == (409, "outcome-not-allowed")
    closed = jana.post(f"{path}/closure", {"outcome": "withdrawn"}, status=200)
    assert (closed["status"], closed["turn"], closed["outcome"]) == ("closed", None, "withdrawn")
    # The receipt, the agent's message, the notice to Iva, and the closing but to its author.
    receipts = [mail["To"] for mail in vendor.mails_of(number, count=5)]
    assert sorted(address.lower() for address in receipts) == [
        *("iva@example.com", "jana@example.com", "jana@example.com", "petr@example.com"),
        "petr@example.com",
    ]
    closed_for_good = (409, "case-is-closed")
    assert jana.refused("POST", f"{path}/messages", {"body": "x"}) == closed_for_good
    assert jana.refused("PATCH", path, {"severity": "C"}) == closed_for_good
    late = {"files": {"file": ("a.txt", b"x")}}
    assert jana.refused("POST", f"{path}/attachments", **late) == closed_for_good
    reopened = jana.call("DELETE", f"{path}/closure")
    assert (reopened.status_code, reopened.json()["status"]) == (200, "assigned")


@pytest.mark.shows("S13.3")
def test_a_case_that_nobody_took_gives_its_incident_back(
    jana: Program, agent: Program, contract: str
) -> None:
    before = left(jana, contract)
    number = jana.open(opening(contract)).json()["number"]
    path = f"/cases/{number}/closure"
    jana.post(path, {"outcome": "withdrawn"}, status=200)
    assert left(jana, contract) == before
    newest = jana.items(f"/contracts/{contract}/entries")[0]
    assert (newest["kind"], newest["quantity"], newest["case"]) == ("returned", 1, number)
    assert jana.refused("DELETE", path) == (409, "unit-was-returned")
    assert agent.call("DELETE", path).status_code == 200


def in_chunks(content: bytes) -> Iterator[bytes]:
    """Sent by requests as `Transfer-Encoding: chunked`, without a length."""
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def test_a_body_that_is_streamed_without_a_length_is_read_like_any_other(jana: Program) -> None:
    asked = json.dumps({"product": "windows-server", "version": "windows-server-2025"}).encode()
    is_json = {"Content-Type": "application/json"}
    answer = jana.call("POST", "/eligibility", data=in_chunks(asked), headers=is_json)
    assert answer.status_code == 200, answer.text

    log = b"a line\n" * 100_000
    form, form_type = encode_multipart_formdata({"file": ("trace.log", log, "text/plain")})
    sent = jana.call(
        "POST", "/uploads", data=in_chunks(form), headers={"Content-Type": form_type}
    ).json()
    assert (sent["name"], sent["size"]) == ("trace.log", len(log))

    flood = in_chunks(b'{"product": "' + b"x" * 3_000_000)
    told = jana.call("POST", "/eligibility", data=flood, headers=is_json)
    assert (told.status_code, told.json()["code"]) == (413, "body-too-large")


@pytest.mark.shows("OP-01")
@pytest.mark.parametrize(
    "headers",
    [
        "X-Same: a\r\n" * 50_000,
        "".join(f"X-{n}: a\r\n" for n in range(50_000)),
        "X-Long: " + "a" * 2_000_000 + "\r\n",
        "Cookie: " + "a=b; " * 200_000 + "\r\n",
    ],
    ids=["same", "many", "long", "cookies"],
)
def test_a_flood_of_headers_is_refused_before_anything_reads_it(
    vendor: Vendor, jana: Program, headers: str
) -> None:
    """Whatever stands in front: the server itself takes a hundred headers of 8 KB."""
    host, port = str(urlsplit(vendor.url).hostname), urlsplit(vendor.url).port
    begun = time.monotonic()
    with socket.create_connection((host, port), timeout=10) as link:
        with contextlib.suppress(OSError):  # it may hang up before all was sent
            link.sendall(f"GET /api/v1/me HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode())
        with contextlib.suppress(OSError):
            assert link.recv(100).split()[1:2] in ([], [b"400"], [b"431"])
    assert time.monotonic() - begun < 2
    assert jana.get("/me")["given_name"] == "Jana"


def test_every_invariant_holds_afterwards(vendor: Vendor) -> None:
    vendor.installation.run("verify")
