"""Pages of long lists, by key: no offset, no total, and a cursor that says nothing.

A list is read one row past its limit; the key of the last row kept becomes the cursor. A cursor is
encrypted and belongs to one list, so that no bigint key leaves the house and none can be made up.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from opora.core.errors import InvalidInput

LIMIT = 25
MOST = 100

Part = datetime | int | str
Key = tuple[Part, ...]
Row = TypeVar("Row")
Made = TypeVar("Made")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows and the cursor of what follows; None: this was the last page."""

    items: list[Row]
    next: str | None = None

    def map(self, make: Callable[[Row], Made]) -> Page[Made]:
        return Page([make(row) for row in self.items], self.next)


class Keyset:
    """How one list is cut into pages: its name, and the types of its key in order."""

    def __init__(self, name: str, *types: type[Part]) -> None:
        self._name = name.encode()
        self._types = types

    def read(self, cursor: str | None) -> Key | None:
        """The key a cursor stands for; None for none. Raises InvalidInput on `cursor`."""
        if not cursor:
            return None
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            parts = json.loads(self._open(sealed))
        except (ValueError, InvalidTag):
            raise InvalidInput.on("cursor", _("This list has no such page.")) from None
        return tuple(
            EPOCH + timedelta(microseconds=part) if kind is datetime else part
            for kind, part in zip(self._types, parts, strict=True)
        )

    def write(self, key: Sequence[Part]) -> str:
        """The cursor for what follows the row with this key."""
        parts = [_micros(part) if isinstance(part, datetime) else part for part in key]
        plain = json.dumps(parts, separators=(",", ":")).encode()
        sealed = AESSIV(_keys()[0]).encrypt(plain, [self._name])
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def page(self, rows: Sequence[Row], limit: int, key: Callable[[Row], Key]) -> Page[Row]:
        """The page in `rows`, which were read with `limit + 1`."""
        kept = list(rows[:limit])
        more = len(rows) > limit
        return Page(kept, self.write(key(kept[-1])) if more and kept else None)

    def _open(self, sealed: bytes) -> bytes:
        *older, last = _keys()
        for secret in older:
            try:
                return AESSIV(secret).decrypt(sealed, [self._name])
            except InvalidTag:
                continue
        return AESSIV(last).decrypt(sealed, [self._name])


def clamp(limit: int) -> int:
    """At least one row, at most 100."""
    return max(1, min(limit, MOST))


def following(key: Key | None, *, at: str, tie: str, descending: bool = True) -> Q:
    """Rows after `key` of an order by (`at`, `tie`), both one way; without a key all rows.

    Written so that both engines start the walk along an index at the key: a plain OR would not.
    """
    if key is None:
        return Q()
    moment, last = key
    side = "lt" if descending else "gt"
    return Q(**{f"{at}__{side}e": moment}) & (
        Q(**{f"{at}__{side}": moment}) | Q(**{f"{tie}__{side}": last})
    )


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _keys() -> list[bytes]:
    return [_derived(s) for s in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=8)
def _derived(secret: str) -> bytes:
    return sha256(b"opora.paging:" + secret.encode()).digest()
