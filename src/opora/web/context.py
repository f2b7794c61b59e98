"""What every page's template knows beside its own context."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject

from opora.accounts.models import Account
from opora.billing.cards import takes_cards
from opora.core import demo
from opora.web.trouble import only_reading_works
from opora.web.views import theme_version

APPEARANCES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """`account` is None unless somebody is signed in; `appearance` "" follows the device."""
    user = getattr(request, "user", None)
    chosen = request.COOKIES.get("appearance", "")
    return {
        "request": request,
        # One mask a page, not one a form: drawing them took as long as drawing the page's head.
        "csrf_input": SimpleLazyObject(lambda: csrf_input(request)),
        "nonce": getattr(request, "csp_nonce", ""),
        "request_id": getattr(request, "request_id", ""),
        "vendor_name": settings.VENDOR_NAME,
        "sells": bool(settings.PAYMENTS),
        "has_logo": settings.VENDOR_LOGO is not None,
        "theme_version": theme_version(),
        "appearance": chosen if chosen in APPEARANCES else "",
        "account": user if user is not None and user.is_authenticated else None,
        "flashes": get_messages(request),
        "is_demo": _is_demo(),
        "only_reading_works": only_reading_works(),
        # Asked by the pages of settings only.
        "takes_cards": SimpleLazyObject(lambda: isinstance(user, Account) and takes_cards(user)),
    }


@cache
def _is_demo() -> bool:
    return demo.note_path().exists()
