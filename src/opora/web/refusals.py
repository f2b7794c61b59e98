"""The one place where a refusal's family becomes an HTTP status, for page, form and API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opora.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refusal,
    Rejected,
    TooManyTries,
    Unavailable,
)

STATUS: dict[type[Refusal], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Rejected: 422,
    TooManyTries: 429,
    Unavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """The status of the nearest family in the refusal's ancestry."""
    return next(STATUS[family] for family in type(refusal).__mro__ if family in STATUS)


def page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return render(request, "web/refusal.html", {"refusal": refusal}, status=status_of(refusal))
