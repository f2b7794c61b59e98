"""Attachments on disk: streamed in, named by the server, durable before their row (F-29).

A file is written to a temporary name, synced, renamed, its folder synced; only then is the row
written. So a file without a row can be left by a crash (the sweeper removes it), a row without
its file never.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import transaction

from opora.accounts.models import Account
from opora.cases.errors import (
    AttachmentNotFound,
    AttachmentNotReady,
    AttachmentRejected,
    EmptyFile,
    FileNamedOtherwise,
    FileTooLarge,
    TooManyFiles,
)
from opora.cases.models import Attachment, Case, Draft
from opora.core import audit, outbox
from opora.core.errors import OutOfOrder
from opora.core.outbox import Effect

log = structlog.get_logger("opora.files")

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
LOOSE_FOR = timedelta(hours=24)  # an upload waits so long for its case or message
MOST_ON_A_DRAFT = 20
LONGEST_NAME = 180
SCAN = "attachment.scan"

# What a file is, by its first bytes: only types that are shown as such; all else is plain bytes.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),  # older Office files
)
PICTURES = ("image/png", "image/jpeg", "image/gif")
# What the ending of a name promises, and what may stand behind it.
PROMISES: dict[str, tuple[str, ...]] = {
    ".png": PICTURES,
    ".jpg": PICTURES,
    ".jpeg": PICTURES,
    ".gif": PICTURES,
    ".pdf": ("application/pdf",),
}
UNKNOWN = ("application/octet-stream", "text/plain")
# Control and formatting characters (bidirectional overrides, zero-width ones) and path separators.
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|]")


def receive_file(
    *,
    account: Account,
    chunks: Iterable[bytes],
    name: str,
    now: datetime,
    case: Case | None = None,
    draft: Draft | None = None,
    is_internal: bool = False,
) -> Attachment:
    """Store one file for `account`: on a case, on a draft, or loose for 24 hours.

    Refuses an empty file (`EmptyFile`), one over the vendor's limit (`FileTooLarge`), however long
    it claimed to be, and one that is known to be something else than its ending says
    (`FileNamedOtherwise`); nothing is left of it then. Whether `account` may write to `case` is the
    caller's question. Where the vendor has a virus scanner, the file is `ready` only after it.
    """
    shown = shown_name(name)
    if draft and draft.attachments.count() >= MOST_ON_A_DRAFT:
        raise TooManyFiles(name=shown, limit=MOST_ON_A_DRAFT)
    stored = _store(chunks, name=shown)
    with transaction.atomic():
        attachment = Attachment.objects.create(
            case=case,
            draft=draft,
            uploaded_by=account,
            name=shown,
            size=stored.size,
            media_type=stored.media_type,
            sha256=stored.digest,
            stored_as=stored.stored_as,
            at=now,
            is_internal=is_internal,
            state=Attachment.State.RECEIVED if settings.SCANNER else Attachment.State.READY,
        )
        if settings.SCANNER:
            outbox.publish(
                Effect(
                    SCAN,
                    key=f"attachment:{attachment.public_id.hex}",
                    payload={"attachment": attachment.pk},
                ),
                at=now,
            )
        if case is not None:
            audit.record(
                "case.file_added",
                target=("case", case.number),
                by=account.pk,
                at=now,
                attachment=attachment.public_id.hex,
                internal=is_internal or None,
            )
    return attachment


def remove_upload(*, attachment: Attachment, now: datetime) -> None:
    """Take a file off a draft before it is submitted. Asking twice is fine; a case's file stays."""
    with transaction.atomic():
        gone = Attachment.objects.filter(pk=attachment.pk, case__isnull=True).delete()[0]
    if gone:
        _path(attachment.stored_as).unlink(missing_ok=True)


def open_file(attachment: Attachment) -> BinaryIO:
    """The bytes, for streaming. `AttachmentNotFound` once it is erased, `AttachmentNotReady` before
    the virus scanner has seen it, `AttachmentRejected` if that found something."""
    if attachment.erased_at is not None:
        raise AttachmentNotFound
    if attachment.state == Attachment.State.REJECTED:
        raise AttachmentRejected(name=attachment.name)
    if attachment.state != Attachment.State.READY:
        raise AttachmentNotReady(name=attachment.name)
    return path_of(attachment).open("rb")


def path_of(attachment: Attachment) -> Path:
    """Where the bytes lie. Only for what looks at them without giving them away."""
    return _path(attachment.stored_as)


def erase_files_of(*, case_pk: int, closed_before: datetime, now: datetime) -> int:
    """Erase a closed case's files (S8.6); how many. The row stays and says when."""
    case = Case.objects.filter(pk=case_pk, closed_at__lte=closed_before).first()
    if case is None:
        return 0
    rows = list(case.attachments.filter(erased_at__isnull=True))
    with transaction.atomic():
        Attachment.objects.filter(pk__in=[a.pk for a in rows]).update(erased_at=now)
        if rows:
            audit.record(
                "case.files_erased",
                target=("case", case.number),
                by=None,
                at=now,
                count=len(rows),
            )
    for row in rows:
        _path(row.stored_as).unlink(missing_ok=True)
    return len(rows)


def sweep(*, now: datetime) -> int:
    """Remove loose uploads and files without a row, both older than a day; how many (F-17, F-29).

    Files on an unfinished draft stay as long as the draft does.
    """
    oldest = now - LOOSE_FOR
    loose = list(Attachment.objects.filter(case__isnull=True, draft__isnull=True, at__lt=oldest))
    for attachment in loose:
        remove_upload(attachment=attachment, now=now)
    strays = [path for path in _files() if path.stat().st_mtime < oldest.timestamp()]
    known: set[str] = set()
    for some in range(0, len(strays), 500):
        names = [path.name for path in strays[some : some + 500]]
        known.update(
            Attachment.objects.filter(stored_as__in=names).values_list("stored_as", flat=True)
        )
    gone = [path for path in strays if path.name not in known]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(loose) + len(gone)


def shown_name(name: str) -> str:
    """A file's name as shown: normalised first, then freed of paths and invisible characters."""
    text = unicodedata.normalize("NFC", name)
    text = text.replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    text = UNSHOWABLE.sub("_", text).strip(" .")
    if len(text) > LONGEST_NAME:
        stem, dot, ending = text.rpartition(".")
        keep = LONGEST_NAME - len(ending) - 1
        text = f"{stem[:keep]}.{ending}" if dot and 0 < len(ending) <= 20 else text[:LONGEST_NAME]
    return text or "file"


class _Stored:
    """What is on disk now."""

    def __init__(self, stored_as: str, size: int, digest: str, media_type: str) -> None:
        self.stored_as = stored_as
        self.size = size
        self.digest = digest
        self.media_type = media_type


def _store(chunks: Iterable[bytes], *, name: str) -> _Stored:
    stored_as = secrets.token_hex(24)
    path = _path(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    incoming = path.with_suffix(".part")
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        descriptor = os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > settings.ATTACHMENT_LIMIT:
                    raise FileTooLarge(name=name, limit_mb=settings.ATTACHMENT_LIMIT // 2**20)
                head = head or chunk[:64]
                digest.update(chunk)
                file.write(chunk)
            if size == 0:
                raise EmptyFile(name=name)
            _refuse_disguised(name, _media_type(head))
            file.flush()
            os.fsync(file.fileno())
        incoming.rename(path)
    except BaseException as error:
        incoming.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            log.exception("files.no_room")
            raise OutOfOrder from error  # 503; what was typed beside the file is kept (F-06)
        raise
    _sync_folder(path.parent)
    return _Stored(stored_as, size, digest.hexdigest(), _media_type(head))


def _refuse_disguised(name: str, media_type: str) -> None:
    """A document named as a picture misleads whoever opens it. What is not known is let be."""
    promised = PROMISES.get(Path(name).suffix.lower(), ())
    if promised and media_type not in (*promised, *UNKNOWN):
        raise FileNamedOtherwise(name=name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _media_type(head: bytes) -> str:
    for signature, media_type in SIGNATURES:
        if head.startswith(signature):
            return media_type
    if b"\x00" in head:
        return "application/octet-stream"
    try:
        head[:60].decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        # A character cut by the end of the sample is still text.
        return "text/plain" if error.start >= 57 else "application/octet-stream"
    return "text/plain"


def _path(stored_as: str) -> Path:
    return Path(settings.DATA_DIR) / "files" / stored_as[:2] / stored_as


def _files() -> Iterator[Path]:
    folder = Path(settings.DATA_DIR) / "files"
    return (path for path in folder.glob("??/*") if path.is_file()) if folder.exists() else iter(())
