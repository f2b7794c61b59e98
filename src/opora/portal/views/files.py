"""Files of a request: sent by script with progress, fetched as attachments, never shown inline."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from opora.cases.queries import attachment_for, case_for
from opora.portal.door import PortalRequest, for_customers
from opora.web.downloads import download_of
from opora.web.sent_files import answer_to_upload


@require_POST
@for_customers
def upload(request: PortalRequest, number: str) -> HttpResponse:
    """One file for the message being written; it becomes the case's with the message."""
    return answer_to_upload(request, request.user, case_for(request.user, number))


@require_GET
@for_customers
def download(request: PortalRequest, number: str, file_id: str) -> FileResponse:
    """The bytes, to be saved: a browser runs and shows nothing of them (XS-04, XS-05)."""
    return download_of(attachment_for(request.user, number, file_id))
