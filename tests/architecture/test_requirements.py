"""The locked lists hold what the .in files ask for and all that it needs, and nothing else."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.databases import ROOT

FOLDER = ROOT / "requirements"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
ENVIRONMENT = {"python_full_version": "3.11.2", "python_version": "3.11"}


def asked(name: str) -> list[Requirement]:
    """The lines of a .in file, and of those it includes."""
    found: list[Requirement] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        text = re.split(r"(?:^|\s)#", line)[0].strip()
        if text.startswith("-r "):
            found += asked(text[3:])
        elif text:
            found.append(Requirement(text))
    return found


def locked(name: str) -> dict[str, str]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return {canonicalize_name(found[1]): found[2] for found in PIN.finditer(text)}


@pytest.mark.parametrize("name", ["runtime", "test"])
def test_the_lock_holds_what_is_asked_and_all_that_it_needs(name: str) -> None:
    pins = locked(f"{name}.txt")
    waiting = asked(f"{name}.in")
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        package = canonicalize_name(requirement.name)
        assert package in pins, f"{package} is not in requirements/{name}.txt: lock it again"
        assert requirement.specifier.contains(pins[package], prereleases=True), (
            f"{requirement} is asked for, {pins[package]} is locked"
        )
        for extra in ("", *sorted(requirement.extras)):
            if (package, extra) not in seen:
                seen.add((package, extra))
                waiting += _needs(package, extra)
    assert {package for package, _ in seen} == set(pins), "the lock holds what nothing asks for"


def _needs(package: str, extra: str) -> list[Requirement]:
    try:
        lines = requires(package) or []
    except PackageNotFoundError:
        return []  # for another platform
    found = [Requirement(line) for line in lines]
    return [
        one
        for one in found
        if one.marker is None or one.marker.evaluate(ENVIRONMENT | {"extra": extra})
    ]


@pytest.mark.parametrize("name", ["runtime", "test"])
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        if PIN.match(entry):
            assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_tests_run_on_what_opora_runs_on() -> None:
    runtime, test = locked("runtime.txt"), locked("test.txt")
    assert {name: test.get(name) for name in runtime} == runtime
