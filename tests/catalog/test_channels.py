"""Loading the channels of the page of help."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from opora.catalog.actions import load_channels, load_demo_channels
from opora.catalog.channel_files import listed
from opora.catalog.errors import BadChannels
from opora.catalog.models import Channel
from opora.catalog.queries import channels
from opora.core.models import AuditLine

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_channel(**facts: Any) -> dict[str, Any]:
    return {"id": "billing", "name": {"cs": "Faktury", "en": "Invoices"}, "phone": "221"} | facts


def a_file(*rows: Any) -> dict[str, Any]:
    return {"version": 1, "channels": list(rows) or [a_channel()]}


def everything() -> list[Any]:
    return [list(kind.objects.order_by("pk").values()) for kind in (Channel, AuditLine)]


def refused(document: Any) -> list[tuple[str, str]]:
    """What a refusal names, after seeing that it changed nothing."""
    before = everything()
    with pytest.raises(BadChannels) as caught:
        load_channels(document, now=NOW)
    assert everything() == before
    return [(error["field"], error["message"]) for error in caught.value.errors]


@pytest.mark.shows("S9.1")
def test_the_page_says_what_the_file_says_in_its_order_and_nothing_else() -> None:
    load_channels(a_file(a_channel(), a_channel(id="presales", email="a@b.example")), now=NOW)
    report = load_channels(
        a_file(a_channel(id="presales", email="c@b.example"), a_channel(id="new")), now=NOW
    )
    assert (report.channels, report.changed, report.removed) == (2, 2, 1)
    assert [(one.slug, one.email) for one in channels()] == [
        ("presales", "c@b.example"),
        ("new", ""),
    ]


def test_loading_the_same_file_again_writes_nothing() -> None:
    load_channels(a_file(), now=NOW)
    before = everything()
    report = load_channels(a_file(), now=NOW)
    assert (report.changed, report.removed) == (0, 0)
    assert everything() == before
    assert [line.code for line in AuditLine.objects.all()] == ["channels.loaded"]


def test_what_is_listed_can_be_loaded() -> None:
    load_demo_channels(now=NOW)
    assert len(channels()) == 5
    document = json.loads(json.dumps(listed(channels())))
    before = copy.deepcopy(everything())
    assert load_channels(document, now=NOW).changed == 0
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"id": "A b"}, "/id", "“A b” cannot be an id: use a–z, 0–9 and single dashes."),
        ({"name": {"de": "x"}}, "/name", "This must be a text, or texts under “cs” and “en”."),
        ({"text": {"cs": "x" * 1001}}, "/text/cs", "This must be at most 1000 characters."),
        ({"url": "javascript:alert(1)"}, "/url", "“javascript:alert(1)” is no web address."),
        ({"email": "nobody"}, "/email", "“nobody” is no e-mail address."),
        ({"phone": "1" * 41}, "/phone", "This must be at most 40 characters."),
        ({"helps_signing_in": "yes"}, "/helps_signing_in", "This must be true or false."),
        (
            {"phone": None},
            "",
            "Give the channel a web address, an e-mail address or a phone.",
        ),
    ],
)
def test_a_fault_is_named_and_nothing_is_loaded(
    change: dict[str, Any], pointer: str, message: str
) -> None:
    load_channels(a_file(), now=NOW)
    bad = a_file(a_channel(id="good"), a_channel() | change)
    assert refused(bad) == [(f"/channels/1{pointer}", message)]


@pytest.mark.parametrize("document", [None, [], {}, {"version": 2, "channels": []}, "x"])
def test_a_file_of_another_shape_is_refused(document: Any) -> None:
    assert refused(document) == [
        ("/version", "This must be 1, in an object with a list “channels”.")
    ]


def test_two_channels_with_one_id_refuse_the_file() -> None:
    [(field, message)] = refused(a_file(a_channel(), a_channel()))
    assert field == "/channels/1"
    assert "have one id" in message
