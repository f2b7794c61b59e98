"""Jobs about files: having them scanned, erasing a closed case's, sweeping what nobody claimed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opora.cases import actions, files, states
from opora.core.models import Job


def scan_file(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """Let a file in or lock it. `payload`: {"attachment": key}. A scanner that is away: later."""
    actions.scan_attachment(attachment_pk=payload["attachment"], now=now)


def erase_files(payload: dict[str, Any], job: Job, now: datetime) -> None:
    """90 days after closing (S8.6). `payload`: {"case": key}. A reopened case keeps its files."""
    files.erase_files_of(case_pk=payload["case"], closed_before=now - states.FILES_KEPT, now=now)


def sweep_uploads(payload: dict[str, Any], job: Job, now: datetime) -> None:
    files.sweep(now=now)
