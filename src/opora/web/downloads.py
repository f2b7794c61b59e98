"""An attachment as an answer: always saved, never shown by the browser as a page (XS-04)."""

from __future__ import annotations

from django.http import FileResponse

from opora.cases.files import open_file
from opora.cases.models import Attachment

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def file_answer(attachment: Attachment) -> FileResponse:
    """The bytes, streamed; whether the reader may have them is asked before (AC-14)."""
    answer = FileResponse(
        open_file(attachment),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.media_type,
    )
    answer["Content-Security-Policy"] = POLICY
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
