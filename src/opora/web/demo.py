"""The demo's own page: the mails it sent, since nobody there has a mailbox, and the agent's code.

Only an installation that `opora demo` built has this address; anywhere else it does not exist.
"""

from __future__ import annotations

import email
import email.policy
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from opora.core import demo

CODE_LIVES = 30  # seconds
SHOWN = 50


@dataclass(frozen=True)
class SentMail:
    """A mail as its reader would see it."""

    to: str
    subject: str
    at: datetime
    text: str


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    note = demo.read_note()
    if note is None or note["state"] != "ready":
        raise Http404
    now = time.time()
    return render(
        request,
        "web/demo.html",
        {
            "mails": _newest_mails(Path(settings.DATA_DIR) / "mail"),
            "code": format_hotp_value(hotp_value(note["totp_secret"], int(now) // CODE_LIVES)),
            "seconds_left": CODE_LIVES - int(now) % CODE_LIVES,
            "spare": note["spare"],
            "cards": _cards(note) if settings.PAYMENTS else [],
        },
    )


def _cards(note: dict[str, Any]) -> list[tuple[str, str]]:
    """Numbers of cards to pay with, each with what happens then."""
    words = {
        "paid": _("The payment goes through."),
        "declined": _("The bank declines the card."),
        "insufficient_funds": _("There is too little money on it."),
        "expired_card": _("It has expired."),
        "wrong_cvc": _("Its security code is wrong."),
        "asks": _("The bank asks first (3-D Secure)."),
    }
    return [(card["number"], words[card["ends"]]) for card in note.get("cards", ())]


def _newest_mails(folder: Path) -> list[SentMail]:
    files = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_read(path) for path in files[:SHOWN]]


def _read(path: Path) -> SentMail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return SentMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        at=datetime.fromtimestamp(path.stat().st_mtime, tz=UTC),
        text=body.get_content() if body else "",
    )
