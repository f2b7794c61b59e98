"""What a call knows about its caller, once the bearer token was accepted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.http import HttpRequest

from opora.accounts.models import Account


class ApiRequest(HttpRequest):
    """A request behind `auth.Bearer`. `now` is the one instant of the whole call."""

    auth: Account
    scope: str
    now: datetime
    request_id: str


class OpenRequest(HttpRequest):
    """A request before anybody is known. `chosen_language`: of Accept-Language, if it is ours.
    `known_queries`: the parameters this call takes."""

    chosen_language: str | None
    known_queries: Collection[str]
    request_id: str
