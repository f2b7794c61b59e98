"""What every answer carries, whoever asks and whatever comes of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.cast import alice, bob, signed_in
from tests.security.every_answer import visits

pytestmark = pytest.mark.django_db

STRICT = re.compile(
    r"default-src 'none'; script-src 'nonce-[A-Za-z0-9_-]{22}' 'strict-dynamic'; style-src 'self'; "
    r"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    r"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
# What people uploaded is inert; so is the logo, but for the colours inside it.
INERT = re.compile(
    r"default-src 'none'; (style-src 'unsafe-inline'; )?frame-ancestors 'none'; sandbox"
)
INERT_ADDRESSES = (
    "requests/<str:number>/files/<str:file_id>/",
    "requests/<str:number>/files/<str:file_id>/picture/",
    "desk/cases/<str:number>/files/<str:file_id>/",
    "desk/cases/<str:number>/files/<str:file_id>/picture/",
    "api/v1/cases/<number>/attachments/<attachment_id>",
)
# The page that tries calls runs a library that writes styles itself.
OWN_POLICY = ("api/v1/docs",)
# Kept by shared caches: the same bytes for everybody.
SHARED = ("theme/<slug:version>.css", "logo/<slug:version>/", "api/v1/openapi.json")


def assert_guarded(answer: Any, *, policy: re.Pattern[str] = STRICT) -> None:
    assert policy.fullmatch(answer["Content-Security-Policy"]), answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def assert_private(answer: Any) -> None:
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


@pytest.mark.slow("asks every address three ways, as two people")
@pytest.mark.shows("WB-03", "WB-04", "WB-05", "XS-07")
def test_every_address_answers_with_the_strict_headers() -> None:
    for seen in visits():
        for client in (seen.client, Client()):
            for method in ("GET", "POST", "DELETE"):
                answer = client.generic(method, seen.path)
                b"".join(answer)
                assert_strict(seen.address, answer)


def assert_strict(address: str, answer: Any) -> None:
    if address in OWN_POLICY and answer.status_code == 200:
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert "base-uri 'none'" in answer["Content-Security-Policy"]
    elif address in INERT_ADDRESSES and answer.status_code == 200:
        assert_guarded(answer, policy=INERT)
    else:
        assert_guarded(answer)
    if "public" in answer["Cache-Control"]:
        assert address in SHARED
        assert answer.status_code == 200
        assert not answer.cookies
    else:
        assert_private(answer)


@pytest.mark.shows("WB-03", "WB-04")
def test_errors_carry_them_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("/nothing/", "/static/nothing.js", "/signed-out", "/api/v1/nothing"):
        answer = client.get(path)
        assert answer.status_code in (301, 404)
        assert_guarded(answer)
    wrong_host = client.get("/signed-out/", headers={"Host": "evil.example"})
    assert wrong_host.status_code == 400
    assert_guarded(wrong_host)
    assert_private(wrong_host)

    def broken(*args: Any, **named: Any) -> None:
        raise ValueError("broken")

    monkeypatch.setattr("opora.web.views.mend", broken)
    client.raise_request_exception = False
    failed = client.get("/theme/x.css")
    assert failed.status_code == 500
    assert_guarded(failed)
    assert_private(failed)


@pytest.mark.shows("WB-03")
def test_files_of_the_portal_carry_them_and_set_no_cookie(client: Client) -> None:
    for path in ("/static/web/opora.css", "/static/web/page.js", "/static/web/mark.svg"):
        answer = client.get(path)
        b"".join(answer)
        assert answer.status_code == 200, path
        assert_guarded(answer)
        assert "no-store" not in answer["Cache-Control"]
        assert not answer.cookies


@pytest.mark.shows("WB-03")
def test_the_way_to_https_carries_them(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/signed-out/")
    assert answer.status_code == 301
    assert answer["Location"] == "https://testserver/signed-out/"
    assert_guarded(answer)
    assert_private(answer)


@pytest.mark.shows("WB-04")
def test_a_cache_in_between_gives_nobody_the_page_of_another() -> None:
    """A proxy by the rules (it keeps what may be kept, by address and Vary) between two people."""
    kept: dict[str, bytes] = {}

    def through_the_cache(client: Client, path: str) -> bytes:
        if path in kept:
            return kept[path]
        answer: Any = client.get(path)
        rules = answer["Cache-Control"]
        if "private" not in rules and "no-store" not in rules:
            kept[path] = answer.content
        return bytes(answer.content)

    owner = alice()
    hers, his = signed_in(owner), signed_in(bob())
    case = factories.case(submitted_by=owner, title="A canary sings")
    for path in ("/", f"/requests/{case.number}/", "/contracts/", "/settings/profile/"):
        through_the_cache(hers, path)
        seen = through_the_cache(his, path).decode()
        assert "canary" not in seen
        assert "alice@example.com" not in seen
    assert kept == {}


@pytest.mark.shows("WB-05")
def test_links_to_elsewhere_tell_no_address() -> None:
    person = alice()
    case = factories.case(submitted_by=person, description="See https://example.org/here please")
    answer = signed_in(person).get(f"/requests/{case.number}/")
    assert answer["Referrer-Policy"] == "same-origin"
    assert (
        '<a href="https://example.org/here" rel="noopener noreferrer nofollow ugc">'
        in answer.content.decode()
    )
