"""Cutting lists that are read whole (the catalogue, the people on a case) into pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from opora.api.fields import Cursor
from opora.core.errors import InvalidInput
from opora.core.paging import LIMIT, MOST, Keyset, Page

Row = TypeVar("Row")


class PageWanted(BaseModel):
    """Where a list goes on, and how many rows of it."""

    cursor: Cursor | None = Field(None, description="The `next` of the page before.")
    limit: int = Field(LIMIT, ge=1, le=MOST, description="At most so many items.")


def cut(
    rows: Sequence[Row], wanted: PageWanted, *, name: str, key: Callable[[Row], str]
) -> Page[Row]:
    """The page of `rows` after the cursor; `key` names a row within the list `name`.

    A row that has gone since ends the list like a cursor that never was: InvalidInput.
    """
    keyset = Keyset(name, str)
    start = 0
    if last := keyset.read(wanted.cursor):
        start = next((n for n, row in enumerate(rows, start=1) if key(row) == last[0]), 0)
        if not start:
            raise InvalidInput.on("cursor", _("This list has no such page."))
    return keyset.page(
        rows[start : start + wanted.limit + 1], wanted.limit, lambda row: (key(row),)
    )
