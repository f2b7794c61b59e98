"""How a file that somebody uploaded leaves: to be saved, never to be run (XS-04).

Shown are only plain rasters of bearable size, as what their bytes say they are, and the beginning
of plain text inside a page of ours.
"""

from __future__ import annotations

from django.http import FileResponse

from opora.cases import pictures
from opora.cases.errors import AttachmentNotFound
from opora.cases.files import PICTURES, open_file
from opora.cases.models import Attachment

LONGEST_TEXT = 64 * 1024
INERT = "default-src 'none'; frame-ancestors 'none'; sandbox"


def download_of(file: Attachment) -> FileResponse:
    """The bytes as a stream. The name is encoded by RFC 6266 (XS-05); AttachmentNotFound once
    erased."""
    response = FileResponse(
        open_file(file),
        as_attachment=True,
        filename=file.name,
        content_type="application/octet-stream",
    )
    return _inert(response, file)


def picture_of(file: Attachment) -> FileResponse:
    """A picture for a page of ours to show: a raster that is not too large, never SVG or HTML.
    AttachmentNotFound for anything else (FI-03)."""
    if not may_be_picture(file):
        raise AttachmentNotFound
    content = open_file(file)
    head = content.read(pictures.HEAD)
    if not pictures.is_bearable(head, file.media_type):
        content.close()
        raise AttachmentNotFound
    content.seek(0)
    return _inert(FileResponse(content, filename=file.name, content_type=file.media_type), file)


def beginning_of(file: Attachment) -> str | None:
    """The first LONGEST_TEXT bytes of a text, None for what is no text. Cut characters and wrong
    ones are shown as such."""
    if file.media_type != "text/plain" or not is_there(file):
        return None
    with open_file(file) as content:
        return content.read(LONGEST_TEXT).decode("utf-8", errors="replace")


def is_there(file: Attachment) -> bool:
    """Whether anybody is given its bytes: neither erased nor locked nor still being checked."""
    return file.erased_at is None and file.state == Attachment.State.READY


def may_be_picture(file: Attachment) -> bool:
    """Whether a page may try to show it; its size in pixels is looked at when it is fetched."""
    return is_there(file) and file.media_type in PICTURES and file.size <= pictures.MOST_BYTES


def _inert(response: FileResponse, file: Attachment) -> FileResponse:
    response["Content-Length"] = str(file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
