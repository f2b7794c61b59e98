"""Where a request comes from: never by a header that the caller can turn (AU-01)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The caller's address; "" if nothing says it.

    Behind `TRUSTED_PROXIES` proxies it is the one that the outermost of them saw: so many from the
    right of X-Forwarded-For. What stands further left is the caller's own word.
    """
    if trusted := int(settings.TRUSTED_PROXIES):
        forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        return forwarded[-trusted].strip() if len(forwarded) >= trusted else ""
    return str(request.META.get("REMOTE_ADDR", ""))
