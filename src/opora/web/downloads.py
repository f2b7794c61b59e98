"""How a file that somebody uploaded leaves: to be saved, never to be run or shown (XS-04)."""

from __future__ import annotations

from django.http import FileResponse

from opora.cases.files import open_file
from opora.cases.models import Attachment

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
    response["Content-Length"] = str(file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = INERT
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
