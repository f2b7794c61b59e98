"""What pages name is there: commands with their options, targets, files, modules, settings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from opora.cli.main import command_parser
from opora.config.env import Environment
from tests.databases import ROOT

# Pages that people write; those of docs/reference and what tests show follow from the code.
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if page.parent.name != "reference" and page.name not in ("coverage.md", "CHANGELOG.md")
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
TARGETS = set(re.findall(r"^([a-z][a-z0-9+-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SETTINGS = {f"OPORA_{name.upper()}" for name in Environment.model_fields}
PATH = r"[a-z_*][\w.*-]*(/[\w.*-]+)+/?"


def blocks(text: str) -> str:
    """What stands in fenced blocks, lines that go on put together."""
    return "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")


def spans(text: str) -> list[str]:
    """What stands in code spans outside fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def commands(text: str) -> Iterator[list[str]]:
    """Each call of `opora` in a block, as the words that it would be given."""
    for line in re.sub(r"\$\((?!opora)[^)]*\)", "X", blocks(text)).splitlines():
        found = re.search(r"(?:^|[ /(=])opora ([a-z][^|<>#;&)]*)", line)
        if found and not line.lstrip().startswith("#"):
            yield shlex.split(found[1])


def is_there(name: str) -> bool:
    """Whether a file or folder, perhaps a pattern, is in the tree or in the package."""
    return any(
        any(ROOT.glob(start + name.rstrip("/")))
        for start in ("", "src/opora/", "src/opora/billing/")
    )


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_commands_are_written_as_they_are_taken(path: Path) -> None:
    for words in commands(path.read_text(encoding="utf-8")):
        command_parser(words).parse_args(words)  # exits and says why not


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_targets_files_modules_and_settings_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = spans(text)
    called = re.findall(r"^make ([a-z0-9+-]+)", blocks(text), re.MULTILINE)
    called += [span.split()[1] for span in named if re.fullmatch(r"make [a-z0-9+-]+", span)]
    assert set(called) <= TARGETS
    paths = [one for one in named if re.fullmatch(PATH, one) and "CONTEXT" not in one]
    assert [one for one in paths if not is_there(one)] == []
    modules = [one for one in named if re.fullmatch(r"opora(\.\w+)+", one)]
    assert [one for one in modules if find_spec(one) is None] == []
    settings = set(re.findall(r"\bOPORA_[A-Z_]*[A-Z]\b", text))
    settings = {one.removesuffix("_FILE") for one in settings}
    assert {one for one in settings if not one.startswith("OPORA_TEST_")} <= SETTINGS
