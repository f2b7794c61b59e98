"""Reads that are compiled once a process and from then on only given their values.

Building a statement out of a queryset costs more than PostgreSQL needs to run it (a case with all
that belongs to it: 2 ms against 0.3). The few reads behind every page are therefore written as
querysets with `Param` where a value goes, and kept compiled:

    _BY_NUMBER = Prepared(lambda: Case.objects.filter(number=Param("number", models.CharField())))
    _BY_NUMBER.rows(number="2611221234567890")

What comes back is what the queryset would have given: models with what `select_related` names, or
the tuples of `values_list`. Prefetching is not supported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators

Row = TypeVar("Row")


class Param(Expression):
    """Stands in a queryset where a value will go; `field` says how the engine is given it."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]

    def value_of(self, values: dict[str, Any]) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    params: Sequence[Any]
    convert: Callable[[Any], Any]
    make: Callable[[Any], Any]


class Prepared(Generic[Row]):
    """One read. `build` gives its queryset and is called once a process and engine. A `limited`
    one takes a value `limit`, the most rows to read."""

    def __init__(self, build: Callable[[], Any], *, limited: bool = False) -> None:
        self._build = build
        self._limited = limited
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, **values: Any) -> list[Row]:
        """The rows for these values of the queryset's params. One statement."""
        compiled = self._compiled.get(connection.vendor) or self._compile()
        params = [p.value_of(values) if isinstance(p, Param) else p for p in compiled.params]
        if self._limited:
            params.append(values["limit"])
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, params)
            found = compiled.convert(cursor.fetchall())
        return [compiled.make(row) for row in found]

    def first(self, **values: Any) -> Row | None:
        """The first of them, None without any."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def _compile(self) -> _Compiled:
        queryset = self._build()
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        if self._limited:
            sql += " LIMIT %s"
        converters = compiler.get_converters(expression for expression, *_ in compiler.select)

        def convert(rows: Any) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        make = _MAKERS[queryset._iterable_class](compiler)
        compiled = _Compiled(sql, tuple(params), convert, make)
        self._compiled[connection.vendor] = compiled
        return compiled


def _model_maker(compiler: Any) -> Callable[[Any], Any]:
    """As django.db.models.query.ModelIterable makes them, with everything but the row known."""
    about, select = compiler.klass_info, compiler.select
    alias = connection.alias
    start, end = about["select_fields"][0], about["select_fields"][-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    # The stubs are of a newer Django, which asks for a fetch mode too.
    populators = get_related_populators(about, select, alias)  # type: ignore[call-arg]
    annotations = list((compiler.annotation_col_map or {}).items())
    model = about["model"]

    def make(row: Any) -> Any:
        made = model.from_db(alias, names, row[start:end])
        for populator in populators:
            populator.populate(row, made)
        for name, position in annotations:
            setattr(made, name, row[position])
        return made

    return make


def _tuple_maker(compiler: Any) -> Callable[[Any], Any]:
    return tuple


_MAKERS: dict[type, Callable[[Any], Callable[[Any], Any]]] = {
    ModelIterable: _model_maker,
    ValuesListIterable: _tuple_maker,
}
