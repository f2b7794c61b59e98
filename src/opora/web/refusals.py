"""The one place where a refusal's family becomes an HTTP status, for page, form and API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from opora.core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
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
STATUS_OF_CODE = {"file-too-large": 413}


def status_of(refusal: Refusal) -> int:
    """The status of its code, else of the nearest family in the refusal's ancestry."""
    if by_code := STATUS_OF_CODE.get(refusal.code):
        return by_code
    return next(STATUS[family] for family in type(refusal).__mro__ if family in STATUS)


@contextmanager
def refusals_on(form: Form, *, field: str | None = None) -> Iterator[None]:
    """Show what is refused inside the form, and go on after the block.

    An `InvalidInput` goes to the fields it names, any other refusal to `field` or to the top.
    "May not" and the one neutral "not found" are no matter of a form: they pass.
    """
    try:
        yield
    except Forbidden:
        raise
    except InvalidInput as refusal:
        for error in refusal.errors:
            name = error["field"].replace(".", "_")
            form.add_error(name if name in form.fields else None, error["message"])
    except Refusal as refusal:
        if refusal.code == NotFound.code:
            raise
        form.add_error(field, refusal.detail)


def page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if refusal.code == NotFound.code:
        return render(request, "web/404.html", status=404)
    answer = render(request, "web/refusal.html", {"refusal": refusal}, status=status_of(refusal))
    if isinstance(seconds := refusal.facts().get("retry_after"), int):
        answer["Retry-After"] = str(seconds)
    return answer
