"""Refusals that only this door knows: about tokens, addresses and bodies."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from opora.core.errors import Forbidden, NotFound, Refusal, Rejected


@dataclass(eq=False)
class NotAuthenticated(Refusal):
    """401: no token, or one that is unknown, expired, revoked or of a deactivated account."""

    code = "not-authenticated"
    title = _("Not signed in")
    sentence = _("Send a valid token: Authorization: Bearer TOKEN.")


@dataclass(eq=False)
class ReadOnlyToken(Forbidden):
    code = "read-only-token"
    title = _("The token may only read")
    sentence = _("This token has the scope read. Use a token with the scope write.")


@dataclass(eq=False)
class NoSuchCall(NotFound):
    """An address that is no call: the same answer as for a row that is not there."""


@dataclass(eq=False)
class MethodNotAllowed(Refusal):
    """405: the address exists, but not with this method."""

    code = "method-not-allowed"
    title = _("Method not allowed")
    sentence = _("This address takes other methods: %(allowed)s.")

    allowed: str


@dataclass(eq=False)
class BodyTooLarge(Rejected):
    """413: the JSON body, not a file."""

    code = "body-too-large"
    title = _("The request is too large")
    sentence = _("The body of this request is too large.")


@dataclass(eq=False)
class Unexpected(Refusal):
    """500: an error of ours; `request_id` finds it in the log."""

    code = "internal-error"
    title = _("Something went wrong")
    sentence = _("Something went wrong on our side. Name the request id %(request_id)s to support.")

    request_id: str
