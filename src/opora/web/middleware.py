"""What every request passes through: an id, safe headers, its account, its reader's language."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from opora.accounts.models import Account
from opora.core.errors import Refusal
from opora.web import refusals

Answer = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Names each request; log lines carry the id, error pages show it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        response = self.answer(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class HeadersMiddleware:
    """A strict content policy and no caching, unless the view said otherwise (SECURITY 6)."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        response = self.answer(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class AccountMiddleware(AuthenticationMiddleware):
    """`request.user` from the account that came with the session's row: no statement of its own."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: _account(request))  # type: ignore[assignment]


def _account(request: HttpRequest) -> Account | AnonymousUser:
    session = request.session
    digest = session.get(HASH_SESSION_KEY)  # loads the session with its account
    account: Account | None = getattr(session, "account", None)
    if account is None or not account.is_active:
        return AnonymousUser()
    if not digest or not constant_time_compare(digest, account.get_session_auth_hash()):
        session.flush()
        return AnonymousUser()
    return account


class ReaderMiddleware:
    """The reader's language and time zone decide, never the writer's (S5, STYLE 2.8)."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        account = request.user
        language = getattr(account, "language", "") or translation.get_language_from_request(request)
        zone = getattr(account, "time_zone", "")
        with (
            translation.override(language),
            timezone.override(ZoneInfo(zone) if zone else None),
        ):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", language)
        return response


class RefusalMiddleware:
    """A refusal nobody placed next to a field becomes a page with a way on."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refusals.page(request, error) if isinstance(error, Refusal) else None
