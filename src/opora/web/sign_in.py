"""How allauth's flows meet our accounts: personal accounts, agents, second factors.

allauth keeps passwords, sessions and mailed links; who somebody is, and which address is proved,
stays in `opora.accounts`. Work accounts are in `web.work_sign_in`.
"""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from opora.accounts.actions import change_address, end_other_sessions, join_account
from opora.accounts.addresses import address_key
from opora.accounts.errors import AddressTaken, NotAnAddress
from opora.accounts.models import Account, ProvedAddress
from opora.core.outbox import Effect, publish
from opora.web.invited import PATH, invited_by
from opora.web.ways import is_own_path

MAIL_KIND = "mail.account"
JUST_SIGNED_IN = 300  # seconds in which signing in is as good as typing the password again
SILENT = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Personal accounts and agents: address and password."""

    def is_safe_url(self, url: str) -> bool:
        """Whether sign-in may lead on to it. The library's own stops on what is no address."""
        return is_own_path(url)

    # --- who it is ------------------------------------------------------------------------------
    def clean_email(self, email: str) -> str:
        """One strict parser for every address that is typed (AU-16); what it compares by."""
        try:
            return address_key(email)
        except NotAnAddress as refusal:
            raise ValidationError(refusal.detail) from None

    def save_user(
        self, request: HttpRequest, user: Account, form: BaseForm, commit: bool = True
    ) -> Account:
        """Sign-up makes a personal account. Its address proves nothing yet."""
        data = form.cleaned_data
        user.set_password(data["password1"])
        return join_account(
            account=user,
            email=data["email"],
            given_name=data["given_name"],
            family_name=data["family_name"],
            now=timezone.now(),
        )

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """A mailed link was followed and confirmed: the address is proved, the former let go."""
        account: Account = email_address.user
        if not account.is_active:
            return False
        # Read before allauth writes the new address into the account's sign-in name.
        account = Account.objects.get(pk=account.pk)
        try:
            with transaction.atomic():
                change_address(
                    account=account,
                    address=email_address.email,
                    how=ProvedAddress.How.MAIL,
                    now=timezone.now(),
                )
                if super().confirm_email(request, email_address):
                    return True
                raise AddressTaken(address=email_address.email)
        except AddressTaken:
            return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Home, unless this browser came by an invitation link: it leads on to the contract, also
        after a sign-up whose mailed link dropped the way back."""
        return PATH if invited_by(request) else str(super().get_login_redirect_url(request))

    # --- sessions -------------------------------------------------------------------------------
    def login(self, request: HttpRequest, user: Account) -> None:
        """A new session key (AU-03), and what the sessions page shows of this browser."""
        super().login(request, user)
        request.session["started_at"] = timezone.now().isoformat()
        request.session["user_agent"] = request.headers.get("User-Agent", "")[:300]

    def set_password(self, user: Account, password: str) -> None:
        """A new password signs every other browser out."""
        super().set_password(user, password)
        mine = self.request.user.is_authenticated and self.request.user.pk == user.pk
        end_other_sessions(
            account=user,
            keep=self.request.session.session_key if mine else None,
            by=user,
            now=timezone.now(),
        )

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Whoever has just signed in need not do so again."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < JUST_SIGNED_IN:
            return False
        return bool(super().is_reauthentication_required(app=app, **options))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **options: Any,
    ) -> None:
        """Pages already show who is signed in; saying so again would only be in the way."""
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **options)

    # --- mails ----------------------------------------------------------------------------------
    # They leave through the queue: a request takes the same time whoever is addressed (EN-03), and
    # nothing is sent for what was rolled back. Secrets of links are made when the mail is written,
    # so none lies in the queue.
    def send_confirmation_mail(
        self, request: HttpRequest, emailconfirmation: Any, signup: bool
    ) -> None:
        row = emailconfirmation.email_address
        queue_mail("confirm_address", account=row.user, address_row=row.pk, signup=signup or None)

    def send_password_reset_mail(self, user: Account, email: str, context: dict[str, Any]) -> None:
        """To the stored address, never to the typed one (AU-04, AU-05)."""
        queue_mail("reset_password", account=user)

    def send_account_already_exists_mail(self, email: str) -> None:
        queue_mail("account_exists", address=self.clean_email(email))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Account,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """`email` is the former address where the address itself changed."""
        queue_mail(template_prefix.rpartition("/")[2], account=user, address=email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What is left: an address that nobody has an account with."""
        queue_mail(template_prefix.rpartition("/")[2], address=self.clean_email(email))


def queue_mail(template: str, *, account: Account | None = None, **facts: Any) -> None:
    """Queue an account mail: ids and the reader's language; `notifications` writes it later."""
    payload = {
        "template": template,
        "language": (account.language if account else "") or (get_language() or "en")[:2],
        "account": account.pk if account else None,
        **facts,
    }
    publish(
        Effect(
            MAIL_KIND,
            key=account.mail_key if account else "",
            payload={name: value for name, value in payload.items() if value is not None},
        ),
        at=timezone.now(),
    )


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors; their secrets lie encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""  # a lost secret key opens nothing: no code fits

    def get_totp_label(self, user: Account) -> str:
        return user.email

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the host of configuration, never to what a request says (AU-08)."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": settings.VENDOR_NAME}

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        """Stored by the device: the public id, never a key of the database."""
        return {
            "id": user.public_id.bytes,
            "display_name": user.full_name or user.email,
            "name": user.email,
        }


def _cipher() -> MultiFernet:
    """The installation's key, then its older ones."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + key.encode()).digest())
            )
            for key in keys
        ]
    )


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened, or has since been strengthened, with a second factor."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)
