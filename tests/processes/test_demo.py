"""The demo: what it promises, on either database, and what it refuses."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from opora.cli.demo import sales
from tests import databases
from tests.conftest import SERVER_URL
from tests.installation import Installation


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    """Settings of an installation that nobody has begun."""
    url = databases.postgresql_empty(SERVER_URL) if SERVER_URL else ""
    made = Installation(tmp_path / "demo", url)
    yield made
    made.stop_all()
    if url:
        databases.drop(url)


@pytest.mark.slow("builds and reads through two thousand cases")
@pytest.mark.shows("S10.4")
def test_a_demo_is_whole_and_its_books_balance(empty: Installation) -> None:
    said = empty.run("demo", "--build-only").stdout
    for address in (
        "jana.novakova@posta.example",
        "petr.svoboda@strojirny-hradec.example",
        "dana.agentka@opora.example",
    ):
        assert address in said
    checked = {
        check["name"]: check for check in json.loads(empty.run("verify", "--json").stdout)["checks"]
    }
    assert checked["I1 balance"]["counted"] == 300 + sales.PAID
    assert checked["I4 cases"]["counted"] == 2000
    assert "4242 4242 4242 4242  pays" in said
    pair = re.search(r"Access ID (\S+)   Contract ID (\S+)", said)
    assert pair
    # Called again, it is used again.
    assert pair[0] in empty.run("demo", "--build-only").stdout
    server = empty.serve()
    page = urllib.request.urlopen(f"{server.url}/demo/").read().decode()
    assert pair[1] in page
    assert re.search(r'<p class="figure">\d{6}</p>', page)


def test_a_folder_of_somebody_else_is_left_alone(empty: Installation) -> None:
    empty.data_dir.mkdir()
    (empty.data_dir / "thesis.txt").write_text("mine")
    refused = empty.run("demo", "--build-only", status=1)
    assert "is not empty and no demo made it" in refused.stderr
    assert [path.name for path in empty.data_dir.iterdir() if path.name != "secret"] == [
        "thesis.txt"
    ]


def test_no_other_installation_has_the_page(installation: Installation) -> None:
    server = installation.serve()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.url}/demo/")
