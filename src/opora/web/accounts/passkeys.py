"""Passkeys: added and removed in settings, signed in with, asked for again (AU-11)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import Login
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
)
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from opora.accounts.models import Account
from opora.web.accounts.browsers import browser_name
from opora.web.accounts.sign_in_views import factor_first, renew_session
from opora.web.accounts.views import own_path


class Overview(IndexView):  # type: ignore[misc]
    """What guards the account beside its password. Of a work account its provider takes care."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        passkeys = context["authenticators"].get(Authenticator.Type.WEBAUTHN, [])
        context["passkeys"] = [(handle_of(one.instance), one) for one in passkeys]
        return context


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    """A new passkey: new session key, every other browser signed out (AU-03)."""

    template_name = "mfa/webauthn/add_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if again := factor_first(request):
            return again
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_initial(self) -> dict[str, Any]:
        return {"name": browser_name(self.request.headers.get("User-Agent", ""))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = auth.begin_registration(self.request.user, passwordless=True)
        return context | {"form": kwargs.get("form") or context["form"], "options": _text(options)}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factor = Authenticator.objects.filter(
            user=self.request.user, type=Authenticator.Type.WEBAUTHN
        ).latest("pk")
        record_authentication(
            self.request, self.request.user, method="mfa", id=factor.pk, type=factor.type
        )
        renew_session(self.request)
        return response


@require_http_methods(["GET", "POST"])
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]
def removal(request: HttpRequest, handle: str) -> HttpResponse:
    """Take one passkey away, after asking. Other browsers are signed out."""
    if again := factor_first(request):
        return again
    passkey = _own_passkey(request, handle)
    if request.method == "POST":
        flows.remove_authenticator(request, passkey)
        renew_session(request)
        return redirect("mfa_index")
    return render(request, "mfa/webauthn/removal.html", {"passkey": passkey.wrap()})


@method_decorator(login_not_required, name="dispatch")
class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]
    """Sign in with a passkey alone: script asks for the challenge, the form brings the answer."""

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=own_path(self.request, "/"))
        response: HttpResponse = flows.perform_passwordless_login(self.request, passkey, login)
        return response


class EnterCode(AuthenticateView):  # type: ignore[misc]
    """After the password: a code, or a passkey if the account has one."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | _asked(context["js_data"]["request_options"])


class PasskeyAgain(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Before something that protects the account changes: show a passkey."""

    template_name = "mfa/webauthn/reauthenticate.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= _asked(context["js_data"]["request_options"])
        return context | {"form": kwargs.get("form") or context["form"]}


def handle_of(passkey: Authenticator) -> str:
    """How an address names a passkey: the database's own keys never leave the house."""
    return hashlib.sha256(f"passkey {passkey.pk} {passkey.created_at}".encode()).hexdigest()[:32]


def _own_passkey(request: HttpRequest, handle: str) -> Authenticator:
    assert isinstance(request.user, Account)  # noqa: S101 - signed in, says the middleware
    for one in Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN):
        if handle_of(one) == handle:
            return one
    raise Http404


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    known = options["publicKey"].get("allowCredentials") or []
    return {"options": _text(options), "has_passkey": bool(known)}


def _text(options: dict[str, Any]) -> str:
    return json.dumps(options)
