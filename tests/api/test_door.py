"""What holds for every call: who is let in, in which language, and what a refusal looks like."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from opora.accounts.actions import deactivate_account
from tests import cast, factories
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("token", [None, "wrong", "wr ong", "\u00e9\u00e9"])
def test_no_call_without_a_live_token(token: str | None) -> None:
    answer = Caller().get("/me", token=token)
    assert answer.refusal == (401, "not-authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="opora"'
    assert answer.data["type"] == "/problems/not-authenticated"


def test_a_session_opens_no_call() -> None:
    alice = cast.alice()
    caller = Caller()
    caller.client.force_login(alice)
    assert caller.get("/me").refusal == (401, "not-authenticated")


@pytest.mark.shows("AU-10")
def test_a_deactivated_account_is_out_at_the_next_call() -> None:
    alice = cast.alice()
    caller = Caller(alice)
    assert caller.get("/me").status == 200
    deactivate_account(account=alice, by=None, now=factories.NOW)
    assert caller.get("/me").refusal == (401, "not-authenticated")


def test_a_token_runs_out() -> None:
    caller = Caller(cast.alice())
    with time_machine.travel(factories.NOW + timedelta(days=91), tick=False):
        assert caller.get("/me").refusal == (401, "not-authenticated")


@pytest.mark.shows("AC-22")
def test_a_reading_token_reads_and_asks_and_writes_nothing() -> None:
    caller = Caller(cast.alice(), scope="read")
    factories.version()
    assert caller.get("/me").status == 200
    question = {"product": "database-server", "version": "2022"}
    assert caller.post("/eligibility", question).status == 200
    for method, path in (
        ("POST", "/cases"),
        ("POST", "/contracts"),
        ("DELETE", "/contracts/00000000000000000000000000000000"),
        ("POST", "/uploads"),
        ("PATCH", "/cases/1234567890123456"),
        ("POST", "/cases/1234567890123456/closure"),
    ):
        assert caller.call(method, path, {}).refusal == (403, "read-only-token"), path


def test_me_is_the_account_behind_the_token() -> None:
    alice = cast.alice()
    answer = Caller(alice).get("/me")
    assert answer.status == 200
    assert answer.data == {
        "id": alice.public_id.hex,
        "kind": "personal",
        "email": "alice@example.com",
        "given_name": "Alice",
        "family_name": "Ames",
        "country": "CZ",
        "time_zone": "Europe/Prague",
        "language": "en",
    }


def test_sentences_follow_accept_language_else_the_account() -> None:
    czech = Caller(cast.dana())
    assert czech.get("/me").headers["Content-Language"] == "cs"
    assert czech.get("/me", language="en-GB,cs;q=0.5").headers["Content-Language"] == "en"
    assert czech.get("/me", language="de, *;q=0.1").headers["Content-Language"] == "cs"
    assert Caller().get("/me", language="cs").headers["Content-Language"] == "cs"


@pytest.mark.parametrize(
    "path", ["/nothing", "/", "/cases/", "/me/me", "/products/%00/versions", "/%ff"]
)
def test_an_address_that_is_no_call_is_a_problem(path: str) -> None:
    assert Caller(cast.alice()).get(path).refusal == (404, "not-found")


def test_a_wrong_method_says_which_ones_are_right() -> None:
    answer = Caller(cast.alice()).call("PUT", "/contracts", {})
    assert answer.refusal == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff\xfe",
        b'{"product": NaN}',
        b'{"product": "a", "product": "b"}',
        b"[" * 100_000,
        b"1" * 5000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_unreadable_json_is_invalid_input(raw: bytes) -> None:
    answer = Caller(cast.alice()).call("POST", "/eligibility", raw=raw)
    assert answer.refusal == (422, "invalid-input")
    assert answer.fields == ["body"]


@pytest.mark.parametrize("body", ["AAA", [], 1, True, None, [{}]])
def test_only_an_object_is_an_object(body: Any) -> None:
    answer = Caller(cast.alice()).post("/eligibility", body)
    assert answer.refusal == (422, "invalid-input")


def test_every_fault_is_named_in_the_readers_language() -> None:
    body = {"product": 1, "severity": "D", "non_production": "yes", "extra": 1}
    answer = Caller(cast.alice()).post("/eligibility", body)
    assert answer.refusal == (422, "invalid-input")
    assert {error["field"]: error["message"] for error in answer.data["errors"]} == {
        "product": "This must be text.",
        "version": "This field is required.",
        "severity": "This must be one of: A, B, C.",
        "non_production": "This must be true or false.",
        "extra": "There is no such field.",
    }


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a\nb", "\x1b[31m", "   ", "a" * 201])
def test_text_that_cannot_be_kept_is_refused(text: str) -> None:
    answer = Caller(cast.alice()).post("/eligibility", {"product": text, "version": "v"})
    assert answer.refusal == (422, "invalid-input")
    assert answer.fields == ["product"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=x", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%00", "cursor"),
        ("q=%00", "q"),
        ("deployment=moon", "deployment"),
        ("lmit=5", "lmit"),
    ],
)
def test_query_parameters_are_checked(query: str, field: str) -> None:
    answer = Caller(cast.alice()).get(f"/products?{query}")
    assert answer.refusal == (422, "invalid-input")
    assert answer.fields == [field]


def test_a_body_over_the_limit_is_told_so() -> None:
    raw = b'{"product": "' + b"a" * 3_000_000 + b'"}'
    answer = Caller(cast.alice()).call("POST", "/eligibility", raw=raw)
    assert answer.refusal == (413, "body-too-large")


def test_an_error_of_ours_is_a_problem_with_the_requests_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caller = Caller(cast.alice())
    monkeypatch.setattr("opora.catalog.queries.products", lambda **_: 1 / 0)
    answer = caller.get("/products")
    assert answer.refusal == (500, "internal-error")
    assert answer.data["request_id"] == answer.headers["X-Request-Id"]
    assert "ZeroDivisionError" not in answer.content.decode()


def test_without_a_setting_no_rate_is_kept_and_with_one_it_is() -> None:
    caller = Caller(cast.alice())
    assert {caller.get("/me").status for _ in range(30)} == {200}
    with override_settings(API_RATE_PER_MINUTE=2):
        assert [caller.get("/me").status for _ in range(3)] == [200, 200, 429]
        answer = caller.get("/me")
    assert answer.refusal == (429, "too-many-tries")
    assert answer.headers["Retry-After"] == "60"


def test_nothing_is_cached_and_no_cookie_is_set() -> None:
    answer = Caller(cast.alice()).get("/me")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in answer.headers
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_description_and_its_page_need_no_token() -> None:
    caller = Caller()
    described = caller.get("/openapi.json")
    assert described.status == 200
    assert described.data["openapi"].startswith("3.1")
    page = caller.get("/docs")
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "://" not in policy
    assert b"http://" not in page.content
    assert b"https://" not in page.content
