"""The invitation that a browser was sent with, until it is used or declined.

The secret stands in the address of one redirect only (WB-05) and then in a cookie: it survives
signing in and signing up, and the database is left alone until somebody presses the button
(AU-17).
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from opora.contracts.ids import INVITATION

PATH = "/invitations/"
DAY = 24 * 60 * 60


def invited_by(request: HttpRequest) -> str:
    """The secret of the invitation, "" without one."""
    return request.COOKIES.get(_name(), "")


def remember(response: HttpResponse, secret: str) -> None:
    """Keep the secret for a day; what cannot be one puts out the one before."""
    if not INVITATION.fullmatch(secret):
        forget(response)
        return
    response.set_cookie(
        _name(),
        secret,
        max_age=DAY,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(_name(), samesite="Lax")


def _name() -> str:
    return "__Host-invitation" if settings.SESSION_COOKIE_SECURE else "invitation"
