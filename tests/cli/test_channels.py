"""`opora channels`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opora.catalog.models import Channel
from opora.cli import main as cli

pytestmark = pytest.mark.django_db

FILE = {"version": 1, "channels": [{"id": "billing", "name": "Invoices", "phone": "221"}]}


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of the tests is up to date."""
    monkeypatch.setattr("opora.cli.preparation.prepare", lambda: None)
    monkeypatch.setattr("opora.web.logs.configure", lambda: None)


@pytest.mark.shows("S9.1")
def test_loads_lists_and_loads_what_it_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "channels.json"
    file.write_text(json.dumps(FILE))
    assert cli.main(["channels", "load", str(file)]) == 0
    assert capsys.readouterr().out == "1 channels; 1 changed, 0 taken away.\n"
    assert cli.main(["channels", "list"]) == 0
    assert capsys.readouterr().out.split() == ["billing", "Invoices:", "221"]
    assert cli.main(["channels", "list", "--json"]) == 0
    file.write_text(capsys.readouterr().out)
    assert cli.main(["channels", "load", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"channels": 1, "changed": 0, "removed": 0}


@pytest.mark.parametrize("text", ["{", '{"version": 1, "channels": [{}]}'])
def test_a_file_that_cannot_be_taken_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = tmp_path / "channels.json"
    file.write_text(text)
    assert cli.main(["channels", "load", str(file)]) == 1
    assert capsys.readouterr().err
    assert Channel.objects.count() == 0
