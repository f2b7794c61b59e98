"""Every template of ours, without rendering it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines

import opora
from opora.web.icons import icon

pytestmark = pytest.mark.rules

ROOT = Path(opora.__file__).parent
TEMPLATES = sorted(ROOT.glob("*/jinja2/**/*.html"))
INLINE = re.compile(r"""<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bnonce=)|javascript:""")
LOOKS_LIKE_ICON = re.compile(r"""icon\(\s*"([a-z0-9-]+)"|call empty\([^%]*,\s*"([a-z0-9-]+)"\)""")
OTHER_RULES = ("notifications", "api")  # mails; the page to try calls, under a policy of its own


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix().split("/jinja2/", 1)[1]


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_compiles(path: Path) -> None:
    engines.all()[0].get_template(named(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_icon_is_there(path: Path) -> None:
    for found in LOOKS_LIKE_ICON.finditer(path.read_text()):
        assert "<svg" in icon(found[1] or found[2])


@pytest.mark.shows("XS-07")
@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES if path.relative_to(ROOT).parts[0] not in OTHER_RULES],
    ids=named,
)
def test_nothing_is_inline(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []
