"""What an account has to settle before it goes on: a second factor, a profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from opora.accounts.models import Account
from opora.web.sign_in import has_second_factor

# Where an agent may be before the second factor is set up or shown.
ON_THE_WAY = frozenset(
    {
        "mfa_activate_totp",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_reauthenticate",
        "account_logout",
        "language",
        "appearance",
    }
)


class SetUpMiddleware:
    """Agents work with a second factor only (AU-11); customers say once where they are (S5.2)."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None  # open to everybody: signing in, the API with its tokens
        account = request.user
        if not isinstance(account, Account) or request.resolver_match is None:
            return None
        if account.is_agent:
            if request.resolver_match.view_name in ON_THE_WAY or has_second_factor(request):
                return None
            is_set_up = is_mfa_enabled(account, [Authenticator.Type.TOTP])
            return _go("mfa_reauthenticate" if is_set_up else "mfa_activate_totp", request)
        if request.resolver_match.namespace == "portal" and not account.has_profile:
            return _go("settings:welcome", request)
        return None


def _go(name: str, request: HttpRequest) -> HttpResponseRedirect:
    wanted = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': wanted})}")
