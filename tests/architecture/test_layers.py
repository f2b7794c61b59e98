"""Dependencies point down: imports by the contracts in pyproject.toml, relations by hand."""

from __future__ import annotations

import re
import tomllib

import pytest
from django.apps import apps
from importlinter.cli import lint_imports

from tests.databases import ROOT


def layers() -> list[set[str]]:
    """The packages of opora from the top layer down, as the import contract lists them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    lines = next(c["layers"] for c in contracts if c["name"] == "Dependencies point down")
    return [set(re.findall(r"\w+", line)) for line in lines]


def test_imports_keep_their_contracts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out


def test_relations_point_down_too() -> None:
    """A foreign key named as text is an import that the contracts cannot see."""
    height = {package: -depth for depth, line in enumerate(layers()) for package in line}
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            other = field.related_model
            if not (field.concrete and isinstance(other, type)):
                continue
            here, there = (m.__module__.split(".") for m in (model, other))
            ours = here[0] == there[0] == "opora" and here[1] != there[1]
            if ours and height[there[1]] >= height[here[1]]:
                wrong.append(f"{model.__name__}.{field.name} points up to {other.__name__}")
    assert wrong == []


def test_no_table_points_to_messages_entries_audit_lines_or_jobs() -> None:
    """So that these can be partitioned by time (ADR 0002)."""
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete
        and isinstance(field.related_model, type)
        and field.related_model.__name__ in ("Message", "IncidentEntry", "AuditLine", "Job")
    ]
    assert wrong == []
