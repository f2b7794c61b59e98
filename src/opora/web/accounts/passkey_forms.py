"""What a browser answers when it is asked for a passkey: checked, never believed."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm as AllauthReauthenticateForm
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from fido2.utils import websafe_decode

from opora.accounts.queries import active_account

NO_ANSWER = {
    "required": _("The browser gave no passkey. Try again."),
    "invalid": _("The browser gave no passkey. Try again."),
}
UNKNOWN = _("This passkey opens no account here. Use another one, or sign in with your password.")
NOT_FOR_IT = _("This passkey does not belong to your account, or it took too long. Try again.")


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey: always one that signs in by itself, so the device has checked its owner."""

    name = forms.CharField(
        label=pgettext_lazy("a passkey", "Name"),
        max_length=60,
        help_text=_("So that you know it again, such as Work laptop."),
        error_messages={"required": _("Give the passkey a name.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]
        self.fields["credential"].error_messages = NO_ANSWER

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        try:
            return dict(super().clean())
        except (forms.ValidationError, ValueError, KeyError, TypeError):
            raise forms.ValidationError(NOT_FOR_IT) from None


class PasskeySignInForm(LoginWebAuthnForm):  # type: ignore[misc]
    """Who it is stands in the answer: by public id, never by a key of the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages = NO_ANSWER

    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        try:
            auth.parse_authentication_response(credential)
            handle = websafe_decode(credential["response"]["userHandle"])
            account = active_account(handle.hex())
            if account is None:
                raise forms.ValidationError(UNKNOWN)
            return auth.complete_authentication(account, credential)
        except (forms.ValidationError, ValueError, KeyError, TypeError, AttributeError):
            raise forms.ValidationError(UNKNOWN) from None


class _OwnPasskey:
    """Errors in our words."""

    fields: dict[str, forms.Field]

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise forms.ValidationError(NOT_FOR_IT) from None
        except forms.ValidationError as error:
            if error.code == "incorrect_code":
                raise forms.ValidationError(NOT_FOR_IT) from None
            raise


class AuthenticatePasskeyForm(_OwnPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After the password: the second factor."""


class ReauthenticatePasskeyForm(_OwnPasskey, AllauthReauthenticateForm):  # type: ignore[misc]
    """Before something that protects the account changes."""
