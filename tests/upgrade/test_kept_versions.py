"""An installation of every version that was ever kept comes up under today's code, whole.

`scripts/keep_version.py` makes them; what is kept is never made again.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests import databases
from tests.conftest import SERVER_URL
from tests.installation import Installation

pytestmark = pytest.mark.processes

KEPT = Path(__file__).with_name("kept")
ENDING = ".postgresql.sql.gz" if SERVER_URL else ".sqlite3.gz"
OF_THIS_ENGINE = sorted(path.name.removesuffix(ENDING) for path in KEPT.glob(f"*{ENDING}"))


@pytest.fixture
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """The installation as it was kept."""
    content = gzip.decompress((KEPT / f"{request.param}{ENDING}").read_bytes())
    url = ""
    if SERVER_URL:
        url = databases.postgresql_empty(SERVER_URL)
        load = [str(shutil.which("psql")), "--quiet", "-v", "ON_ERROR_STOP=1", "--dbname", url]
        subprocess.run(load, input=content, check=True, stdout=subprocess.DEVNULL, env=os.environ)
    else:
        (tmp_path / "opora.sqlite3").write_bytes(content)
    yield Installation(data_dir=tmp_path, database_url=url)
    if url:
        databases.drop(url)


def test_the_first_landed_version_is_kept_on_both_engines() -> None:
    for ending in (".postgresql.sql.gz", ".sqlite3.gz"):
        sizes = {path.name: path.stat().st_size for path in KEPT.glob(f"*{ending}")}
        assert sizes
        assert all(size < 150 * 1024 for size in sizes.values()), sizes


@pytest.mark.slow("upgrades a database and starts commands on it")
@pytest.mark.parametrize("kept", OF_THIS_ENGINE, indirect=True)
def test_a_kept_version_is_upgraded_and_its_books_balance(kept: Installation) -> None:
    kept.run("verify")  # the first command brings it up to date
    assert '"partner-on-premises-20"' in kept.run("plans", "list", "--json").stdout


@pytest.mark.slow("upgrades a database and serves it")
@pytest.mark.parametrize("kept", OF_THIS_ENGINE[:1], indirect=True)
def test_what_was_kept_is_served(kept: Installation) -> None:
    token = kept.run("tokens", "issue", "--email", "alice@example.com").stdout.strip()
    server = kept.serve("--workers", "1")
    headers = {"Authorization": f"Bearer {token}"}

    def items(path: str) -> list[dict[str, object]]:
        answer = requests.get(f"{server.url}/api/v1{path}", headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, object]] = answer.json()["items"]
        return found

    cases = items("/cases")
    assert len(cases) == 4
    assert "closed" in [case["status"] for case in cases]
    assert sorted(str(contract["incidents_left"]) for contract in items("/contracts")) == ["18"] * 2
    said = [line["body"] for case in cases for line in items(f"/cases/{case['number']}/messages")]
    assert said.count("Které sestavení?") == 3
    assert said.count("26100.") == 2
    assert "Poznámka." not in said
    assert server.stop() == 0
    kept.run("verify")
