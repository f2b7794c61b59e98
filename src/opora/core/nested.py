"""Rows inside a row: what hangs on a record comes with it, in the record's own statement.

    Case.objects.annotate(
        names=Nested(CaseContact.objects.filter(case=OuterRef("pk")).order_by("pk"), str, "email"),
        files=Nested.whole(Attachment.objects.filter(case=OuterRef("pk")).order_by("pk")),
    )

Each case then has `names`, a list of str, and `files`, a list of models without anything related.
They come as JSON, which both engines make. For a few rows at a time: all of them stand in one
column, so nothing here pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import BooleanField, DateTimeField, F, Field, QuerySet, Subquery, TextField
from django.db.models import UUIDField as UuidField


class Nested(Subquery):
    """What `make` gives for the values that each of `rows` has under `names`: a list in the rows'
    order. Whole numbers, texts, booleans, instants and public ids."""

    def __init__(self, rows: QuerySet[Any], make: Callable[..., Any], *names: str) -> None:
        columns = {f"c{place}": F(name) for place, name in enumerate(names)}
        narrow = rows.values(**columns)
        super().__init__(narrow, output_field=TextField())
        fields = [narrow.query.annotations[column].output_field for column in columns]
        self._make = make
        self._read = [_reader_of(field) for field in fields]
        self._row = ", ".join(f"r.{column}" for column in columns)

    @classmethod
    def whole(cls, rows: QuerySet[Any]) -> Self:
        """A list of the models themselves."""
        names = [field.attname for field in rows.model._meta.concrete_fields]

        def make(*values: Any) -> Any:
            return rows.model.from_db(None, names, values)

        return cls(rows, make, *names)

    def as_sqlite(self, compiler: Any, connection: Any, **how: Any) -> Any:
        template = f"(SELECT json_group_array(json_array({self._row})) FROM (%(subquery)s) r)"  # noqa: S608 - our own names
        return self.as_sql(compiler, connection, template=template, **how)

    def as_postgresql(self, compiler: Any, connection: Any, **how: Any) -> Any:
        template = f"(SELECT json_agg(json_build_array({self._row}))::text FROM (%(subquery)s) r)"  # noqa: S608 - our own names
        return self.as_sql(compiler, connection, template=template, **how)

    def get_db_converters(self, connection: Any) -> list[Callable[..., Any]]:
        return [self._rows]

    def _rows(self, value: str | None, expression: Any, connection: Any) -> list[Any]:
        """PostgreSQL says NULL for none."""
        return [
            self._make(*(read(part) for read, part in zip(self._read, row, strict=True)))
            for row in json.loads(value or "[]")
        ]


def _reader_of(field: Field[Any, Any]) -> Callable[[Any], Any]:
    """How a value of that field is read from JSON."""
    for kind, read in _READERS.items():
        if isinstance(field, kind):
            return lambda value: None if value is None else read(value)
    return lambda value: value


def _instant(text: str) -> datetime:
    """In UTC; SQLite stores it so and does not say it."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: dict[type[Field[Any, Any]], Callable[[Any], Any]] = {
    DateTimeField: _instant,
    UuidField: UUID,
    BooleanField: bool,  # SQLite has 0 and 1
}
