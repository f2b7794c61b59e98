"""Before every command: the database is there and up to date; at first start it is filled."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.utils import timezone

from opora.core import installation


def prepare(*, serves: bool = False) -> None:
    """One cheap comparison, then whatever is needed. OPORA_MIGRATE=never leaves it to `serve`."""
    if settings.ENVIRONMENT.migrate == "never" and not serves:
        if not installation.is_current():
            raise installation.DatabaseIsNotCurrent
        return
    installation.bring_up_to_date(at_first_start=fill, now=timezone.now())


def fill(now: datetime) -> None:
    """What ships inside the package: the catalogue, the plans, one queue that holds every agent."""
    from opora.cases.actions import ensure_default_queue
    from opora.catalog.actions import load_catalog
    from opora.contracts.actions import load_plans

    for document in shipped("opora.catalog"):
        load_catalog(document, now=now)
    for document in shipped("opora.contracts"):
        load_plans(document, now=now)
    ensure_default_queue(now=now)


def shipped(package: str) -> list[Any]:
    """The JSON documents in a package's `data` folder, in the order of their names."""
    folder = files(package) / "data"
    if not folder.is_dir():
        return []
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".json"))
    return [json.loads((folder / name).read_text(encoding="utf-8")) for name in names]
