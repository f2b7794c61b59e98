"""Load the channels of the page of help: what the file has stands there, nothing else (S9.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from django.db import transaction

from opora.catalog.channel_files import read_channels
from opora.catalog.models import Channel
from opora.core import audit


@dataclass(frozen=True)
class ChannelsReport:
    """How many channels the file has, how many were written and how many taken away."""

    channels: int
    changed: int
    removed: int


@transaction.atomic
def load_channels(document: Any, *, now: datetime) -> ChannelsReport:
    """Make the page of help say what a parsed file says; BadChannels, with nothing loaded, if any
    row is bad. Nothing refers to a channel: those that the file does not have are taken away.
    Loading the same file again writes nothing."""
    rows = read_channels(document)
    stored = {channel.slug: channel for channel in Channel.objects.locked()}
    changed = 0
    for row in rows:
        channel = stored.pop(row.slug, None) or Channel(slug=row.slug)
        differs = [name for name, value in row.facts.items() if getattr(channel, name) != value]
        if channel.pk is None or differs:
            for name in differs:
                setattr(channel, name, row.facts[name])
            channel.save()
            changed += 1
    for gone in stored.values():
        gone.delete()
    if changed or stored:
        audit.record(
            "channels.loaded",
            target=("catalog", "channels"),
            by=None,
            at=now,
            channels=len(rows),
            changed=changed,
            removed=len(stored),
        )
    return ChannelsReport(channels=len(rows), changed=changed, removed=len(stored))


def load_demo_channels(*, now: datetime) -> ChannelsReport:
    """Load the channels of the demo's vendor."""
    file = files("opora.catalog") / "data" / "demo" / "channels.json"
    return load_channels(json.loads(file.read_text(encoding="utf-8")), now=now)
