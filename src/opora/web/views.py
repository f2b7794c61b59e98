"""Pages that belong to no door: errors, the vendor's look, language and appearance."""

from __future__ import annotations

import hashlib
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_POST

from opora.accounts.models import Account
from opora.core.accent import mend
from opora.web.ways import is_own_path

FOREVER = "public, max-age=31536000, immutable"
YEAR = 365 * 24 * 3600
LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return _too_much(request)
    return render(request, "web/400.html", status=400)


def _too_much(request: HttpRequest) -> HttpResponse:
    """More than one form takes. It was not read, so nothing of it can be shown again."""
    most = {
        "text": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
    }
    return render(request, "web/too_much.html", {"most": most}, status=413)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "web/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "web/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Says so without touching the database, which may be what failed."""
    request.user = AnonymousUser()
    spoken = getattr(request, "LANGUAGE_CODE", "") or translation.get_language_from_request(request)
    with translation.override(spoken):
        return render(request, "web/500.html", {"at": timezone.now()}, status=500)


@login_not_required
@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "web/signed_out.html")


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """What conforms, how that is known, and what does not yet."""
    contact = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return render(request, "web/accessibility.html", {"contact": contact})


@lru_cache(maxsize=1)
def theme_version() -> str:
    """Changes whenever the vendor's colour or logo does; part of their addresses."""
    logo = settings.VENDOR_LOGO.read_bytes() if settings.VENDOR_LOGO else b""
    return hashlib.sha256(settings.VENDOR_ACCENT.encode() + logo).hexdigest()[:12]


@login_not_required
@require_GET
def theme(request: HttpRequest, version: str) -> HttpResponse:
    """The vendor's accent as style rules: a page may carry no inline style."""
    accent = mend(settings.VENDOR_ACCENT)
    rules = (
        ":root{"
        f"--accent:light-dark({accent.on_light},{accent.on_dark});"
        f"--on-accent:light-dark({accent.text_on_light},{accent.text_on_dark})"
        "}"
    )
    return HttpResponse(rules, "text/css", headers={"Cache-Control": FOREVER})


@login_not_required
@require_GET
def logo(request: HttpRequest, version: str) -> HttpResponse:
    """The vendor's logo; inert even if it is opened by itself."""
    file = settings.VENDOR_LOGO
    media_type = LOGO_TYPES.get(file.suffix.lower()) if file else None
    if file is None or media_type is None:
        raise Http404
    return HttpResponse(
        file.read_bytes(),
        media_type,
        headers={
            "Cache-Control": FOREVER,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
            "frame-ancestors 'none'; sandbox",
        },
    )


@login_not_required
@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device says; kept by the browser."""
    response = HttpResponseRedirect(way_back(request))
    chosen = request.POST.get("appearance", "")
    if chosen in ("light", "dark"):
        response.set_cookie(
            "appearance",
            chosen,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("appearance", samesite="Lax")
    return response


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of pages in this browser."""
    response = HttpResponseRedirect(way_back(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        remember_language(response, chosen)
    return response


def remember_language(response: HttpResponse, chosen: str) -> None:
    """Make `chosen` the language of this browser's pages; call it when a profile is saved."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def way_back(request: HttpRequest) -> str:
    """The posted `next` if it is a path of this host, else home (WB-02)."""
    wanted = request.POST.get("next", "")
    return wanted if is_own_path(wanted) else "/"


def is_customer(user: object) -> bool:
    """Whether pages of the portal are meant for this account."""
    return isinstance(user, Account) and not user.is_agent
