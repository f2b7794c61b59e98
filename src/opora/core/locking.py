"""Rows that a deed holds to the end of its transaction."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model, covariant=True)


class LockingQuerySet(models.QuerySet[Row]):
    """Of models whose rows a deed looks at before it changes them."""

    def locked(self) -> Self:
        """Lock the rows, always in the same order, so that no two deeds wait for each other. Rows
        that refer to them may still be added; rows joined to them are not locked."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)
