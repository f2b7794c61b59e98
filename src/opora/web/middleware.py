"""What every request passes through: an id, safe headers, its account, its reader's language."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from opora.accounts.models import Account
from opora.core.errors import OutOfOrder, Refusal
from opora.core.wording import LANGUAGES
from opora.web import refusals, trouble

Answer = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("opora.web")

CONTENT_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action {targets}; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
# The page with a processor's card fields: its script, frames and calls; nothing else is wider.
PAYMENT_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self' {processor}; "
    "frame-src {processor}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
NUL = "\x00"
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class RequestIdMiddleware:
    """Names each request; log lines carry the id, error pages show it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(
            request=request.request_id,  # type: ignore[attr-defined]
        ):
            response = self.answer(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class HeadersMiddleware:
    """A strict content policy and no caching, unless the view said otherwise (SECURITY 6).

    A view whose form is redirected to another host (a sign-in provider) names that origin first:
    `request.form_targets = ["https://login.example.com"]`. Browsers check redirects of forms too.
    One that shows a card processor's fields names its origins: `request.processor_origins`.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.answer(request)
        targets = " ".join(["'self'", *getattr(request, "form_targets", ())])
        processor = " ".join(getattr(request, "processor_origins", ()))
        policy = PAYMENT_POLICY if processor else CONTENT_POLICY
        response.headers.setdefault(
            "Content-Security-Policy",
            policy.format(nonce=nonce, targets=targets, processor=processor),
        )
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
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
    """The reader's language and time zone decide, never the writer's (S5, STYLE 2.8).

    Language: what this browser was switched to, else the account's, else what the browser asks for.
    Zone: the account's, else the vendor's.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        account = request.user
        switched = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = (
            (switched if switched in LANGUAGES else "")
            or getattr(account, "language", "")
            or translation.get_language_from_request(request)
        )
        request.LANGUAGE_CODE = language
        zone = getattr(account, "time_zone", "") or settings.VENDOR_TIME_ZONE
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _pairs(sent: QueryDict) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in sent.lists() for value in values)


class RefusalMiddleware:
    """A refusal nobody placed next to a field becomes a page with a way on.

    So does a database that takes nothing now, such as one on a full disk: the transaction wrote
    nothing, and trying again may help (F-05, F-06).
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> None:
        """No page takes the character NUL: nobody types it, PostgreSQL stores none (IN-01). The
        API has an answer of its own."""
        if getattr(view, "csrf_exempt", False):
            return
        sent = (request.GET, request.POST)
        if any(NUL in name or NUL in value for each in sent for name, value in _pairs(each)):
            raise BadRequest

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, (OperationalError, InterfaceError, InternalError)):
            log.error("database.refused", exc_info=error)
            trouble.note(error)
            error = OutOfOrder()
        return refusals.page(request, error) if isinstance(error, Refusal) else None
