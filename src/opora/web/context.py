"""What every page's template knows beside its own context."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    return {
        "request": request,
        "vendor_name": settings.VENDOR_NAME,
        "account": getattr(request, "user", None),
    }
