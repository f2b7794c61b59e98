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


@dataclass(frozen=True)
class Letter:
    """`to` is an address as stored; `language` cs or en; everything else is already in it.

    `quoted` is somebody's own text, shown set apart. `thread` groups mails about one thing.
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
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def link(self) -> str:
        """The action's address, from configuration, never from a request (AU-08)."""
        return urljoin(settings.PUBLIC_URL + "/", self.path.lstrip("/")) if self.path else ""


def as_mail(letter: Letter, *, job_id: int) -> EmailMultiAlternatives:
    """The message of a queued job. A resend after a crash carries the same Message-ID (F-02)."""
    headers = {
        "Message-ID": _message_id("mail", job_id),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        **letter.headers,
    }
    if letter.thread:
        headers["References"] = headers["In-Reply-To"] = _message_id("thread", letter.thread)
    context = {"letter": letter, "vendor_name": settings.VENDOR_NAME}
    mail = EmailMultiAlternatives(
        subject=" ".join(letter.subject.split()),
        body=render_to_string("notifications/mail.txt", context),
        to=[letter.to],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
    return mail


def _message_id(purpose: str, key: object) -> str:
    """Unguessable, yet the same each time; the row's own key stays in the house."""
    digest = hmac.new(
        settings.SECRET_KEY.encode(), f"{purpose}:{key}".encode(), hashlib.sha256
    ).hexdigest()
    return f"<{digest[:32]}@{urlsplit(settings.PUBLIC_URL).hostname}>"
