"""What every call passes through: the reader's language, and problems for what is no call."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import (
    get_supported_language_variant,
    parse_accept_lang_header,
)
from django.views.decorators.csrf import csrf_exempt

from opora.api.errors import MethodNotAllowed, NoSuchCall
from opora.api.problems import problem
from opora.api.requests import OpenRequest

View = Callable[..., HttpResponse]


def behind_the_door(view: View, *, queries: Mapping[str, Collection[str]] | None) -> View:
    """`view` of the API as Django calls it; `queries` names the query parameters of each method;
    None: any method, any query.

    The session's sign-in is not asked for: a call knows its caller by the token alone.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **path: Any) -> HttpResponse:
        asked = cast(OpenRequest, request)
        asked.chosen_language = chosen_language(request)
        with (
            translation.override(asked.chosen_language or settings.LANGUAGE_CODE),
            timezone.override(None),
        ):
            response = _checked(view, request, args, path, queries)
            response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response

    return login_not_required(csrf_exempt(answer))


def _checked(
    view: View,
    request: HttpRequest,
    args: Any,
    path: dict[str, Any],
    queries: Mapping[str, Collection[str]] | None,
) -> HttpResponse:
    if any("\x00" in str(part) for part in path.values()):
        return problem(NoSuchCall())  # no engine stores it, so nothing can have that name
    if queries is None:
        return view(request, *args, **path)
    known = queries.get(request.method or "")
    if known is None:
        return problem(MethodNotAllowed(allowed=", ".join(sorted(queries))))
    cast(OpenRequest, request).known_queries = known
    return view(request, *args, **path)


def no_such_call(request: HttpRequest) -> HttpResponse:
    """Every address under the API that is no call."""
    return problem(NoSuchCall())


def chosen_language(request: HttpRequest) -> str | None:
    """The first language of Accept-Language that Opora speaks; None: the account decides."""
    for language, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if language == "*":
            return None
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return None
