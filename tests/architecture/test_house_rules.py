"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from pathlib import Path

from tests.databases import PACKAGE, ROOT

LONGEST_MODULE = 400
NAMES_THAT_ATTRACT_EVERYTHING = {
    "utils", "util", "helpers", "helper", "common", "misc", "logic", "manager", "managers",
}  # fmt: skip


def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


def test_a_module_fits_a_reader() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}
    assert too_long == {}, "past 400 lines a module becomes a package, one deed per file"


def test_no_module_is_named_after_nothing() -> None:
    wrong = [
        path
        for path in modules()
        if path.stem in NAMES_THAT_ATTRACT_EVERYTHING
        or path.parent.name in NAMES_THAT_ATTRACT_EVERYTHING
    ]
    assert wrong == []


def test_rules_know_no_database_settings_or_clock() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    rules = next(c["source_modules"] for c in contracts if c["name"] == "Rules are pure")
    for name in rules:
        source = ROOT / "src" / (name.replace(".", "/") + ".py")
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert not module.startswith(("django.db", "django.conf", "django.http")), name
                assert module != "django.utils.timezone", name
            elif isinstance(node, ast.Attribute):
                assert node.attr not in ("now", "today", "utcnow"), f"{name} reads the clock"


def test_no_model_saves_by_itself_or_orders_by_default() -> None:
    from django.apps import apps

    for model in apps.get_models():
        if model.__module__.startswith("opora."):
            assert "save" not in vars(model), f"{model.__name__} overrides save()"
            assert not model._meta.ordering, f"{model.__name__} has a default ordering"


def test_nothing_names_a_registry_host() -> None:
    """What is installed is decided by hashes; from where, by the machine that installs."""
    hosts = [f"{name}.org" for name in ("pypi", "pythonhosted", "npmjs")]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in files
        if path.is_file()
        for host in hosts
        if host.encode() in path.read_bytes()
    ]
    assert found == []
