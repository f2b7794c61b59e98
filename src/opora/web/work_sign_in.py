"""Work accounts sign in through their organisation's OpenID provider (S5, AU-13).

allauth speaks the protocol (state, PKCE, token, user info). Providers are our rows, identities too:
allauth's own tables of applications and social accounts stay empty, so that nothing of it can link
an account by an address.
"""

from __future__ import annotations

from typing import Any

from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal.flows.login import record_authentication
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib.auth import logout
from django.db import IntegrityError
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from opora.accounts.actions import sign_in_by_provider
from opora.accounts.errors import IdentityNotAccepted
from opora.accounts.models import IdentityProvider
from opora.core import outbound
from opora.core.errors import Refusal
from opora.web.refusals import status_of


class WorkAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Our identity providers and work accounts behind allauth's OpenID Connect."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """One application a provider row; without a slug none, so that no page lists customers."""
        if not provider or provider == "openid_connect":
            return []
        return [_app(row) for row in IdentityProvider.objects.filter(slug=provider)]

    def get_requests_session(self) -> outbound.Session:
        """What allauth calls the provider with. The addresses are named by the provider."""
        return outbound.session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Take over from allauth: sign the work account in, or say why not. Always raises."""
        try:
            identity = identity_of(sociallogin)
            try:
                account = sign_in_by_provider(now=timezone.now(), **identity)
            except IntegrityError:  # two first sign-ins at once: the other one made the account
                account = sign_in_by_provider(now=timezone.now(), **identity)
        except Refusal as refusal:
            raise ImmediateHttpResponse(
                render(request, "web/refusal.html", {"refusal": refusal}, status=status_of(refusal))
            ) from None
        if request.user.is_authenticated:
            logout(request)
        sociallogin.user = account
        record_authentication(request, sociallogin)
        raise ImmediateHttpResponse(
            perform_login(
                request,
                account,
                email_verification="none",
                redirect_url=sociallogin.get_redirect_url(request),
            )
        )

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Refused, cancelled, replayed or unanswered: one page with a way back to signing in."""
        raise ImmediateHttpResponse(
            render(request, "web/accounts/work_failed.html", {"error": error or ""}, status=403)
        )


def _app(row: IdentityProvider) -> SocialApp:
    app = SocialApp(
        provider="openid_connect",
        provider_id=row.slug,
        name=row.slug,
        client_id=row.client_id,
        secret=row.client_secret,
        settings={"server_url": row.issuer, "oauth_pkce_enabled": True},
    )
    app.pk = row.pk
    return app


def identity_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """What the provider says, checked against what it is known to be. IdentityNotAccepted."""
    data = sociallogin.account.extra_data
    claims, more = data.get("id_token") or {}, data.get("userinfo") or {}
    provider = IdentityProvider.objects.select_related("organization").get(
        slug=sociallogin.account.provider
    )
    subject = claims.get("sub")
    if (
        not subject
        or str(claims.get("iss", "")).rstrip("/") != provider.issuer
        or more.get("sub", subject) != subject
    ):
        raise IdentityNotAccepted
    said = {**claims, **more}
    is_unverified = said.get("email_verified") in (False, "false")
    return {
        "provider": provider,
        "subject": str(subject),
        "email": "" if is_unverified else str(said.get("email") or ""),
        "given_name": str(said.get("given_name") or ""),
        "family_name": str(said.get("family_name") or ""),
    }
