"""Whether this installation is a demo, and what its demo page may show.

`opora demo` leaves a note in the data folder; no other command writes it, and a folder without it
is no demo.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings

NOTE = "demo.json"


def note_path() -> Path:
    return Path(settings.DATA_DIR) / NOTE


def read_note() -> dict[str, Any] | None:
    """What the demo noted of itself, None if this is no demo."""
    try:
        note: dict[str, Any] = json.loads(note_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return note


def write_note(note: dict[str, Any]) -> None:
    path = note_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(note, indent=1), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.rename(path)
