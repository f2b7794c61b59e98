"""Addresses of signing in (hand-picked from allauth) and of settings."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from opora.web.accounts import passkeys, sign_in_views, views
from opora.web.accounts.sign_in_views import for_passwords

sign_in: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("email/", for_passwords(account.email), name="account_email"),
    path(
        "confirm-email/",
        account.email_verification_sent,
        name="account_email_verification_sent",
    ),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"
    ),
    path(
        "password/change/", for_passwords(account.password_change), name="account_change_password"
    ),
    path("password/set/", for_passwords(account.password_set), name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("passkey/", passkeys.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("second-factor/", passkeys.Overview.as_view(), name="mfa_index"),
    path("second-factor/code/", passkeys.EnterCode.as_view(), name="mfa_authenticate"),
    path("second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "second-factor/again/passkey/",
        passkeys.PasskeyAgain.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "second-factor/passkeys/new/",
        for_passwords(passkeys.AddPasskey.as_view()),
        name="mfa_add_webauthn",
    ),
    path(
        "second-factor/passkeys/<str:handle>/removal/",
        for_passwords(passkeys.removal),
        name="passkey_removal",
    ),
    path(
        "second-factor/set-up/",
        for_passwords(sign_in_views.SetUpSecondFactor.as_view()),
        name="mfa_activate_totp",
    ),
    path(
        "second-factor/removal/",
        for_passwords(sign_in_views.RemoveSecondFactor.as_view()),
        name="mfa_deactivate_totp",
    ),
    path(
        "second-factor/recovery-codes/",
        for_passwords(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factor/recovery-codes/new/",
        for_passwords(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("work/", sign_in_views.work, name="work_sign_in"),
    path(
        "work/<slug:provider_id>/callback/", openid_connect.callback, name="openid_connect_callback"
    ),
]

settings_pages: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="settings:profile"), name="index"),
    path("welcome/", views.welcome, name="welcome"),
    path("profile/", views.profile, name="profile"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/others/ending/", views.other_sessions_ending, name="other_sessions_ending"),
    path("sessions/<str:public_id>/ending/", views.session_ending, name="session_ending"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<str:public_id>/revocation/", views.token_revocation, name="token_revocation"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(sign_in)),
    path("settings/", include((settings_pages, "settings"))),
]
