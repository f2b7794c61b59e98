"""Databases that last, and a vendor that runs while all tests of a module call it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import databases


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running installation for the whole module: see `tests.processes.promises.Vendor`."""
    from tests.conftest import SERVER_URL
    from tests.installation import Installation
    from tests.processes.promises import running

    data_dir = tmp_path_factory.mktemp("vendor") / "data"
    data_dir.mkdir()
    url = databases.postgresql_copy(SERVER_URL, prepared=True) if SERVER_URL else ""
    if not url:
        shutil.copyfile(databases.sqlite_template(prepared=True), data_dir / "opora.sqlite3")
    installation = Installation(data_dir=data_dir, database_url=url)
    try:
        with running(installation) as made:
            yield made
    finally:
        installation.stop_all()
        if url:
            databases.drop(url)


@pytest.fixture
def durable(tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    """This process on a database of its own with the product's settings: on disk, synchronous."""
    from django.db import connections

    from opora.config import databases as engines
    from tests.conftest import SERVER_URL

    connection = connections["default"]
    if SERVER_URL:
        url = databases.postgresql_copy(SERVER_URL)
        wanted = engines.postgresql(url)
    else:
        path = tmp_path / "opora.sqlite3"
        path.write_bytes(databases.sqlite_template().read_bytes())
        wanted = engines.sqlite(path)
    with django_db_blocker.unblock():
        connection.close()
        kept, held = dict(connection.settings_dict), connection.connection
        connection.settings_dict.update(wanted)
        connection.connection = None
        try:
            yield
        finally:
            connection.close()
            connection.connection = held
            connection.settings_dict.clear()
            connection.settings_dict.update(kept)
            if SERVER_URL:
                databases.drop(url)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests measured and by which seed: kills, requests; the figures of `make soak`."""
    for report in terminalreporter.stats.get("passed", []):
        if report.user_properties:
            told = ", ".join(f"{name} {value}" for name, value in report.user_properties)
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {told}")
