"""Files of a request: sent by script with progress, fetched as attachments, never shown inline."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from opora.cases.errors import CaseIsClosed
from opora.cases.files import receive_file
from opora.cases.queries import attachment_for, case_for
from opora.core.errors import Refusal
from opora.core.formats import file_size
from opora.portal.door import PortalRequest, for_customers
from opora.web.downloads import download_of


@require_POST
@for_customers
def upload(request: PortalRequest, number: str) -> HttpResponse:
    """One file for the message being written; it becomes the case's with the message."""
    found = case_for(request.user, number)
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return JsonResponse({"refused": _("Nothing was received.")}, status=422)
    try:
        if not found.is_open:
            raise CaseIsClosed(number=found.number)
        kept = receive_file(
            account=request.user, chunks=sent.chunks(), name=sent.name or "", now=timezone.now()
        )
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.detail}, status=422)
    return JsonResponse(
        {"id": kept.public_id.hex, "name": kept.name, "size": file_size(kept.size)},
        status=201,
    )


@require_GET
@for_customers
def download(request: PortalRequest, number: str, file_id: str) -> FileResponse:
    """The bytes, to be saved: a browser runs and shows nothing of them (XS-04, XS-05)."""
    return download_of(attachment_for(request.user, number, file_id))
