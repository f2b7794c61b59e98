"""Files of a request: sent by script with progress, fetched, pictures and texts shown."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from opora.accounts.models import Account
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Draft
from opora.cases.queries import attachment_for, case_for, upload_for
from opora.portal.door import PortalRequest, for_customers
from opora.web.downloads import download_of, picture_of
from opora.web.previews import preview_of
from opora.web.sent_files import answer_to_upload, told


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


@require_GET
@for_customers
def preview(request: PortalRequest, number: str, file_id: str) -> HttpResponse:
    """A page of ours with the picture or the text in it."""
    file = attachment_for(request.user, number, file_id)
    return preview_of(request, file, number, door="portal")


@require_GET
@for_customers
def picture(request: PortalRequest, number: str, file_id: str) -> FileResponse:
    """The picture itself, inert: a raster of bearable size (FI-03, FI-07, XS-04)."""
    return picture_of(attachment_for(request.user, number, file_id))


@require_GET
@for_customers
def upload_state(request: PortalRequest, upload_id: str) -> HttpResponse:
    """What the virus scanner said of one's own upload, for script that waits for it."""
    return JsonResponse(told(upload_for(request.user, upload_id)))


def keep_file(account: Account, draft: Draft, file: UploadedFile[Any]) -> Attachment:
    """A file for the request being written; refusals as in `receive_file`."""
    return receive_file(
        account=account,
        chunks=file.chunks(),
        name=file.name or "",
        now=timezone.now(),
        draft=draft,
    )
