"""Other people's things: lists, counts, searches, fields, people, files (SECURITY, access)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import remove_contact, take_case, write_message
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Case
from opora.contracts.models import Contract, Registration
from tests import factories
from tests.architecture.world import World
from tests.cast import Cast, bearer, signed_in, whole_cast
from tests.security.every_answer import visits

pytestmark = pytest.mark.django_db

CANARY = "zebrafinch"


@pytest.fixture
def people() -> Cast:
    return whole_cast()


def items(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = json.loads(client.get(f"{path}{'&' if '?' in path else '?'}cursor={after}").content)
        found += page["items"]
        after = page["next"]
    return found


@pytest.mark.shows("AC-07")
def test_what_programs_take_in_bulk_is_what_the_pages_list(people: Cast) -> None:
    """The API's lists are the one way to take things out in bulk; for each role they are the
    page's, no more."""
    with time_machine.travel(factories.NOW, tick=False):
        factories.case(submitted_by=people.alice, others=(people.bob,), title="Shared")
        factories.case(submitted_by=people.alice, title="Hers")
        factories.case(submitted_by=people.charlie, title="His")
        for who in (people.alice, people.bob, people.charlie):
            listed = {row["number"] for row in items(bearer(who), "/api/v1/cases?limit=1")}
            page = signed_in(who).get("/?state=all").content.decode()
            assert listed == set(re.findall(r"/requests/(\d{16})/", page))
            own = {row["id"] for row in items(bearer(who), "/api/v1/contracts?limit=1")}
            held = Registration.objects.filter(account=who).values_list("contract", flat=True)
            assert own == {c.public_id.hex for c in Contract.objects.filter(pk__in=held)}


@pytest.mark.shows("AC-08", "AC-01")
@pytest.mark.slow("opens every page as somebody who must not see the canary")
def test_what_is_unseen_occurs_in_no_answer(people: Cast) -> None:
    """A canary in every text of Alice's request: no page or call of Charlie's holds it, or counts
    it."""
    case = factories.case(
        submitted_by=people.alice,
        others=(people.bob,),
        title=f"{CANARY} title",
        description=f"{CANARY} description",
    )
    write_message(case=case, body=f"{CANARY} message", by=people.alice, now=factories.NOW)
    receive_file(
        account=people.alice,
        chunks=[b"x"],
        name=f"{CANARY}.log",
        now=factories.NOW,
        case=case,
    )
    browser, program = signed_in(people.charlie), bearer(people.charlie)
    for seen in visits(people):
        client = program if seen.is_program else browser
        for path in (seen.path, f"{seen.path}?q={CANARY}&state=all"):
            answer = client.get(path)
            content = b"".join(answer).replace(f"?q={CANARY}".encode(), b"")
            content = content.replace(f'value="{CANARY}"'.encode(), b"")
            content = re.sub(rb"q=" + CANARY.encode(), b"", content)
            content = content.replace(f"“{CANARY}”".encode(), b"")
            content = content.replace(f"Search: {CANARY} ".encode(), b"")  # the asker's own word
            assert case.number.encode() not in content, path
            assert f"{CANARY} ".encode() not in content, path
            assert f"{CANARY}.log".encode() not in content, path


@pytest.mark.shows("AC-09")
def test_a_hidden_match_changes_nothing_but_the_word_searched(people: Cast) -> None:
    factories.case(submitted_by=people.alice, title=f"{CANARY} hidden")
    pages = []
    for word in (CANARY, "nothingatall"):
        page: Any = signed_in(people.charlie).get("/", {"q": word, "state": "all"})
        pages.append(masked(page.content.decode().replace(word, "WORD")))
        found = bearer(people.charlie).get("/api/v1/cases", {"q": word})
        assert json.loads(found.content) == {"items": [], "next": None}
    assert pages[0] == pages[1]


def masked(page: str) -> str:
    page = re.sub(r'nonce="[^"]+"', "", page)
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r"[0-9a-f]{16}", "", page)


@pytest.mark.shows("AC-10")
def test_no_answer_holds_a_secret_or_a_key_of_a_row(people: Cast) -> None:
    """Hashes, tokens, internal columns: named nowhere in what the API answers."""
    words = (
        "password", "secret", "hash", "access_id_hash", "login_email", "stored_as", "email_key",
        "is_internal", "plan_version_id", "entry_count", "sha256", "lease", "public_id", "pk",
    )  # fmt: skip
    for seen in visits(people):
        if not seen.is_program:
            continue
        answer = seen.client.get(seen.path)
        content = b"".join(answer)
        if "json" in answer["Content-Type"]:
            names = set(_names(json.loads(content)))
            assert names.isdisjoint(words), (seen.path, names & set(words))


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for inner in value.values() for name in _names(inner))]
    if isinstance(value, list):
        return [name for inner in value for name in _names(inner)]
    return []


@pytest.mark.shows("AC-11")
def test_adding_a_contact_tells_nothing_of_who_has_an_account(people: Cast) -> None:
    """Alike for an address with an account, a work account's, and nobody's: what is shown is what
    was typed."""
    case = factories.case(submitted_by=people.alice)
    pages = []
    for email in ("charlie@example.net", "walter@contoso.example", "nobody@example.net"):
        answer = bearer(people.alice).post(
            f"/api/v1/cases/{case.number}/contacts",
            {"given_name": "Typed", "family_name": "Name", "email": email},
            content_type="application/json",
        )
        told = json.loads(answer.content)
        assert told.pop("email") == email
        told.pop("id")
        shown: Any = signed_in(people.alice).get(f"/requests/{case.number}/sharing/")
        assert "Cole" not in shown.content.decode()
        assert "Weiss" not in shown.content.decode()
        pages.append((answer.status_code, told, sorted(answer.headers)))
    assert pages[0] == pages[1] == pages[2]
    # And nothing lists or completes people.
    for path in ("/api/v1/users", "/api/v1/people?q=c", "/api/v1/accounts"):
        assert bearer(people.alice).get(path).status_code == 404


@pytest.mark.shows("AC-13", "AC-14")
def test_a_link_to_a_file_ends_with_the_right_to_read_it(people: Cast) -> None:
    case = factories.case(submitted_by=people.alice, others=(people.bob,))
    file = receive_file(
        account=people.alice, chunks=[b"log"], name="a.log", now=factories.NOW, case=case
    )
    page = f"/requests/{case.number}/files/{file.public_id.hex}/"
    call = f"/api/v1/cases/{case.number}/attachments/{file.public_id.hex}"
    his, program = signed_in(people.bob), bearer(people.bob)
    for client, path in ((his, page), (program, call)):
        answer = client.get(path)
        assert b"".join(answer) == b"log"
    remove_contact(
        case=case, contact=case.contacts.get(role="additional"), by=people.alice, now=factories.NOW
    )
    assert his.get(page).status_code == 404
    assert program.get(call).status_code == 404
    assert Client().get(page).status_code == 302


@pytest.mark.shows("AC-02", "FI-07", "FI-01")
def test_files_lie_outside_what_the_web_serves_under_names_of_the_servers(
    people: Cast, settings: Any
) -> None:
    """A picture in a page comes from an address that asks who is looking, like all files."""
    case = factories.case(submitted_by=people.alice)
    file = receive_file(
        account=people.alice,
        chunks=[b"\x89PNG\r\n\x1a\n pixels"],
        name="screen.png",
        now=factories.NOW,
        case=case,
    )
    assert re.fullmatch(r"[0-9a-f]{48}", file.stored_as)
    assert len(file.public_id.hex) == 32
    assert not (settings.DATA_DIR / "files").is_relative_to(settings.STATIC_ROOT)
    for client in (Client(), signed_in(people.charlie)):
        for path in (
            f"/requests/{case.number}/files/{file.public_id.hex}/",
            f"/requests/{case.number}/files/{file.public_id.hex}/picture/",
            f"/requests/{case.number}/files/{file.public_id.hex}/preview/",
            f"/files/{file.stored_as}",
            f"/static/../files/{file.stored_as[:2]}/{file.stored_as}",
            f"/static/%2e%2e/files/{file.stored_as[:2]}/{file.stored_as}",
            f"/media/{file.stored_as}",
        ):
            answer = client.get(path)
            assert answer.status_code in (302, 404), path
            assert b"pixels" not in b"".join(answer)
    page = signed_in(people.alice).get(f"/requests/{case.number}/").content.decode()
    own = f"/requests/{case.number}/files/{file.public_id.hex}/picture/"
    assert re.findall(r'<img[^>]* src="([^"]*)"', page) == [own]


@pytest.mark.shows("AC-06")
def test_every_deed_on_two_things_checks_both(people: Cast) -> None:
    """An upload of somebody's with a message; a contact of another request; an agent who may not
    see the queue: each is refused, and nothing moves."""
    case = factories.case(submitted_by=people.alice, others=(people.bob,))
    other = factories.case(submitted_by=people.charlie, others=(people.walter,))
    foreign = receive_file(
        account=people.charlie, chunks=[b"his"], name="his.log", now=factories.NOW
    )
    hers, her_program = signed_in(people.alice), bearer(people.alice)
    body = {"body": "With his file", "attachments": [foreign.public_id.hex]}
    call = f"/api/v1/cases/{case.number}/messages"
    assert her_program.post(call, body, content_type="application/json").status_code == 422
    page = hers.post(
        f"/requests/{case.number}/messages/", {"body": "x", "kept": foreign.public_id.hex}
    )
    assert page.status_code == 422
    contact = other.contacts.get(role="additional").public_id.hex
    removal = f"/requests/{case.number}/sharing/{contact}/removal/"
    assert hers.post(removal, {"confirmed": "yes"}).status_code == 404
    answer = her_program.delete(f"/api/v1/cases/{case.number}/contacts/{contact}")
    assert answer.status_code == 404
    dana = signed_in(people.dana)
    taken = dana.post(
        f"/desk/cases/{case.number}/assignment/", {"to": people.charlie.public_id.hex}
    )
    assert taken.status_code in (404, 422)
    case.refresh_from_db()
    foreign.refresh_from_db()
    assert case.owner_id is None
    assert foreign.case_id is None
    assert other.contacts.count() == 2
    assert case.messages.count() == 0


@pytest.mark.shows("AC-18")
@pytest.mark.slow("posts every column of every table to every form")
def test_a_form_sets_what_it_offers_and_nothing_else(people: Cast) -> None:
    """Every column of every table, sent to every page that a customer may post to: rights, keys,
    balances, owners stay as they were."""
    columns = sorted(
        {field.name for model in apps.get_models() for field in model._meta.get_fields()}
        | {"is_staff", "is_superuser", "role", "kind", "incidents_left", "owner_id", "account_id"}
    )
    offered = {
        "next", "language", "country", "time_zone", "email", "given_name", "family_name", "phone",
        "company", "outcome", "severity", "body", "title", "description", "name", "scope",
    }  # fmt: skip
    flood = {name: "administrator" for name in columns if name not in offered}
    flood |= {"is_active": "", "kind": "administrator", "incidents_left": "999", "status": "closed"}
    case = factories.case(submitted_by=people.alice, others=(people.bob,))
    kept = snapshot_of_rights()
    for seen in visits(people):
        if seen.who in ("account", "own", "reader") and not seen.is_program:
            answer = seen.client.post(seen.path, flood)
            b"".join(answer)
            assert answer.status_code < 500, seen.path
            assert snapshot_of_rights() == kept, seen.path
    case.refresh_from_db()
    assert (case.status, case.owner_id) == ("submitted", None)


def snapshot_of_rights() -> list[Any]:
    return [
        list(
            Account.objects.exclude(email__startswith="person")
            .order_by("pk")
            .values_list("pk", "kind", "is_active", "email", "organization", "created_at")
        ),
        sorted(Contract.objects.filter(pk__in=_first_contracts()).values_list("incidents_left")),
    ]


def _first_contracts() -> list[int]:
    return list(Contract.objects.order_by("pk").values_list("pk", flat=True)[:1])


@pytest.mark.shows("AC-19")
def test_an_agent_has_no_way_to_roles_rules_or_balances(people: Cast) -> None:
    """They are the operator's, on the command line: no address posts to them, and there is no
    administration site."""
    world = World(people)
    case = world.case
    take_case(case=case, by=people.dana, now=factories.NOW)
    danas = signed_in(people.dana)
    before = snapshot_of_rights()
    for path in (
        "/admin/",
        "/django-admin/",
        "/desk/accounts/",
        f"/contracts/{world.contract.public_id.hex}/",
        f"/contracts/{world.contract.public_id.hex}/ending/",
    ):
        for answer in (danas.get(path), danas.post(path, {"kind": "administrator"})):
            assert answer.status_code in (302, 404, 405), path
    # A contract's page at the desk shares it; whatever is sent along, rights and balances stay.
    sent = {"incidents_left": "99", "kind": "administrator", "role": "manager"}
    shared = danas.post(f"/desk/contracts/{world.contract.public_id.hex}/", sent)
    assert shared.status_code == 200
    program = bearer(people.dana)
    for method in ("PATCH", "PUT", "POST", "DELETE"):
        path = f"/api/v1/contracts/{world.contract.public_id.hex}"
        assert program.generic(method, path).status_code in (404, 405)
    assert snapshot_of_rights() == before


@pytest.mark.shows("AC-22")
@pytest.mark.slow("every writing call, with a token that may read")
def test_a_reading_token_changes_nothing_by_any_verb(people: Cast) -> None:
    from django.utils import timezone

    from opora.accounts.actions import issue_token

    secret = issue_token(account=people.alice, scope="read", by=people.alice, now=timezone.now())
    reader = Client(headers={"authorization": f"Bearer {secret}"})
    for seen in visits(people):
        if seen.is_program and seen.path != "/api/v1/eligibility":
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                answer = reader.generic(method, seen.path, "{}", content_type="application/json")
                assert answer.status_code in (403, 404, 405), (method, seen.path)
    assert not Attachment.objects.exists()
    assert not Case.objects.exists()
