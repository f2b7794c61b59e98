"""Every refusal as a problem (RFC 9457): one shape for rules, validation, sign-in and accidents."""

from __future__ import annotations

import json
import logging
from typing import Any, cast

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.responses import NinjaJSONEncoder

from opora.api.errors import (
    BodyTooLarge,
    MethodNotAllowed,
    NotAuthenticated,
    Unexpected,
)
from opora.api.once import refuse_used_key
from opora.api.reading import sentences_of
from opora.api.requests import ApiRequest
from opora.core.errors import InvalidInput, NotFound, OutOfOrder, Refusal
from opora.core.idempotency import KeyReused
from opora.web import refusals, trouble

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# Statuses that belong to this door alone; all others come from the refusal's family.
STATUS: dict[type[Refusal], int] = {
    NotAuthenticated: 401,
    MethodNotAllowed: 405,
    BodyTooLarge: 413,
    Unexpected: 500,
}


def status_of(refusal: Refusal) -> int:
    return STATUS.get(type(refusal)) or refusals.status_of(refusal)


def problem_members(refusal: Refusal) -> dict[str, Any]:
    """The members of a problem, sentences in the reader's language, and its facts."""
    members: dict[str, Any] = {
        "type": f"/problems/{refusal.code}",
        "title": str(refusal.title),
        "status": status_of(refusal),
        "detail": refusal.detail,
        "code": refusal.code,
    }
    # A fact may be called `status` too: "Contract is already registered" says the contract's there,
    # as API.md promises; the line of the answer says 409.
    return members | refusal.facts()


def problem(refusal: Refusal) -> HttpResponse:
    """The answer for a refusal, with the headers its status asks for."""
    members = problem_members(refusal)
    status = status_of(refusal)
    response = HttpResponse(
        json.dumps(members, cls=NinjaJSONEncoder, ensure_ascii=False),
        status=status,
        content_type=MEDIA_TYPE,
    )
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="opora"'
    if isinstance(retry_after := members.get("retry_after"), int):
        response["Retry-After"] = str(retry_after)
    if isinstance(refusal, MethodNotAllowed):
        response["Allow"] = refusal.allowed
    return response


def answer_problems(api: NinjaAPI) -> None:
    """Register the answers of `api` to everything that can be raised below it."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(ValidationError, _not_valid)
    api.add_exception_handler(AuthenticationError, _not_authenticated)
    api.add_exception_handler(HttpError, _not_readable)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    for malformed in (MultiPartParserError, BadRequest, SuspiciousOperation, UnreadablePostError):
        api.add_exception_handler(malformed, _malformed)
    for failure in (OperationalError, InterfaceError, InternalError):
        api.add_exception_handler(failure, _database_failed)
    api.add_exception_handler(Exception, _failed)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error)


def _not_valid(request: HttpRequest, error: Any) -> HttpResponse:
    if any(fault["loc"][0] == "body" for fault in error.errors):
        try:
            refuse_used_key(cast(ApiRequest, request))
        except KeyReused as refusal:
            return problem(refusal)
    return problem(InvalidInput(errors=sentences_of(error.errors)))


def _not_authenticated(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(NotAuthenticated())


def _not_readable(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(InvalidInput(errors=sentences_of([{"loc": ("body",), "type": "json_invalid"}])))


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(NotFound())


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(BodyTooLarge())


def _malformed(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(
        InvalidInput(errors=sentences_of([{"loc": ("body",), "type": "body_unreadable"}]))
    )


def _database_failed(request: HttpRequest, error: Any) -> HttpResponse:
    logger.error("the database refused", exc_info=error)
    trouble.note(error)
    return problem(OutOfOrder())


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    request_id = str(getattr(request, "request_id", ""))
    logger.error("unexpected error", exc_info=error, extra={"request_id": request_id})
    return problem(Unexpected(request_id=request_id))
