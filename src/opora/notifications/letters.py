"""A mail before it is a mail: what it says, in the reader's language, without markup.

One layout (`mail.txt`, `mail.html`) draws every letter, so all mails look and read alike and the
plain text never lags behind.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from opora.core.accent import mend

CHOICES = "/settings/mails/"


@dataclass(frozen=True)
class Letter:
    """`to` is an address as stored; `language` cs or en; everything else is already in it.

    `quoted` is somebody's own text, shown set apart. `thread` groups mails about one thing, and
    `opens_thread` marks the first of them. `reason` says why this reader gets it; `list_name` is of
    mails that come by themselves ("requests", "contracts", "purchases"), and `has_switch` of those
    among them that the reader may switch off. `has_account` False: its reader has no settings to
    look at.
    """

    to: str
    language: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    quoted: str = ""
    action: str = ""
    path: str = ""
    closing: tuple[str, ...] = ()
    thread: str = ""
    opens_thread: bool = False
    reason: str = ""
    list_name: str = ""
    has_switch: bool = False
    has_account: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def link(self) -> str:
        """The action's address, from configuration, never from a request (AU-08)."""
        return _absolute(self.path) if self.path else ""

    @property
    def choices(self) -> str:
        """Where the reader sees which mails there are and switches some off."""
        return _absolute(CHOICES) if self.has_account else ""


def as_mail(letter: Letter, *, job_id: int) -> EmailMultiAlternatives:
    """The message of a queued job. A resend after a crash carries the same Message-ID (F-02).

    Programs that answer mails by themselves are told not to (RFC 3834, RFC 5230): two of them would
    go on for ever.
    """
    headers = {
        "Message-ID": _message_id("mail", job_id),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **_thread(letter),
        **_list(letter),
        **letter.headers,
    }
    context = {
        "letter": letter,
        "vendor_name": settings.VENDOR_NAME,
        "accent": mend(settings.VENDOR_ACCENT),
    }
    mail = EmailMultiAlternatives(
        subject=" ".join(letter.subject.split()),
        body=render_to_string("notifications/mail.txt", context).strip() + "\n",
        to=[letter.to],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
    return mail


def _thread(letter: Letter) -> dict[str, str]:
    """The first mail of a thread has its id; the others refer to it."""
    if not letter.thread:
        return {}
    root = _message_id("thread", letter.thread)
    return (
        {"Message-ID": root} if letter.opens_thread else {"References": root, "In-Reply-To": root}
    )


def _list(letter: Letter) -> dict[str, str]:
    """A way to unsubscribe stands only where there is a switch: programs make a button of it."""
    if not letter.list_name:
        return {}
    headers = {"List-Id": f"<{letter.list_name}.{urlsplit(settings.PUBLIC_URL).hostname}>"}
    if letter.has_switch:
        headers["List-Unsubscribe"] = f"<{letter.choices}>"
    return headers


def _absolute(path: str) -> str:
    return urljoin(settings.PUBLIC_URL + "/", path.lstrip("/"))


def _message_id(purpose: str, key: object) -> str:
    """Unguessable, yet the same each time; the row's own key stays in the house."""
    digest = hmac.new(
        settings.SECRET_KEY.encode(), f"{purpose}:{key}".encode(), hashlib.sha256
    ).hexdigest()
    return f"<{digest[:32]}@{urlsplit(settings.PUBLIC_URL).hostname}>"
