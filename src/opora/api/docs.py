"""The description itself, and a page to try the calls: both without a token or the network."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

# This page alone: the library's script builds its own styles and needs no trusted types.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def openapi_json(described: Callable[[], dict[str, Any]]) -> Callable[[HttpRequest], HttpResponse]:
    """The view that serves the description; it is made once a process."""

    @lru_cache(maxsize=1)
    def text() -> str:
        return json.dumps(described(), ensure_ascii=False)

    @login_not_required
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(text(), content_type="application/json; charset=utf-8")

    return view


@login_not_required
@require_safe
def docs_page(request: HttpRequest) -> HttpResponse:
    response = render(request, "api/docs.html")
    response["Content-Security-Policy"] = DOCS_POLICY
    return response
