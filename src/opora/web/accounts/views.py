"""Settings of one's own account, and the one-time profile."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from opora.accounts.actions import (
    change_name,
    end_other_sessions,
    end_session,
    issue_token,
    revoke_token,
    save_profile,
)
from opora.accounts.models import Account
from opora.accounts.queries import session_for, sessions_of, token_for, tokens_of
from opora.web.accounts.browsers import browser_name
from opora.web.accounts.forms import NameForm, ProfileForm, TokenForm
from opora.web.posting import posted
from opora.web.refusals import refusals_on
from opora.web.views import remember_language
from opora.web.ways import is_own_path

NAMES = ("given_name", "family_name")


def own_path(request: HttpRequest, default: str) -> str:
    """`next` if it is a path of this host, else `default` (WB-02)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_own_path(wanted) else default


def _account(request: HttpRequest) -> Account:
    return cast(Account, request.user)


@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """The profile, asked once (S5.2). Names come from the identity; a missing one is typed here."""
    account = _account(request)
    missing = [name for name in NAMES if not getattr(account.person, name)]
    return _profile_page(request, missing, "web/accounts/welcome.html", own_path(request, "/"))


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The profile later on. Work accounts take their names from the provider."""
    account = _account(request)
    asks = [
        name
        for name in NAMES
        if account.kind != Account.Kind.WORK or not getattr(account.person, name)
    ]
    return _profile_page(request, asks, "web/accounts/profile.html", request.path)


def _profile_page(request: HttpRequest, asks: list[str], template: str, then: str) -> HttpResponse:
    account = _account(request)
    data = posted(request)
    names = NameForm(data, account=account, asks=asks)
    form = ProfileForm(data, account=account)
    if data is not None and names.is_valid() and form.is_valid():
        now = timezone.now()
        with refusals_on(form):
            if asks:
                change_name(account=account, **names.cleaned_data, by=account, now=now)
            save_profile(account=account, **form.cleaned_data, by=account, now=now)
            with translation.override(account.language):
                messages.success(request, _("Your profile is saved."))
            response = redirect(then)
            remember_language(response, account.language)
            return response
    failed = data is not None
    if failed:
        form.is_valid()  # so that both forms say what they need
    return render(
        request,
        template,
        {"names": names, "form": form, "failed": failed, "next": then, "asks": asks},
        status=422 if failed else 200,
    )


@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the account is signed in."""
    rows = sessions_of(_account(request), now=timezone.now())
    return render(
        request,
        "web/accounts/sessions.html",
        {
            "sessions": rows,
            "names": {row.session_key: browser_name(row.user_agent) for row in rows},
            "current": request.session.session_key,
        },
    )


@require_POST
def session_ending(request: HttpRequest, public_id: str) -> HttpResponse:
    """Sign one browser out; this one too."""
    account = _account(request)
    session = session_for(account, public_id)
    if session is None:
        raise Http404
    if session.pk == request.session.session_key:
        return HttpResponseRedirect("/accounts/logout/")
    end_session(session=session, by=account, now=timezone.now())
    messages.success(request, _("That browser is signed out."))
    return redirect("settings:sessions")


@require_POST
def other_sessions_ending(request: HttpRequest) -> HttpResponse:
    """Sign every other browser out."""
    account = _account(request)
    end_other_sessions(
        account=account, keep=request.session.session_key, by=account, now=timezone.now()
    )
    messages.success(request, _("All other browsers are signed out."))
    return redirect("settings:sessions")


@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True, app="allauth.account")  # type: ignore[untyped-decorator]
def tokens(request: HttpRequest) -> HttpResponse:
    """API tokens. A new one's secret stands in the answer to its creation, nowhere else."""
    account = _account(request)
    form = TokenForm(posted(request))
    secret, now = "", timezone.now()
    if form.is_bound and form.is_valid():
        with refusals_on(form):
            secret = issue_token(account=account, **form.cleaned_data, by=account, now=now)
            form = TokenForm()
    return render(
        request,
        "web/accounts/tokens.html",
        {
            "tokens": tokens_of(account),
            "form": form,
            "secret": secret,
            "now": now,
            "failed": form.is_bound,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def token_revocation(request: HttpRequest, public_id: str) -> HttpResponse:
    """From the next call on the token opens nothing."""
    account = _account(request)
    token = token_for(account, public_id)
    if token is None:
        raise Http404
    revoke_token(token=token, by=account, now=timezone.now())
    messages.success(request, _("The token is revoked."))
    return redirect("settings:tokens")
