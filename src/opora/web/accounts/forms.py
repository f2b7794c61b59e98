"""Forms of sign-in, profile and settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthPasswordAgainForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.forms import SetPasswordForm as AllauthSetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.forms import UserTokenForm as AllauthUserTokenForm
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from opora.accounts.addresses import address_key
from opora.accounts.errors import AddressTaken, NotAnAddress
from opora.accounts.models import Account, ApiToken
from opora.accounts.places import countries, zone_names
from opora.accounts.queries import active_account

ADDRESS_ERRORS = {
    "required": _("Enter your e-mail address."),
    "invalid": _("Enter an e-mail address, such as name@example.com."),
}
PASSWORD_ERRORS = {"required": _("Enter your password.")}


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """Address and password of a personal account or an agent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label, login.error_messages = _("E-mail address"), ADDRESS_ERRORS
        login.widget = forms.EmailInput(attrs={"autocomplete": "username"})
        password = self.fields["password"]
        password.label, password.help_text = _("Password"), ""
        password.error_messages = PASSWORD_ERRORS

    def clean_login(self) -> str:
        """What the address compares by; a text that is none has no account either."""
        try:
            return address_key(self.cleaned_data["login"])
        except NotAnAddress:
            return str(self.cleaned_data["login"])


class WorkForm(forms.Form):
    """The address whose domain leads to the organisation's sign-in."""

    email = forms.EmailField(
        label=_("Work e-mail address"),
        help_text=_("Its part after @ leads to your organization's sign-in."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages=ADDRESS_ERRORS,
    )

    def clean_email(self) -> str:
        try:
            return address_key(self.cleaned_data["email"])
        except NotAnAddress as refusal:
            raise forms.ValidationError(refusal.detail) from None


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """A personal account: name, address, password."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Enter your first name.")},
    )
    family_name = forms.CharField(
        label=_("Last name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Enter your last name.")},
    )
    field_order = ("given_name", "family_name", "email", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label, email.error_messages = _("E-mail address"), ADDRESS_ERRORS
        email.widget = forms.EmailInput(attrs={"autocomplete": "email"})
        name_passwords(self.fields["password1"], self.fields["password2"])

    def try_save(self, request: HttpRequest) -> tuple[Account | None, HttpResponse | None]:
        """An address that has an account gets a mail saying so; the page answers the same (EN-03),
        after the same work (EN-04)."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        else:
            try:
                account, response = super().try_save(request)
                return account, response
            except (AddressTaken, IntegrityError):
                pass  # a second click, or another tab, was quicker
        return None, prevent_enumeration(request, email=self.cleaned_data["email"])


def name_passwords(first: forms.Field, second: forms.Field) -> None:
    """Our words for a pair of new-password fields."""
    first.label = _("Password")
    first.help_text = _("At least 15 characters; a few unrelated words do well.")
    first.error_messages = {"required": _("Enter a password.")}
    second.label = _("Password once more")
    second.error_messages = {"required": _("Enter the password once more.")}


# What a field of the library's forms asks for, where nothing is typed into it.
ASKS: dict[str, dict[str, Any]] = {
    "email": ADDRESS_ERRORS,
    "oldpassword": {"required": _("Enter your current password.")},
    "password": PASSWORD_ERRORS,
    "password1": {"required": _("Enter a password.")},
    "password2": {"required": _("Enter the password once more.")},
}


class Asking(forms.Form):
    """Says what to do, where the library only says that a field is required."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.error_messages |= ASKS.get(name, {})


class AddEmailForm(Asking, AllauthAddEmailForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(Asking, AllauthChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(Asking, AllauthSetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(Asking, AllauthResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(Asking, AllauthResetPasswordKeyForm):  # type: ignore[misc]
    pass


class PasswordAgainForm(Asking, AllauthPasswordAgainForm):  # type: ignore[misc]
    pass


class UserTokenForm(AllauthUserTokenForm):  # type: ignore[misc]
    """The account of a reset link, by its public id: keys never leave the house."""

    def _get_user(self, uidb36: str) -> Account | None:
        return active_account(uidb36 or "")


def _name_code(field: forms.Field, hint: Any) -> None:
    field.label, field.help_text = _("Code"), hint
    field.error_messages = {"required": _("Enter the code.")}
    field.widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})


class AuthenticateForm(AllauthAuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_code(
            self.fields["code"],
            _("Six digits from your authenticator app, or one of your recovery codes."),
        )


class ReauthenticateForm(AllauthReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_code(
            self.fields["code"],
            _("Six digits from your authenticator app, or one of your recovery codes."),
        )


class ActivateTOTPForm(AllauthActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_code(self.fields["code"], _("Six digits that the app shows after scanning."))


class NameForm(forms.Form):
    """First and last name; a work account types only what its provider left out (S5.2)."""

    given_name = forms.CharField(
        label=_("First name"),
        max_length=100,
        error_messages={"required": _("Enter a first name.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=_("Last name"),
        max_length=100,
        error_messages={"required": _("Enter a last name.")},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    def __init__(self, *args: Any, account: Account, asks: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("given_name", "family_name"):
            self.fields[name].initial = getattr(account.person, name)
            if name not in asks:
                self.fields[name].disabled = True


class ProfileForm(forms.Form):
    """The defaults of each request."""

    country = forms.ChoiceField(
        label=_("Country"),
        help_text=_("Decides business hours and public holidays of your requests."),
        error_messages={"required": _("Choose a country.")},
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), error_messages={"required": _("Choose a time zone.")}
    )
    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Of pages and mails."),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a language.")},
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("Such as +420 601 123 456."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    company = forms.CharField(
        label=_("Company"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = account.time_zone
        zones = zone_names() if not kept or kept in zone_names() else (kept, *zone_names())
        country, time_zone = self.fields["country"], self.fields["time_zone"]
        assert isinstance(country, forms.ChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(time_zone, forms.ChoiceField)  # noqa: S101
        country.choices = [("", _("Choose a country")), *countries()]
        time_zone.choices = [
            ("", _("Choose a time zone")),
            *((zone, zone.replace("_", " ")) for zone in zones),
        ]
        for name in ("country", "time_zone", "phone", "company"):
            self.fields[name].initial = getattr(account, name)
        self.fields["language"].initial = account.language or (get_language() or "en")[:2]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=100,
        error_messages={"required": _("Say what the token is for, such as Monitoring.")},
    )
    scope = forms.ChoiceField(
        label=_("Allowed to"),
        choices=[
            (ApiToken.Scope.READ, _("read only")),
            (ApiToken.Scope.WRITE, _("read and write")),
        ],
        initial=ApiToken.Scope.READ,
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("one year")),
        ],
        initial=90,
    )
