"""What a browser may keep for good."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management import call_command


def test_scripts_import_each_other_under_names_that_may_be_kept(
    tmp_path: Path, settings: Any
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "opora.web.static_storage.HashedFiles"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    [workflow] = (tmp_path / "portal").glob("draft.????????????.js")
    imported = re.findall(r'(?:from|import)\s*"([^"]+)"', workflow.read_text(encoding="utf-8"))
    assert len(imported) == 4
    for name in imported:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name)
        assert (workflow.parent / name).resolve().is_file()
