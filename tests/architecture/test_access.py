"""Who may use which address: every route, every role (AC-01). The table is access.toml."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponseBase

from opora.cases.models import Message
from opora.core.models import AuditLine
from tests.architecture.world import World, path_of, routes, table
from tests.cast import whole_cast

EVERYBODY = ("nobody", "alice", "bob", "charlie", "walter", "dana", "eve")
SIGNED_IN = EVERYBODY[1:]
MAY = {
    "public": EVERYBODY,
    "account": SIGNED_IN,
    "own": ("alice",),
    "reader": ("alice", "bob", "dana", "eve"),
    "agent": ("dana", "eve"),
    "administrator": ("eve",),
    "program": SIGNED_IN,
    "program-own": ("alice",),
    "program-reader": ("alice", "bob", "dana", "eve"),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A method that an address has for nobody tells nothing about what is behind it.
NO_METHOD = HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.shows("AC-01", "AC-21")
@pytest.mark.rules
def test_every_address_is_in_the_table_and_nothing_else_is() -> None:
    there = {address for address, _view in routes()}
    listed = set(table())
    assert there - listed == set(), "say in tests/architecture/access.toml who may use these"
    assert listed - there == set(), "these addresses are gone: take them out of access.toml"
    assert {who for who, _ in table().values()} <= set(MAY)


@pytest.mark.shows("AC-16")
@pytest.mark.rules
def test_what_is_public_says_so_in_the_view_and_in_the_table() -> None:
    """Signing in is required by default: whatever does without it is marked, here and there."""
    own_door = ("public", "administrator", "program", "program-own", "program-reader")
    wrong = [
        address
        for address, view in routes()
        if not getattr(view, "login_required", True) and table()[address][0] not in own_door
    ]
    assert wrong == []


@pytest.mark.shows("AC-01", "AC-03")
@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted(table()))
def test_who_may_not_is_told_nothing_and_changes_nothing(address: str) -> None:
    who, parts = table()[address]
    world = World(whole_cast())
    path = path_of(address, {part: world.one(name) for part, name in parts.items()})
    # The same address of things that never were.
    nowhere = path_of(address, dict.fromkeys(parts, "0" * 32))
    program = who.startswith("program")
    for role in EVERYBODY:
        if role in MAY[who]:
            answer = world.client(role, program=program).get(path)
            b"".join(answer)  # a file is closed when its bytes were read
            wrong = answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR or (
                who not in ("public", "account") and _is_refused(answer)
            )
            assert not wrong, f"{role} may, but {path} answers {answer.status_code}"
            continue
        client = world.client(role, program=program)
        before = AuditLine.objects.count(), Message.objects.count()
        statuses = set()
        for method in METHODS:
            answer = client.generic(method, path)
            if answer.status_code != NO_METHOD and not _is_refused(answer):
                # Declined before anything was looked for: just as for a thing that never was.
                assert answer.status_code in (HTTPStatus.FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
                assert _told(answer) == _told(client.generic(method, nowhere), nowhere, path), (
                    f"{role} may not, but {method} {path} answers {answer.status_code}"
                )
            statuses.add(answer.status_code)
        assert statuses != {NO_METHOD}, f"{path} has no method at all"
        assert (AuditLine.objects.count(), Message.objects.count()) == before


def _told(answer: Any, wrote: str = "", instead: str = "") -> tuple[int, str, bytes]:
    """What can be seen of an answer, as if `instead` had been asked for where it was `wrote`."""
    location = answer.get("Location", "")
    if not wrote:
        return answer.status_code, location, answer.content
    return (
        answer.status_code,
        location.replace(quote(wrote), quote(instead)).replace(
            quote(wrote, safe=""), quote(instead, safe="")
        ),
        answer.content.replace(wrote.encode(), instead.encode()),
    )


def _is_refused(answer: HttpResponseBase) -> bool:
    """Asked to sign in, or told that there is nothing here."""
    if answer.status_code == HTTPStatus.FOUND:
        return "/accounts/login/" in answer["Location"]
    return answer.status_code in (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
    )
