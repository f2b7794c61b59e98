"""Idempotency-Key: a POST that is sent again is answered again, not done again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from ninja import UploadedFile
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from opora.api.reading import parsed_json
from opora.api.requests import ApiRequest
from opora.core.idempotency import (
    Answer,
    Call,
    KeyRequired,
    KeyReused,
    answer_once,
    fingerprint_of,
    is_used,
)

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
MEDIA_TYPE = "application/json; charset=utf-8"


def done_once(
    request: ApiRequest,
    work: Callable[[], BaseModel],
    *,
    status: int = 201,
    required: bool = False,
    file: UploadedFile | None = None,
) -> HttpResponse:
    """Answer with what `work` gives, as JSON; with a key, at most once per key.

    `work` asks the door and does the deed: a repeated call is answered before either, so also when
    the caller has lost access since. KeyRequired without a valid key where one is `required`.
    """

    def answer() -> Answer:
        return Answer(status=status, body=as_json(work()))

    key = key_of(request)
    if key is None:
        if required:
            raise KeyRequired
        given = answer()
    else:
        call = Call(
            account_id=request.auth.pk,
            name=_name_of(request),
            key=key,
            fingerprint=_fingerprint(request, file),
        )
        given = answer_once(call, now=request.now, work=answer)
    return HttpResponse(given.body, status=given.status, content_type=MEDIA_TYPE)


def refuse_used_key(request: ApiRequest) -> None:
    """For a body that cannot be taken: KeyReused if its key came with one that could."""
    key = request.headers.get(HEADER)
    if key is None or not KEY.fullmatch(key) or request.method != "POST":
        return
    if is_used(account_id=request.auth.pk, name=_name_of(request), key=key):
        raise KeyReused


def key_of(request: ApiRequest) -> str | None:
    """The call's key, None without one. KeyRequired for a header that can be none."""
    key = request.headers.get(HEADER)
    if key is not None and not KEY.fullmatch(key):
        raise KeyRequired
    return key


def as_json(shown: BaseModel) -> str:
    """What is answered for `shown`, character by character."""
    return json.dumps(shown.model_dump(), cls=NinjaJSONEncoder, ensure_ascii=False)


def _name_of(request: ApiRequest) -> str:
    return f"{request.method} {request.path}"[:120]


def _fingerprint(request: ApiRequest, file: UploadedFile | None) -> str:
    """Of the parsed JSON; of an uploaded file: its name and bytes."""
    if file is None:
        parsed: Any = parsed_json(request.body) if request.body else None
        return fingerprint_of(parsed)
    digest = sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return fingerprint_of({"file": digest.hexdigest(), "name": file.name})
