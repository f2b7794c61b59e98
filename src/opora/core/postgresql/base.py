"""The engine that `config.databases` names."""

from __future__ import annotations

import select
from datetime import UTC, datetime, tzinfo
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg.adapt import AdaptersMap, Buffer
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.numeric import Int8Dumper


class InstantLoader(TimestamptzLoader):
    """Instants in UTC, which is what Django asks of the server; a list carries a hundred of them.

    Python reads the server's way of writing them; what it cannot (a year past 9999, infinity) is
    left to psycopg, which says so.
    """

    timezone: tzinfo = UTC

    def load(self, data: Buffer) -> datetime:
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data).replace(tzinfo=self.timezone)


class PreparingCursor(base.ServerBindingCursor):
    """Prepares each statement on the server the first time, and gives it only values after that."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        return super().execute(query, params, prepare=True, **how)  # type: ignore[misc] # psycopg's


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """Prepared ones keep no text of what they ran with."""
        if isinstance(cursor, PreparingCursor):
            return str(self.compose_sql(sql, params))
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """One lasting connection a thread is looked at before each request uses it.

    A server that stops or restarts says so on the connection and closes it. A connection on which
    nothing waits to be read is therefore whole, and asking it `SELECT 1` would only cost every page
    a way to the database and back.
    """

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        adapters = AdaptersMap(params["context"])
        # One size for whole numbers: statements are prepared once for each kind of their values.
        adapters.register_dumper(int, Int8Dumper)
        if self.timezone == UTC:
            adapters.register_loader("timestamptz", InstantLoader)
        # Only what asks for it is prepared (`preparing_cursor`), and then at once.
        return params | {"context": adapters, "prepare_threshold": 0}

    def preparing_cursor(self) -> Any:
        """A cursor like any of Django's, whose statements are planned once a connection."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            made = PreparingCursor(self.connection)  # type: ignore[call-arg] # psycopg's
            return self._prepare_cursor(made)  # type: ignore[attr-defined] # wraps it as Django's

    def is_usable(self) -> bool:
        if self.connection is None or self.errors_occurred or self._has_news():
            return bool(super().is_usable())
        return True

    def _has_news(self) -> bool:
        try:
            poll = select.poll()
            poll.register(self.connection.fileno(), select.POLLIN)
            return bool(poll.poll(0))
        except (OSError, ValueError, psycopg.Error):  # no socket any more
            return True
