"""Letting a file in, or keeping it locked: what the virus scanner says decides (FI-06)."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.db import transaction

from opora.cases.files import path_of
from opora.cases.models import Attachment
from opora.cases.scanners import CLEAN, threat_in
from opora.core import audit

log = structlog.get_logger("opora.files")
State = Attachment.State


def scan_attachment(*, attachment_pk: int, now: datetime) -> None:
    """Have a received file looked at: it is `ready` after that, or `rejected` for good.

    A rejected file stays on disk, locked: nobody is given a byte of it. Safe to repeat; one that
    was removed or decided meanwhile is left alone. Raises ScannerTrouble, so that the queue tries
    again: until the scanner has said yes nobody gets the file. Without a scanner it is let in.
    """
    waiting = Attachment.objects.filter(
        pk=attachment_pk, state__in=(State.RECEIVED, State.SCANNING), erased_at__isnull=True
    )
    attachment = waiting.first()
    if attachment is None:
        return
    waiting.update(state=State.SCANNING)
    threat = CLEAN
    if settings.SCANNER:
        threat = threat_in(path_of(attachment), scanner=settings.SCANNER)
    with transaction.atomic():
        decided = waiting.update(state=State.REJECTED if threat else State.READY)
        if threat and decided:
            log.warning("files.threat_found", attachment=attachment.public_id.hex, threat=threat)
            audit.record(
                "file.rejected",
                target=("attachment", attachment.public_id.hex),
                by=None,
                at=now,
                threat=threat,
            )
