"""Every page, and every form as it refuses, through axe: the resolver's tree in a world of tests.

The browser's requests are answered by the application in this process (`Stage`), so that the world
of the access table serves here too and no page of it can be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page, Request, Route

from tests.architecture.world import World, path_of, table
from tests.cast import Cast, signed_in, whole_cast
from tests.factories import contract
from tests.journeys.look import Eye, Look, pictures

pytestmark = pytest.mark.django_db
HOST = "http://localhost"
WHO = {"public": "nobody", "account": "alice", "own": "alice", "reader": "alice", "agent": "dana"}
# Not pages: machines read them, or there is no logo and no demo.
NO_PAGES = {"health/live", "health/ready", "theme/<slug:version>.css", "logo/<slug:version>/"}
# Drawn by the library that shows the description of the API.
FOREIGN = {"api/v1/docs", "api/v1/openapi.json"}


class Stage:
    """A browser page whose requests this process answers, as `client`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.client = Client()
        self.shown: Any = None
        self.assets: dict[str, Any] = {}
        self.found: list[str] = []
        page.route("**/*", self._answer)

    def _answer(self, route: Route, request: Request) -> None:
        status, headers, body = (
            self.shown if request.is_navigation_request() else self._asset(request.url)
        )
        route.fulfill(status=status, headers=headers, body=body)

    def _asset(self, url: str) -> Any:
        """Styles, scripts and the like: the same for everybody, so nobody asks, and once."""
        if url not in self.assets:
            self.assets[url] = whole(Client().get(urlsplit(url).path))
        return self.assets[url]

    def show(self, answer: Any, path: str) -> None:
        _status, headers, body = whole(answer)
        for picture in re.findall(rb'<img src="(/[^"]*/picture/)"', body):  # for readers only
            self.assets[HOST + picture.decode()] = whole(self.client.get(picture.decode()))
        self.shown = 200, headers, body  # the browser would complain about others by itself
        self.page.goto(f"{HOST}{path}")


def whole(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer that may be streamed."""
    body = b"".join(answer) if answer.streaming else answer.content
    headers = {name: value for name, value in answer.items() if name != "Content-Length"}
    return answer.status_code, headers, body


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    context = Look.of_this_run().context(browser, HOST)
    yield Stage(context.new_page())
    context.close()


@pytest.fixture
def eye(tmp_path: Path, request: pytest.FixtureRequest, stage: Stage) -> Eye:
    made = Eye(pictures(tmp_path, request.node.originalname), HOST)
    made.follow(stage.page.context)
    return made


@pytest.fixture
def people() -> Cast:
    return whole_cast()


def browser_of(people: Cast, role: str) -> Client:
    """Signed in as `role`, in the look's language."""
    client = Client() if role == "nobody" else signed_in(getattr(people, role))
    client.cookies["language"] = Look.of_this_run().language
    return client


def is_page(answer: Any) -> bool:
    return str(answer.get("Content-Type", "")).startswith("text/html")


@pytest.mark.shows("AC-21")
@pytest.mark.parametrize("door", ["public", "account", "own", "reader", "agent"])
def test_every_page_and_every_refused_form_is_accessible(
    door: str, people: Cast, stage: Stage, eye: Eye
) -> None:
    world = World(people)
    stage.client = browser_of(people, WHO[door])
    for address in addresses_of(door):
        path = path_of(
            address, {part: world.one(name) for part, name in table()[address][1].items()}
        )
        shown = stage.client.get(path)
        if is_page(shown) and shown.content.lstrip().startswith(b"<!doctype"):
            judge(stage, eye, shown, path)
        else:
            whole(shown)  # a file is closed when its bytes were read
        before = transaction.savepoint()
        refused = stage.client.post(path, {"revision": "1"})
        transaction.savepoint_rollback(before)
        if refused.status_code == 422 and is_page(refused):
            judge(stage, eye, refused, path, " refused")
    assert eye.seen
    assert stage.found == []


def addresses_of(door: str) -> list[str]:
    """Pages first that change nothing; closed cases last."""
    of_door = [address for address, (who, _parts) in table().items() if who == door]
    pages = [address for address in of_door if address not in NO_PAGES | FOREIGN]
    return sorted(
        pages, key=lambda address: ("closed case" in table()[address][1].values(), address)
    )


def judge(stage: Stage, eye: Eye, answer: Any, path: str, state: str = "") -> None:
    stage.show(answer, path)
    name = (path.strip("/").replace("/", "_") or "home")[:60] + state.replace(" ", "-")
    try:
        eye.look(stage.page, name)
        eye.look_narrower(stage.page, name)
        eye.look_larger(stage.page, name)
    except AssertionError as error:  # the whole list is worth more than its first line
        stage.found.append(str(error).splitlines()[0])
        eye.complaints.clear()


def test_every_step_of_the_workflow_is_accessible(people: Cast, stage: Stage, eye: Eye) -> None:
    """Each step open, and each as it refuses."""
    world = World(people)
    stage.client = browser_of(people, "alice")
    path = f"/requests/new/{world.draft.public_id.hex}/"
    version = fill(world, people)
    for step in ("problem", "support", "primary_contact", "sharing", "verify", "submit"):
        judge(stage, eye, stage.client.get(f"{path}?step={step}"), path, f" {step}")
        empty = {"sections": step, "do": f"next:{step}"} | EMPTIED.get(step, {})
        refused = stage.client.post(path, empty)
        if refused.status_code == 422:
            judge(stage, eye, refused, path, f" {step} refused")
        given = {"sections": step, "do": f"next:{step}"} | version | GIVEN
        assert stage.client.post(path, given).status_code == 302
    assert stage.found == []


EMPTIED = {
    "problem": {"title": "", "description": ""},
    "support": {"severity": "", "contract": ""},
    "primary_contact": {"primary_contact.given_name": "", "primary_contact.email": "nobody"},
    "sharing": {
        "additional_contacts.0.given_name": "Eva",
        "additional_contacts.0.family_name": "",
        "additional_contacts.0.email": "nobody",
    },
}
GIVEN = {
    "title": "A title that is long enough to be cut somewhere " * 3,
    "description": "Averyveryverylongwordthatnobodycanbreak" * 5,
    "severity": "B",
    "primary_contact.given_name": "Alice",
    "primary_contact.family_name": "Ames",
    "primary_contact.email": "alice@example.com",
    "additional_contacts.0.given_name": "Eva",
    "additional_contacts.0.family_name": "Malá",
    "additional_contacts.0.email": "eva@example.com",
}


def fill(world: World, people: Cast) -> dict[str, str]:
    """A contract that can be used, one that cannot, and a version: what the form sends."""
    version = world.case.version
    contract(registered_to=(people.alice,), incidents=0)
    return {
        "product": version.product.slug,
        "version": version.slug,
        "contract": world.contract.public_id.hex,
    }


def test_every_error_page_is_accessible(people: Cast, stage: Stage, eye: Eye) -> None:
    for role in ("nobody", "alice", "dana"):
        stage.client = browser_of(people, role)
        judge(stage, eye, stage.client.get("/no/such/page/"), "/no/such/page/", f" {role}")
    stage.client = browser_of(people, "alice")
    too_long = Client(enforce_csrf_checks=True)
    too_long.cookies["language"] = Look.of_this_run().language
    judge(stage, eye, too_long.post("/accounts/login/", {}), "/accounts/login/", " csrf")
    judge(stage, eye, broken(stage.client), "/", " 500")
    world = World(people)
    number = world.closed_case.number
    refused = stage.client.post(f"/requests/{number}/severity/", {"severity": "A"})
    judge(stage, eye, refused, f"/requests/{number}/severity/", " refusal")
    assert stage.found == []


def broken(client: Client) -> Any:
    """What is shown when the application fails."""
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("opora.portal.views.home.render", _fail)
        return client.get("/")


def _fail(*_arguments: Any, **_options: Any) -> None:
    raise RuntimeError("broken on purpose")
