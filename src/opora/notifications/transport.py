"""Where mails go: `OPORA_EMAIL_URL`, one of smtp://, smtps://, console: and file:DIR."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as ConsoleBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from opora.core import installation

log = structlog.get_logger("opora.mail")


class FileBackend(BaseEmailBackend):
    """One `.eml` file a message, written aside and renamed into place: no reader sees half."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(**options)
        self.folder = folder

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            content = message.message().as_bytes()
            name = secrets.token_hex(16)
            part = self.folder / f".{name}.part"
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.folder / f"{name}.eml")
        return len(email_messages)


def _backend(url: str, **options: Any) -> BaseEmailBackend:
    parts = urlsplit(url)
    match parts.scheme:
        case "console":
            return ConsoleBackend(**options)
        case "file":
            return FileBackend(Path(unquote(url.removeprefix("file:"))).absolute(), **options)
        case "smtp" | "smtps":
            implicit = parts.scheme == "smtps"
            return SmtpBackend(
                host=parts.hostname or "localhost",
                port=parts.port or (465 if implicit else 25),
                username=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                use_ssl=implicit,
                use_tls=not implicit
                and "starttls" in parse_qs(parts.query, keep_blank_values=True),
                timeout=settings.EMAIL_TIMEOUT,
                **options,
            )
        case other:
            raise ValueError(f"OPORA_EMAIL_URL: {other}: is not understood")


class EmailBackend(BaseEmailBackend):
    """The back end that the address names."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.chosen = _backend(settings.EMAIL_URL, fail_silently=fail_silently)

    def open(self) -> bool | None:
        return self.chosen.open()

    def close(self) -> None:
        self.chosen.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if installation.is_held():  # a restored copy sends nothing until it is released (F-21)
            log.warning("mail.held_back", messages=len(email_messages))
            return 0
        return self.chosen.send_messages(email_messages) or 0
