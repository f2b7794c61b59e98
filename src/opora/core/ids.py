"""Public ids: 128 random bits that say nothing about the row behind them."""

from __future__ import annotations

import secrets
import uuid

from django.db import models


def new_public_id() -> uuid.UUID:
    """A fresh public id. All 128 bits are random (RFC 9562 would fix six of them)."""
    return uuid.UUID(bytes=secrets.token_bytes(16))


def parse_public_id(text: str) -> uuid.UUID | None:
    """The id that `text` spells as 32 hexadecimal digits, else None: a typo is a stranger."""
    if len(text) != 32 or not text.isascii():
        return None
    try:
        return uuid.UUID(hex=text)
    except ValueError:
        return None


class PublicIdField(models.UUIDField):  # type: ignore[type-arg]
    """The id of a row outside the house; shown as `.hex`. Bigint keys never leave."""

    def __init__(self, **options: object) -> None:
        options.setdefault("default", new_public_id)
        options.setdefault("unique", True)
        options.setdefault("editable", False)
        super().__init__(**options)  # type: ignore[arg-type]
