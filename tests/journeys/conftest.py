"""One house for all journeys: the same server, people of their own for each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import databases
from tests.installation import Installation
from tests.journeys.house import PASSWORD, House
from tests.journeys.look import PATIENCE, Eye, Look, pictures
from tests.journeys.pages import SignIn

expect.set_options(timeout=PATIENCE)
# Each journey has a customer of its own, so that none depends on another.
PEOPLE = [
    ("alice@example.com", "Alice", "Ames", "personal"),
    ("nora@example.com", "Nora", "Novak", "personal"),
    ("frank@example.com", "Frank", "Ford", "personal"),
    ("kate@example.com", "Kate", "Kent", "personal"),
    ("stella@example.com", "Stella", "Stone", "personal"),
    ("sam@example.com", "Sam", "Shaw", "personal"),
    ("ivan@example.com", "Ivan", "Ingram", "personal"),
    ("mia@example.com", "Mia", "Moss", "personal"),
    ("leo@example.com", "Leo", "Lang", "personal"),
    ("otto@example.com", "Otto", "Olsen", "personal"),
    ("petra@example.com", "Petra", "Palmer", "personal"),
    ("peter@example.com", "Peter", "Palmer", "personal"),
    ("vera@example.com", "Vera", "Vance", "personal"),
    ("quinn@example.com", "Quinn", "Quist", "personal"),
    ("hana@example.com", "Hana", "Hill", "personal"),
    ("dana@opora.example", "Dana", "Dvořáková", "agent"),
]
# These need no Access ID, so the command line adds them to their owners at once.
READY = [
    "nora@example.com",
    "frank@example.com",
    "kate@example.com",
    "sam@example.com",
    "mia@example.com",
    "quinn@example.com",
    "peter@example.com",
]

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey starts processes and a browser, and judges every page of its way."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow("drives a real browser and judges every page"))


@contextmanager
def unopened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation that is not open yet, and is gone afterwards."""
    data_dir = tmp_path_factory.mktemp("house")
    url = ""
    if databases.server_url():
        url = databases.postgresql_copy(databases.server_url(), prepared=True)
    else:
        shutil.copyfile(databases.sqlite_template(prepared=True), data_dir / "opora.sqlite3")
    installation = Installation(data_dir=data_dir, database_url=url)
    try:
        yield House(installation, Look.of_this_run())
    finally:
        installation.stop_all()
        if url:
            databases.drop(url)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The installation of all journeys, open."""
    with unopened(tmp_path_factory) as made:
        made.do(*(made.person(*one) for one in PEOPLE), given=PASSWORD)
        ppi = ("contracts", "issue", "--plan", "ppi-5", "--json")
        made.do(*((*ppi, "--holder", "Contoso", "--manager", who) for who in READY))
        made.open()
        yield made


@pytest.fixture
def eye(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> Eye:
    name = re.sub(r"\W+", "-", request.node.originalname or request.node.name)
    return Eye(pictures(tmp_path, name), house.url)


@pytest.fixture
def open_browser(browser: Browser, house: House, eye: Eye) -> Iterator[Open]:
    """open_browser(email="", script=True): a fresh browser, signed in as `email` if given."""
    contexts: list[BrowserContext] = []

    def open(email: str = "", *, script: bool = True) -> Page:
        context = house.look.context(browser, house.url, script=script)
        contexts.append(context)
        eye.follow(context)
        page = context.new_page()
        if email:
            SignIn(page).open().enter(email, PASSWORD)
        return page

    yield open
    for context in contexts:
        context.close()
