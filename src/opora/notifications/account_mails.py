"""Mails about one's own account: links that prove, links that reset, news of what changed.

Secrets of links are made here, at the moment of sending: none lies in the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from opora.accounts.models import Account
from opora.notifications.letters import Letter


def letter_for(payload: dict[str, Any]) -> Letter | None:
    """The letter of a `mail.account` job in its reader's language; None if its reason is gone.

    `payload`: {"template", "language", "account"?: key, "address"?: of nobody's account or a former
    one, …keys}.
    """
    account = None
    if "account" in payload:
        account = Account.objects.filter(pk=payload["account"], is_active=True).first()
        if account is None:
            return None
    language = (account.language if account else "") or payload["language"]
    with translation.override(language):
        write = _LETTERS.get(payload["template"])
        if write is not None:
            return write(payload, account, language)
        return _news(payload, account, language)


def _confirm_address(
    payload: dict[str, Any], account: Account | None, language: str
) -> Letter | None:
    row = EmailAddress.objects.filter(pk=payload["address_row"], verified=False).first()
    if row is None or account is None:
        return None
    key = EmailConfirmationHMAC(row).key
    facts = {"vendor": settings.VENDOR_NAME}
    return Letter(
        reason=_("You get this mail because somebody typed this address."),
        has_account=False,
        to=row.email,
        language=language,
        subject=_("Confirm your e-mail address"),
        greeting=_greeting(account),
        paragraphs=(
            _("This address was given for an account at %(vendor)s. Confirm that it is yours.")
            % facts,
        ),
        action=_("Confirm the address"),
        path=reverse("account_confirm_email", args=[key]),
        closing=(
            _("The link works for three days. If it was not you, do nothing: nothing happens."),
        ),
    )


def _reset_password(
    payload: dict[str, Any], account: Account | None, language: str
) -> Letter | None:
    if account is None or account.kind == Account.Kind.WORK:
        return None
    return Letter(
        reason=_always(),
        to=account.email,
        language=language,
        subject=_("Set a new password"),
        greeting=_greeting(account),
        paragraphs=(_("Somebody, probably you, asked to set a new password for your account."),),
        action=_("Set a new password"),
        path=reverse(
            "account_reset_password_from_key",
            kwargs={
                "uidb36": account.public_id.hex,
                "key": default_token_generator.make_token(account),
            },
        ),
        closing=(
            _("The link works for an hour, once. If it was not you, do nothing: nothing happens."),
        ),
    )


def _account_exists(payload: dict[str, Any], account: Account | None, language: str) -> Letter:
    return Letter(
        reason=_("You get this mail because somebody typed this address."),
        has_account=False,
        to=payload["address"],
        language=language,
        subject=_("You have an account already"),
        greeting=_("Hello,"),
        paragraphs=(
            _(
                "Somebody, probably you, signed up at %(vendor)s with this address. It already has "
                "an account: sign in, or set a new password if you forgot yours."
            )
            % {"vendor": settings.VENDOR_NAME},
        ),
        action=_("Set a new password"),
        path=reverse("account_reset_password"),
        closing=(_("If it was not you, do nothing: nothing has changed."),),
    )


def _unknown_account(payload: dict[str, Any], account: Account | None, language: str) -> Letter:
    return Letter(
        reason=_("You get this mail because somebody typed this address."),
        has_account=False,
        to=payload["address"],
        language=language,
        subject=_("No account has this address"),
        greeting=_("Hello,"),
        paragraphs=(
            _(
                "Somebody, probably you, asked at %(vendor)s to set a new password for this "
                "address, but no account with a password has it. A work account signs in through "
                "its organization."
            )
            % {"vendor": settings.VENDOR_NAME},
        ),
        action=_("Create a personal account"),
        path=reverse("account_signup"),
        closing=(_("If it was not you, do nothing: nothing has changed."),),
    )


def _news(payload: dict[str, Any], account: Account | None, language: str) -> Letter | None:
    """Something that protects the account changed: says so, with what to do if it was not you."""
    sentences = {
        "password_changed": _("The password of your account was changed."),
        "password_set": _("A password was set for your account."),
        "password_reset": _("The password of your account was set anew by a mailed link."),
        "email_changed": _("The e-mail address of your account was changed to another one."),
        "webauthn_added": _("A passkey was added to your account."),
        "webauthn_removed": _("A passkey was removed from your account."),
        "totp_activated": _("An authenticator app was set up for your account."),
        "totp_deactivated": _("The authenticator app of your account was removed."),
        "recovery_codes_generated": _("New recovery codes were made for your account."),
    }
    sentence = sentences.get(payload["template"])
    if sentence is None or account is None:
        return None
    return Letter(
        reason=_always(),
        has_account="address" not in payload,
        to=payload.get("address") or account.email,
        language=language,
        subject=_("A change of your account"),
        greeting=_greeting(account),
        paragraphs=(sentence, _("If it was you, there is nothing to do.")),
        action=_("If it was not you, set a new password"),
        path=reverse("account_reset_password"),
    )


def _always() -> str:
    return _("Mails that protect your account always come.")


def _greeting(account: Account) -> str:
    name = account.full_name
    return _("Hello %(name)s,") % {"name": name} if name else _("Hello,")


_LETTERS: dict[str, Callable[[dict[str, Any], Account | None, str], Letter | None]] = {
    "confirm_address": _confirm_address,
    "reset_password": _reset_password,
    "account_exists": _account_exists,
    "unknown_account": _unknown_account,
}
