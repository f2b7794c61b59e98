"""A vendor that runs while all tests of a module call it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
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


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests measured and by which seed: kills, requests; the figures of `make soak`."""
    for report in terminalreporter.stats.get("passed", []):
        if report.user_properties:
            told = ", ".join(f"{name} {value}" for name, value in report.user_properties)
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {told}")
