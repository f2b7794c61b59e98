"""Who calls: a bearer token, nothing else. Cookies open no call, so no call needs a CSRF token."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from opora.accounts.models import Account, ApiToken
from opora.accounts.queries import account_for_token
from opora.api.errors import ReadOnlyToken
from opora.api.requests import ApiRequest, OpenRequest
from opora.core import throttle
from opora.core.errors import InvalidInput, TriedTooOften

READING = ("GET", "HEAD", "OPTIONS")
# Asking is no writing: these are POST because a question has a body.
QUESTIONS = frozenset({"/api/v1/eligibility"})


class Bearer(HttpBearer):
    """The account behind a live token, or 401. A token that may only read is told so at a write."""

    openapi_scheme = "bearer"

    def authenticate(self, request: HttpRequest, token: str) -> Account | None:
        now = timezone.now()
        found = account_for_token(token, now=now)
        if found is None:
            return None
        account, scope = found
        caller = cast(ApiRequest, request)
        caller.scope = scope
        caller.now = now
        if not cast(OpenRequest, request).chosen_language and account.language:
            translation.activate(account.language)
        if limit := settings.API_RATE_PER_MINUTE:
            _keep_to_the_rate(account, caller, limit)
        asks = request.method in READING or request.path in QUESTIONS
        if scope == ApiToken.Scope.READ and not asks:
            raise ReadOnlyToken
        _refuse_unknown_queries(cast(OpenRequest, request))
        return account


def _refuse_unknown_queries(request: OpenRequest) -> None:
    """A misspelt ?dry_run=true must not open a real case."""
    if unknown := sorted(set(request.GET) - set(request.known_queries)):
        message = _("There is no such parameter.")
        raise InvalidInput(errors=[{"field": name, "message": message} for name in unknown])


def _keep_to_the_rate(account: Account, request: ApiRequest, limit: int) -> None:
    """The vendor's limit of calls a minute, if there is one (`OPORA_API_RATE_PER_MINUTE`)."""
    key = f"api:{account.pk}:{int(request.now.timestamp()) // 60}"
    if throttle.count([key], now=request.now)[key] > limit:
        raise TriedTooOften(retry_after=60 - int(request.now.timestamp()) % 60)
