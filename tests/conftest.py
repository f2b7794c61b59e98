"""The test base: which database, what every test may rely on, and what no test may do.

SQLite unless told otherwise. PostgreSQL under
`pg_virtualenv -v 15 -o fsync=off env OPORA_TEST_DATABASE=postgresql .venv/bin/pytest`, or with
OPORA_DATABASE_URL naming a server on which databases may be made.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import shutil
import socket
import sqlite3
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from tests import databases

if TYPE_CHECKING:
    from opora.accounts.models import Account

# The environment of this process, before anything reads settings: nothing of the caller's remains.
if settings.configured and os.environ["DJANGO_SETTINGS_MODULE"] != "tests.settings":
    raise pytest.UsageError("tests bring their own settings: unset DJANGO_SETTINGS_MODULE")
SERVER_URL = databases.server_url()
for _name in [name for name in os.environ if name.startswith("OPORA_")]:
    if not _name.startswith("OPORA_TEST_"):
        del os.environ[_name]
_data_dir = Path(tempfile.mkdtemp(prefix="opora-tests-"))
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
os.environ["OPORA_DATA_DIR"] = str(_data_dir)
os.environ["OPORA_DATABASE_URL"] = SERVER_URL
os.environ["OPORA_SECRET_KEY"] = databases.SECRET
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
# A browser driven from a test keeps an event loop running in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

SLOW_SECONDS = 10
# Tests in these folders belong to a stage of their own; elsewhere a mark says so.
STAGE_OF_FOLDER = {
    "architecture": "rules",
    "docs": "rules",
    "processes": "processes",
    "fuzz": "fuzz",
    "journeys": "journey",
}


def pytest_configure(config: pytest.Config) -> None:
    """Load settings now, from the environment above, so that pytest-django sets Django up.

    Workers start with this process's environment. Told of the settings there, they would load them
    before this file gives each a data folder of its own, and share ours: one's files would be found
    by the other.
    """
    assert settings.DATABASES
    if getattr(config.option, "numprocesses", None):
        del os.environ["DJANGO_SETTINGS_MODULE"]


# --- Databases -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A copy of the migrated template as the default database, one for each worker."""
    from django.db import connections
    from django.test import TransactionTestCase

    connection = connections["default"]
    with django_db_blocker.unblock():
        connection.close()
        if SERVER_URL:
            url = databases.postgresql_copy(SERVER_URL)
            name = url.rsplit("/", 1)[1]
        else:
            name = "file:opora_tests?mode=memory&cache=shared"
        settings.DATABASES["default"]["NAME"] = name
        connection.settings_dict["NAME"] = name
        if not SERVER_URL:
            connection.ensure_connection()
            _fill_from_template(connection.connection)
            # Deleting rows would meet the triggers that refuse it; a copy does not.
            restore = pytest.MonkeyPatch()
            restore.setattr(TransactionTestCase, "_fixture_teardown", _restore_from_template)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        if SERVER_URL:
            databases.drop(url)
        else:
            connection.connection = None
            restore.undo()


def _fill_from_template(target: sqlite3.Connection) -> None:
    source = sqlite3.connect(databases.sqlite_template())
    source.backup(target)
    source.close()


def _restore_from_template(case: object) -> None:
    from django.db import connection

    connection.ensure_connection()
    _fill_from_template(connection.connection)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Any]:
    """A prepared installation of its own, on a durable database, for real processes.

    See `tests.installation.Installation`: `run`, `json` and `serve` drive the command line.
    """
    from tests.installation import Installation

    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if SERVER_URL:
        url = databases.postgresql_copy(SERVER_URL, prepared=True)
    else:
        url = ""
        shutil.copyfile(databases.sqlite_template(prepared=True), data_dir / "opora.sqlite3")
    made = Installation(data_dir=data_dir, database_url=url)
    try:
        yield made
    finally:
        made.stop_all()
        if url:
            databases.drop(url)


@pytest.fixture
def processor(settings: Any) -> Iterator[Any]:
    """A running stand-in for Stripe that the settings lead to: see `tests.billing.processor`."""
    from tests.billing import processor as stand_in

    with stand_in.running() as made:
        settings.PAYMENTS = ("stripe", "outside")
        settings.STRIPE = stand_in.stripe_settings(made)
        settings.BANK_ACCOUNT = stand_in.BANK_ACCOUNT
        settings.SERVICES_AGREEMENT = stand_in.SERVICES_AGREEMENT
        yield made


# --- The cast: whoever a test asks for by name (tests/cast.py) -----------------------------------
@pytest.fixture
def alice(db: None) -> Account:
    from tests import cast

    return cast.alice()


@pytest.fixture
def bob(db: None) -> Account:
    from tests import cast

    return cast.bob()


@pytest.fixture
def charlie(db: None) -> Account:
    from tests import cast

    return cast.charlie()


@pytest.fixture
def dana(db: None) -> Account:
    from tests import cast

    return cast.dana()


@pytest.fixture
def eve(db: None) -> Account:
    from tests import cast

    return cast.eve()


# --- What tests may not do -----------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Tests talk to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _fresh_state() -> Iterator[None]:
    """Each test starts in English and UTC, whatever the one before switched to."""
    from django.utils import timezone, translation

    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A test over ten seconds says why, in `slow(reason)`, or fails.

    Its own work counts, and that of processes it ran; on a busy machine the clock on the wall goes
    on while a test waits for its turn, so waiting counts a third.
    """
    began, worked = time.monotonic(), _work()
    yield
    took = max(_work() - worked, (time.monotonic() - began) / 3)
    if took > SLOW_SECONDS and item.get_closest_marker("slow") is None:
        pytest.fail(f"took {took:.1f} s: make it quicker, or mark it slow(reason)", pytrace=False)


def _work() -> float:
    """Processor seconds of this process and of the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


# --- Which rules are shown -----------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shows",
        metavar="FILE",
        help="write which test shows which rule as JSON {rule: [tests]}; with --collect-only",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    shown: dict[str, list[str]] = {}
    for item in items:
        folder = item.path.relative_to(databases.ROOT / "tests").parts[0]
        if (stage := STAGE_OF_FOLDER.get(folder)) and not (
            stage == "rules" and item.get_closest_marker("django_db")
        ):
            item.add_marker(stage)
        for marker in item.iter_markers("shows"):
            if not marker.args or not all(isinstance(rule, str) for rule in marker.args):
                raise pytest.UsageError(f"{item.nodeid}: shows() names rules, as strings")
            for rule in marker.args:
                shown.setdefault(rule, []).append(item.nodeid)
        slow = item.get_closest_marker("slow")
        if slow is not None and not (len(slow.args) == 1 and str(slow.args[0]).strip()):
            raise pytest.UsageError(f"{item.nodeid}: slow(reason) needs its reason")
    if path := config.getoption("--shows"):
        text = json.dumps(dict(sorted(shown.items())), ensure_ascii=False, indent=1)
        Path(path).write_text(text + "\n", encoding="utf-8")


# --- The browser ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """How a journey's browser is set up: language, width in pixels, light or dark."""

    language: str
    width: int
    scheme: str


@pytest.fixture(scope="session")
def look() -> Look:
    """OPORA_TEST_LOOK, such as cs-390-dark; English, wide and light by itself."""
    language, width, scheme = os.environ.get("OPORA_TEST_LOOK", "en-1440-light").split("-")
    return Look(language, int(width), scheme)


@pytest.fixture(scope="session")
def browser_context_args(look: Look) -> dict[str, Any]:
    return {
        "locale": {"cs": "cs-CZ", "en": "en-GB"}[look.language],
        "viewport": {"width": look.width, "height": 900},
        "color_scheme": look.scheme,
    }


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which must not call home."""
    return {
        "executable_path": shutil.which("chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }
