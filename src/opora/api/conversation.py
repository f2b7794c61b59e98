"""What is written on a support request: messages, and files."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from ninja import Query, Router, UploadedFile

from opora.api.description import refuses
from opora.api.once import done_once
from opora.api.paging import PageWanted, cut
from opora.api.reading import refuse_other_parts
from opora.api.requests import ApiRequest
from opora.api.schemas.cases import (
    AttachmentList,
    AttachmentShown,
    Author,
    MessageList,
    MessageShown,
    MessageWanted,
    UploadShown,
)
from opora.cases import actions, files
from opora.cases import queries as cases
from opora.cases.models import Attachment, Message
from opora.web.downloads import download_of

router = Router(tags=["Messages and files"])

FILE_REFUSALS = {413: ("file-too-large",), 422: ("file-is-empty", "file-named-otherwise")}


@router.post("/uploads", response={201: UploadShown}, summary="Upload a file")
@refuses(FILE_REFUSALS)
def upload_file(request: ApiRequest, file: UploadedFile) -> HttpResponse:
    """For a case or message of the same account within 24 hours."""
    refuse_other_parts(request)

    def work() -> UploadShown:
        return _upload(
            files.receive_file(
                account=request.auth,
                chunks=file.chunks(),
                name=file.name or "",
                now=request.now,
            )
        )

    return done_once(request, work, file=file)


@router.get("/cases/{number}/messages", response=MessageList, summary="Messages")
def list_messages(request: ApiRequest, number: str, wanted: Query[PageWanted]) -> MessageList:
    """Oldest first."""
    case = cases.case_for(request.auth, number)
    page = cases.messages_of(case, request.auth, after=wanted.cursor, limit=wanted.limit)
    return MessageList(items=[_message(line) for line in page.items], next=page.next)


@router.post("/cases/{number}/messages", response={201: MessageShown}, summary="Write a message")
@refuses({403: ("not-allowed",), 409: ("case-is-closed",)})
def add_message(request: ApiRequest, number: str, wanted: MessageWanted) -> HttpResponse:
    def work() -> MessageShown:
        case = cases.case_for(request.auth, number)
        message = actions.write_message(
            case=case,
            body=wanted.body,
            attachments=cases.uploads_for(request.auth, wanted.attachments, now=request.now),
            by=request.auth,
            now=request.now,
        )
        return _message(message)

    return done_once(request, work)


@router.get("/cases/{number}/attachments", response=AttachmentList, summary="Files")
def list_attachments(request: ApiRequest, number: str, wanted: Query[PageWanted]) -> AttachmentList:
    case = cases.case_for(request.auth, number)
    rows = cases.attachments_of(case, request.auth)
    page = cut(rows, wanted, name=f"attachments:{number}", key=lambda row: row.public_id.hex)
    return AttachmentList(items=[_attachment(row) for row in page.items], next=page.next)


@router.post("/cases/{number}/attachments", response={201: AttachmentShown}, summary="Add a file")
@refuses(FILE_REFUSALS | {403: ("not-allowed",), 409: ("case-is-closed",)})
def add_attachment(request: ApiRequest, number: str, file: UploadedFile) -> HttpResponse:
    refuse_other_parts(request)

    def work() -> AttachmentShown:
        case = cases.case_for(request.auth, number)
        return _attachment(
            actions.attach_file(
                case=case,
                chunks=file.chunks(),
                name=file.name or "",
                by=request.auth,
                now=request.now,
            )
        )

    return done_once(request, work, file=file)


@router.get("/cases/{number}/attachments/{attachment_id}", summary="The bytes of a file")
@refuses({409: ("attachment-not-ready", "attachment-rejected")})
def get_attachment(request: ApiRequest, number: str, attachment_id: str) -> FileResponse:
    attachment = cases.attachment_for(request.auth, number, attachment_id)
    return download_of(attachment)


def _upload(attachment: Attachment) -> UploadShown:
    return UploadShown(
        id=attachment.public_id.hex,
        name=attachment.name,
        size=attachment.size,
        media_type=attachment.media_type,
        state=attachment.state,
    )


def _attachment(attachment: Attachment) -> AttachmentShown:
    return AttachmentShown(**_upload(attachment).model_dump(), at=attachment.at)


def _message(message: Message) -> MessageShown:
    return MessageShown(
        id=message.public_id.hex,
        author=Author(name=message.author.full_name, role=message.side),
        body=message.body,
        at=message.at,
        attachments=message.attachments,
        internal=message.kind == Message.Kind.NOTE,
    )
