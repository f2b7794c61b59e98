"""Files at the desk: sent by script with progress, fetched, pictures and texts shown."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from opora.cases.queries import attachment_for, case_for
from opora.desk.door import DeskRequest, for_agents
from opora.web.downloads import download_of, picture_of
from opora.web.previews import preview_of
from opora.web.sent_files import answer_to_upload


@for_agents
@require_POST
def upload(request: DeskRequest, number: str) -> HttpResponse:
    """One file for the message being written."""
    return answer_to_upload(request, request.user, case_for(request.user, number))


@for_agents
@require_GET
def download(request: DeskRequest, number: str, file_id: str) -> FileResponse:
    """The bytes, to be saved: a browser runs and shows nothing of them (XS-04, XS-05)."""
    return download_of(attachment_for(request.user, number, file_id))


@for_agents
@require_GET
def preview(request: DeskRequest, number: str, file_id: str) -> HttpResponse:
    """A page of ours with the picture or the text in it."""
    file = attachment_for(request.user, number, file_id)
    return preview_of(request, file, number, door="desk")


@for_agents
@require_GET
def picture(request: DeskRequest, number: str, file_id: str) -> FileResponse:
    """The picture itself, inert: a raster of bearable size (FI-03, FI-07, XS-04)."""
    return picture_of(attachment_for(request.user, number, file_id))
