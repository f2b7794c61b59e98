"""Files that come with a message: one by one from script, or together with the form."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.cases.errors import AttachmentRejected, CaseIsClosed, FileTooLarge
from opora.cases.files import receive_file, shown_name
from opora.cases.models import Attachment, Case
from opora.cases.queries import uploads_for
from opora.core.errors import InvalidInput, Refusal
from opora.core.formats import file_size
from opora.web.uploads import cut_off


def answer_to_upload(request: HttpRequest, account: Account, case: Case) -> JsonResponse:
    """Keep the one file that script sent for a message being written; it becomes the case's with
    the message. 201 as `told`, or 422 {refused}."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return nothing_received(request)
    try:
        if not case.is_open:
            raise CaseIsClosed(number=case.number)
        kept = receive_file(
            account=account, chunks=sent.chunks(), name=sent.name or "", now=timezone.now()
        )
    except Refusal as refusal:
        return JsonResponse({"refused": refusal.detail}, status=422)
    return JsonResponse(told(kept), status=201)


def nothing_received(request: HttpRequest) -> JsonResponse:
    """The answer to script whose file did not arrive, or was not read to its end."""
    refused = refused_unread(request) or [_("Nothing was received.")]
    return JsonResponse({"refused": refused[0]}, status=422)


def refused_unread(request: HttpRequest) -> list[str]:
    """The sentence about the file at which reading the form was given up, if one is."""
    name = cut_off(request)
    if name is None:
        return []
    limit_mb = settings.ATTACHMENT_LIMIT // 2**20
    return [FileTooLarge(name=shown_name(name), limit_mb=limit_mb).detail]


def told(upload: Attachment) -> dict[str, str]:
    """What script shows of an upload. `state`: received, scanning, ready, rejected, the first two
    with a `note`; `refused`: the sentence about one that the virus scanner locked."""
    return {
        "id": upload.public_id.hex,
        "name": upload.name,
        "size": file_size(upload.size),
        "state": upload.state,
        "note": _("being checked for viruses") if is_waiting(upload) else "",
        "refused": AttachmentRejected(name=upload.name).detail
        if upload.state == Attachment.State.REJECTED
        else "",
    }


def is_waiting(upload: Attachment) -> bool:
    """The virus scanner has not decided yet."""
    return upload.state in (Attachment.State.RECEIVED, Attachment.State.SCANNING)


def gather_files(
    request: HttpRequest, account: Account, *, into: list[Attachment], now: datetime
) -> list[str]:
    """Put the uploads kept earlier and the files of this form `into` the list, in that order; the
    sentences about those that were refused. One bad file among several costs only itself."""
    refused = []
    try:
        into += uploads_for(account, request.POST.getlist("kept"), now=now)
    except InvalidInput as refusal:
        refused += [error["message"] for error in refusal.errors]
    for sent in request.FILES.getlist("attachments"):
        try:
            into.append(
                receive_file(account=account, chunks=sent.chunks(), name=sent.name or "", now=now)
            )
        except Refusal as refusal:
            refused.append(refusal.detail)
    return refused + refused_unread(request)
