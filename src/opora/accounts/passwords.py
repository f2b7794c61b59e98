"""What a password must be, said as what to do. Django's sentences blame, and some have no Czech."""

from __future__ import annotations

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return ngettext(
            "Choose a password of at least %(count)s character.",
            "Choose a password of at least %(count)s characters.",
            self.min_length,
        ) % {"count": self.min_length}


class UnlikeTheAddress(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("Choose a password that is less like your e-mail address.")


class Uncommon(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("Choose a password that is harder to guess: this one is on lists of common ones.")
