"""F-21: everything in one file and back, beside a running server; the copy is held at first."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import databases
from tests.conftest import SERVER_URL
from tests.installation import Installation
from tests.processes.customers import make_customer

pytestmark = [pytest.mark.processes, pytest.mark.shows("F-21")]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Installation]:
    """An empty folder and, on PostgreSQL, an empty database; without a secret of its own."""
    url = databases.postgresql_empty(SERVER_URL) if SERVER_URL else ""
    made = Installation(data_dir=tmp_path / "elsewhere", database_url=url)
    yield made
    made.stop_all()


@pytest.mark.slow("starts a server, backs it up, restores it and serves the copy")
def test_a_backup_made_beside_a_server_comes_back_whole_and_sends_nothing(
    installation: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    customer, issued = make_customer(installation)
    server = installation.serve("--workers", "1")
    bearer = {"Authorization": f"Bearer {customer.token}"}
    requests.post(
        f"{server.url}/api/v1/contracts",
        json={"access_id": issued["access_id"], "contract_id": issued["contract_id"]},
        headers=bearer,
        timeout=30,
    )
    number = customer.post(server, "before").json()["number"]
    sent = requests.post(
        f"{server.url}/api/v1/cases/{number}/attachments",
        files={"file": ("log.txt", b"it stopped\n" * 1000)},
        headers=bearer,
        timeout=30,
    )
    assert sent.status_code == 201, sent.text
    file = tmp_path / "everything.opora"
    installation.run("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    after = customer.post(server, "after").json()["number"]
    server.stop()

    elsewhere.run("restore", str(file))
    elsewhere.run("verify")
    server = elsewhere.serve("--workers", "1")
    assert [case["number"] for case in customer.cases(server)] == [number]
    got = requests.get(
        f"{server.url}/api/v1/cases/{number}/attachments/{sent.json()['id']}",
        headers=bearer,
        timeout=30,
    )
    assert got.content == b"it stopped\n" * 1000
    # The copy takes requests, and keeps its mail back.
    mails = set((elsewhere.data_dir / "mail").glob("*"))
    assert customer.post(server, "after").json()["number"] != after
    elsewhere.run("verify")
    document = json.loads(elsewhere.run("verify", "--json").stdout)
    (jobs,) = [check for check in document["checks"] if check["name"] == "I5 jobs"]
    assert jobs["under_way"] >= 1
    assert set((elsewhere.data_dir / "mail").glob("*")) == mails
    assert elsewhere.run("release").stdout == "Released.\n"
    assert elsewhere.run("release").stdout.startswith("Nothing was held")

    done = elsewhere.run("restore", str(file), status=1)
    assert done.stderr == (
        "opora: This installation is not empty; restore into an empty data folder and database.\n"
    )


@pytest.mark.slow("runs a command for each kind of damage")
def test_a_damaged_or_foreign_file_is_refused_and_nothing_is_touched(
    installation: Installation, elsewhere: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "everything.opora"
    installation.run("backup", str(file))
    whole = file.read_bytes()
    cut = tmp_path / "cut.opora"
    cut.write_bytes(whole[: len(whole) // 2])
    foreign = tmp_path / "foreign.opora"
    foreign.write_text("no backup at all")
    changed = tmp_path / "changed.opora"
    _change_a_member(file, changed)
    climbing = tmp_path / "climbing.opora"
    _climb(climbing)
    for bad, finding in (
        (cut, "it cannot be read"),
        (foreign, "it cannot be read"),
        (changed, "secret is not what was packed"),
        (climbing, "it holds '../outside'"),
    ):
        done = elsewhere.run("restore", str(bad), status=1)
        assert finding in done.stderr
        left = {path.name for path in elsewhere.data_dir.iterdir()} - {"secret"}
        assert left == set()
    assert not (tmp_path / "outside").exists()
    elsewhere.run("restore", str(file))


def _change_a_member(source: Path, target: Path) -> None:
    folder = target.with_suffix(".d")
    with tarfile.open(source) as tar:
        # Debian 12 has the Python before this came in.
        safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **safely)
    (folder / "secret").write_text("another secret, as long as the one before it was")
    with tarfile.open(target, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)


def _climb(target: Path) -> None:
    with tarfile.open(target, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../outside"))
