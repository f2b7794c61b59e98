"""Statements that are compiled once a process and from then on only given their values.

Building a statement out of a queryset costs more than PostgreSQL needs to run it (a case with all
that belongs to it: 2 ms against 0.3), and planning one with seven joins costs PostgreSQL twenty
times what running it does. The few statements behind every page are therefore kept compiled here,
and prepared on the server (ADR 0016):

    _BY_NUMBER = Prepared(lambda: Case.objects.filter(number=Param("number", models.CharField())))
    _BY_NUMBER.rows(number="2611221234567890")

    _MOVED = PreparedUpdate(
        lambda: CaseReader.objects.filter(case=Param("case", models.BigIntegerField())),
        "last_activity_at",
    )
    _MOVED.run(case=case.pk, last_activity_at=now)

    insert(AuditLine(at=now, code="case.opened"))
    save(case, ["status", "revision"])

What comes back is what the queryset would have given: models with what `select_related` names, or
the tuples of `values_list`. Prefetching is not supported. There are no signals to miss (STYLE 2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql import UpdateQuery

Row = TypeVar("Row")
Made = TypeVar("Made", bound=models.Model)


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
class _Read:
    sql: str
    params: Sequence[Param]
    convert: Callable[[Any], Any]
    make: Callable[[Any], Any]


class Prepared(Generic[Row]):
    """One read. `build` gives its queryset and is called once a process, engine and limit. A
    `limited` one takes a value `limit`, the most rows to read: part of the statement, since a plan
    that is kept must know whether twenty-five rows are wanted or all."""

    def __init__(self, build: Callable[[], Any], *, limited: bool = False) -> None:
        self._build = build
        self._limited = limited
        self._compiled: dict[tuple[str, int | None], _Read] = {}

    def rows(self, **values: Any) -> list[Row]:
        """The rows for these values of the queryset's params. One statement."""
        key = (connection.vendor, values["limit"] if self._limited else None)
        read = self._compiled.get(key) or self._compile(*key)
        with cursor() as asked:
            asked.execute(read.sql, [param.value_of(values) for param in read.params])
            found = read.convert(asked.fetchall())
        return [read.make(row) for row in found]

    def first(self, **values: Any) -> Row | None:
        """The first of them, None without any."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def _compile(self, vendor: str, limit: int | None) -> _Read:
        queryset = self._build()
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, params = _with_constants(*compiler.as_sql())
        if limit is not None:
            sql += f" LIMIT {int(limit)}"
        converters = compiler.get_converters(expression for expression, *_ in compiler.select)

        def convert(rows: Any) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        make = _MAKERS[queryset._iterable_class](compiler)
        read = self._compiled[vendor, limit] = _Read(sql, params, convert, make)
        return read


class PreparedUpdate:
    """One update of the rows of a queryset, which may hold params: `fields` take new values, those
    of `computed` what an expression says, which may hold params too."""

    def __init__(self, build: Callable[[], Any], *fields: str, **computed: Any) -> None:
        self._build = build
        self._fields = fields
        self._computed = computed
        self._compiled: dict[str, tuple[str, Sequence[Param]]] = {}

    def run(self, **values: Any) -> int:
        """Set the fields to the values of their names, where the queryset's params have theirs; how
        many rows that changed. One statement."""
        sql, params = self._compiled.get(connection.vendor) or self._compile()
        with cursor() as asked:
            asked.execute(sql, [param.value_of(values) for param in params])
            return int(asked.rowcount)

    def _compile(self) -> tuple[str, Sequence[Param]]:
        queryset = self._build()
        query = queryset.query.chain(UpdateQuery)
        field_of = queryset.model._meta.get_field
        query.add_update_values(
            {name: Param(name, field_of(name)) for name in self._fields} | self._computed
        )
        sql, params = _with_constants(*query.get_compiler(using=connection.alias).as_sql())
        self._compiled[connection.vendor] = sql, params
        return sql, params


def insert(*rows: Made) -> Made:
    """Store new rows of one model in one statement, give each its key, and answer the first."""
    model = type(rows[0])
    fields, sql = _insertion(model, connection.vendor, len(rows))
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection)
        for row in rows
        for field in fields
    ]
    with cursor() as asked:
        asked.execute(sql, values)
        keys = asked.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding = False
        row._state.db = connection.alias
    return rows[0]


@cache
def _insertion(
    model: type[models.Model], vendor: str, count: int
) -> tuple[list[models.Field[Any, Any]], str]:
    own: Any = model._meta
    made_here = isinstance(own.pk, models.AutoField)
    fields = [field for field in own.local_concrete_fields if field != own.pk or not made_here]
    quote = connection.ops.quote_name
    row = f"({', '.join(['%s'] * len(fields))})"
    sql = (
        f"INSERT INTO {quote(own.db_table)} "  # noqa: S608 - names of our own tables and columns
        f"({', '.join(quote(field.column) for field in fields)}) "
        f"VALUES {', '.join([row] * count)} RETURNING {quote(own.pk.column)}"
    )
    return fields, sql


def save(row: models.Model, fields: Iterable[str]) -> None:
    """Store these fields of a row that is there; DatabaseError if it is gone. One statement."""
    kept, sql = _storing(type(row), connection.vendor, tuple(sorted(fields)))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in kept]
    with cursor() as asked:
        asked.execute(sql, [*values, row.pk])
        if asked.rowcount != 1:
            raise DatabaseError(f"{type(row).__name__} {row.pk} is not there any more")


@cache
def _storing(
    model: type[models.Model], vendor: str, names: tuple[str, ...]
) -> tuple[list[models.Field[Any, Any]], str]:
    quote = connection.ops.quote_name
    own: Any = model._meta
    fields = [own.get_field(name) for name in names]
    sql = (
        f"UPDATE {quote(own.db_table)} "  # noqa: S608 - names of our own tables and columns
        f"SET {', '.join(f'{quote(field.column)} = %s' for field in fields)} "
        f"WHERE {quote(own.pk.column)} = %s"
    )
    return fields, sql


# --- How a statement is compiled -----------------------------------------------------------------


def cursor() -> Any:
    """For a statement written by hand that many pages run: on PostgreSQL a cursor that prepares it;
    SQLite keeps the plans of its statements by itself."""
    if connection.vendor == "postgresql":
        return connection.preparing_cursor()  # type: ignore[attr-defined] # our own engine
    return connection.cursor()


def _with_constants(sql: str, params: Sequence[Any]) -> tuple[str, Sequence[Param]]:
    """On PostgreSQL, whatever is no Param written into the statement: a kept plan must see that a
    condition is that of a partial index. Elsewhere they are Params of one value."""
    if connection.vendor != "postgresql":
        return sql, [p if isinstance(p, Param) else _Constant(p) for p in params]
    pieces = sql.split("%s")
    written = [pieces[0]]
    for param, piece in zip(params, pieces[1:], strict=True):
        mark = "%s" if isinstance(param, Param) else _literal(param)
        written += mark, piece
    return "".join(written), [p for p in params if isinstance(p, Param)]


def _literal(value: Any) -> str:
    from psycopg.sql import Literal  # on SQLite nothing else needs the driver

    with connection.cursor() as asked:
        text: str = Literal(value).as_string(asked.connection)
    return text.replace("%", "%%")


class _Constant(Param):
    def __init__(self, value: Any) -> None:
        self.value = value

    def value_of(self, values: dict[str, Any]) -> Any:
        return self.value


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
