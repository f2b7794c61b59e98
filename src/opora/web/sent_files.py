"""Files that come with a message: one by one from script, or together with the form."""

from __future__ import annotations

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.errors import CaseIsClosed
from opora.cases.files import receive_file
from opora.cases.models import Attachment, Case
from opora.cases.queries import uploads_for
from opora.core.errors import Refusal
from opora.core.formats import file_size


def answer_to_upload(request: HttpRequest, account: Account, case: Case) -> JsonResponse:
    """Keep the one file that script sent for a message being written; it becomes the case's with
    the message. 201 {id, name, size}, or 422 {refused}."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return JsonResponse({"refused": _("Nothing was received.")}, status=422)
    try:
        if not case.is_open:
            raise CaseIsClosed(number=case.number)
        kept = receive_file(
            account=account, chunks=sent.chunks(), name=sent.name or "", now=timezone.now()
        )
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.detail}, status=422)
    return JsonResponse(
        {"id": kept.public_id.hex, "name": kept.name, "size": file_size(kept.size)}, status=201
    )


def gather_files(
    request: HttpRequest, account: Account, *, into: list[Attachment], now: datetime
) -> None:
    """Put the uploads kept earlier and the files of this form `into` the list, in that order.

    What came before a refused file is in the list, so that the page can keep it. Raises
    InvalidInput, FileTooLarge, EmptyFile.
    """
    into += uploads_for(account, request.POST.getlist("kept"), now=now)
    for sent in request.FILES.getlist("attachments"):
        if isinstance(sent, UploadedFile):
            into.append(
                receive_file(account=account, chunks=sent.chunks(), name=sent.name or "", now=now)
            )
