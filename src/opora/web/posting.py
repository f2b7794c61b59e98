"""A page with a form: looked at, then sent."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form; None: it is looked at for the first time."""
    return request.POST if request.method == "POST" else None
