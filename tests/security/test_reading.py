"""Looking writes nothing: neither a page, nor a link in a mail, nor an address open to all."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opora.cases.models import Case, CaseContact, Draft, Message
from opora.core.models import AuditLine
from tests.architecture.world import path_of, table
from tests.security.every_answer import visits

pytestmark = pytest.mark.django_db

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "TRUNCATE")
# What a look may leave behind: when a token was last used, and allauth's own half-made sign-ins.
# Recorded deeds of a call's own: a contact goes, a contract leaves the account.
TAKES_BACK = (
    "api/v1/cases/<number>/contacts/<contact_id>",
    "api/v1/contracts/<contract_id>",
)
MAY_WRITE = ("accounts_apitoken", "accounts_session", "core_cache")


def written(captured: CaptureQueriesContext) -> list[str]:
    return [
        query["sql"]
        for query in captured.captured_queries
        if query["sql"].lstrip().upper().startswith(WRITES)
        and not any(f'"{table}"' in query["sql"] for table in MAY_WRITE)
    ]


@pytest.mark.slow("looks at every address twice, as two people")
@pytest.mark.shows("EN-06", "AU-17")
def test_a_look_writes_nothing() -> None:
    wrote = {}
    for seen in visits():
        b"".join(seen.client.get(seen.path))  # a first look may note that there was one
        for client in (seen.client, Client()):
            with CaptureQueriesContext(connection) as captured:
                b"".join(client.get(seen.path))
            if found := written(captured):
                wrote[seen.path] = found
    assert wrote == {}


@pytest.mark.shows("EN-06")
def test_nobody_learns_whether_a_thing_exists() -> None:
    """Who is not signed in is asked to, alike for what is there and for what never was."""
    for seen in visits():
        parts = table()[seen.address][1]
        if not parts or seen.who == "public":
            continue
        nowhere = path_of(seen.address, dict.fromkeys(parts, "0" * 32))
        assert told(seen.path) == told(nowhere)


def told(path: str) -> tuple[int, bytes, str, list[str]]:
    answer: Any = Client().get(path)
    return (
        answer.status_code,
        answer.content.replace(path.encode(), b"PATH"),
        answer.get("Location", "").replace(path, "PATH"),
        sorted(answer.headers),
    )


@pytest.mark.shows("AC-20")
def test_looking_and_leaving_delete_nothing_of_a_request() -> None:
    """No address deletes a request, a message or a line of evidence: no verb for it exists."""
    counted = (Case, Message, AuditLine, CaseContact, Draft)
    for seen in visits():
        if seen.address in TAKES_BACK:
            continue
        before = [model.objects.count() for model in counted]
        for method in ("DELETE", "PURGE", "TRACE"):
            answer = seen.client.generic(method, seen.path)
            b"".join(answer)
            assert answer.status_code < 500, (method, seen.path)
        assert [model.objects.count() for model in counted] == before, seen.path
