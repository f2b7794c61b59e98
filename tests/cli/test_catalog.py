"""`opora catalog`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opora.catalog.models import Override, Product, Version
from opora.cli import main as cli
from tests import factories

pytestmark = pytest.mark.django_db

FILE = {
    "catalog": [
        {
            "family": "Servers",
            "product": "Server",
            "deployment": "on_premises",
            "versions": [{"listing": "Server 2022", "policy": "fixed"}],
        }
    ]
}


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of the tests is up to date."""
    monkeypatch.setattr("opora.cli.preparation.prepare", lambda: None)
    monkeypatch.setattr("opora.web.logs.configure", lambda: None)


def written(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "catalogue.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


@pytest.mark.shows("S10.1")
def test_loads_a_file_and_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, FILE)
    assert cli.main(["catalog", "load", path]) == 0
    assert capsys.readouterr().out == "1 products with 1 versions; 2 rows changed.\n"
    assert cli.main(["catalog", "load", path, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) == {"products": 1, "versions": 1, "changed": 0}
    assert err == ""


def test_names_bad_rows_by_pointer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = json.loads(json.dumps(FILE))
    bad["catalog"][0]["versions"][0]["release_date"] = "soon"
    bad["catalog"].append({"family": "F"})
    assert cli.main(["catalog", "load", written(tmp_path, bad)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == (
        "opora: /catalog/0/versions/0/release_date: This must be a day, YYYY-MM-DD, or null."
    )
    assert err.splitlines()[1].startswith("opora: /catalog/1/product: ")
    assert not Product.objects.exists()


@pytest.mark.parametrize("text", ["{", '{"catalog": [', "[" * 100_000, "\ufeff"])
def test_a_file_that_is_no_json_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert cli.main(["catalog", "load", written(tmp_path, text)]) == 1
    err = capsys.readouterr().err
    assert "cannot be read as JSON" in err
    assert "Traceback" not in err


def test_a_missing_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["catalog", "load", str(tmp_path / "none.json")]) == 1
    assert capsys.readouterr().err.startswith("opora: No such file or directory")


@pytest.mark.shows("S10.1")
def test_overrides_a_fact(capsys: pytest.CaptureFixture[str]) -> None:
    factories.version()
    words = ["catalog", "override", "--product", "database-server", "--version", "2022"]
    fact = ["--field", "mainstream_end", "--value", "2030-01-31", "--reason", "agreed"]
    assert cli.main([*words, *fact]) == 0
    assert capsys.readouterr().out == ("Database Server 2022: mainstream_end is now 2030-01-31.\n")
    assert Version.objects.get().mainstream_ends_on == date(2030, 1, 31)
    assert Override.objects.get().reason == "agreed"

    words[-1] = "2099"
    assert cli.main([*words, *fact]) == 1
    assert capsys.readouterr().err == (
        "opora: version: Product “database-server” has no version “2099”.\n"
    )


def test_a_word_too_few_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["catalog", "override", "--product", "x"])
    assert ended.value.code == 2
    assert "--version" in capsys.readouterr().err
