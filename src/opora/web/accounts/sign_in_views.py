"""Sign-in pages that are not allauth's own, and allauth's with our promises around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import (
    clear_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from opora.accounts.actions import end_other_sessions
from opora.accounts.models import Account
from opora.accounts.queries import provider_for_domain
from opora.core import outbound
from opora.web.accounts.forms import WorkForm
from opora.web.accounts.views import own_path
from opora.web.posting import posted
from opora.web.sign_in import has_second_factor


@login_not_required
@require_http_methods(["GET", "POST"])
def work(request: HttpRequest) -> HttpResponse:
    """From a work address to the organisation's own sign-in.

    The browser leaves by a page of ours, not by a redirect: the content policy lets no form's
    answer lead to another host.
    """
    form = WorkForm(posted(request))
    then = own_path(request, "/")
    if form.is_bound and form.is_valid():
        domain = form.cleaned_data["email"].rpartition("@")[2]
        provider = provider_for_domain(domain)
        if provider is None:
            form.add_error(
                "email",
                _(
                    "No organization signs in here with addresses in %(domain)s. Check the "
                    "address, or sign in with a personal account."
                )
                % {"domain": domain},
            )
        else:
            return _leave(request, provider.slug, then)
    return render(
        request,
        "web/accounts/work.html",
        {"form": form, "next": then, "failed": form.is_bound},
        status=422 if form.is_bound else 200,
    )


def _leave(request: HttpRequest, slug: str, then: str) -> HttpResponse:
    try:
        provider = get_adapter().get_provider(request, slug)
        target = provider.redirect(request, AuthProcess.LOGIN, next_url=then)
    except (outbound.Failed, OAuth2Error, KeyError, ValueError):
        return render(
            request, "web/accounts/work_failed.html", {"error": "unreachable"}, status=503
        )
    return render(request, "web/accounts/work_leave.html", {"target": target.url})


class SetUpSecondFactor(ActivateTOTPView):  # type: ignore[misc]
    """A new factor: new session key, every other browser signed out (AU-03)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if again := factor_first(request):
            return again
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factor = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        record_authentication(
            self.request, self.request.user, method="mfa", id=factor.pk, type=factor.type
        )
        renew_session(self.request)
        return response


class RemoveSecondFactor(DeactivateTOTPView):  # type: ignore[misc]
    """Only who has shown the factor takes it off; an agent then sets up another at once."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        clear_authentication_records(self.request)
        renew_session(self.request)
        return redirect("mfa_activate_totp") if self.request.user.is_agent else response


def for_passwords(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pages about a password and its address: for a work account they do not exist."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and request.user.kind == Account.Kind.WORK:
            raise Http404
        return view(request, *args, **kwargs)

    return answer


def factor_first(request: HttpRequest) -> HttpResponse | None:
    """An account that has a factor shows it before another one comes or goes (AU-11)."""
    if not request.user.is_authenticated:
        return None
    if has_second_factor(request) or not is_mfa_enabled(request.user):
        return None
    methods = {
        Authenticator.Type.TOTP: "mfa_reauthenticate",
        Authenticator.Type.WEBAUTHN: "mfa_reauthenticate_webauthn",
    }
    name = next(name for kind, name in methods.items() if is_mfa_enabled(request.user, [kind]))
    return redirect(f"{reverse(name)}?next={request.path}")


def renew_session(request: HttpRequest) -> None:
    """A factor came or went: a new session key here, every other browser signed out (AU-03)."""
    account = request.user
    if not isinstance(account, Account):
        raise PermissionDenied
    end_other_sessions(
        account=account, keep=request.session.session_key, by=account, now=timezone.now()
    )
    request.session.cycle_key()
