"""The engine that `config.databases` names."""

from __future__ import annotations

import select

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """One lasting connection a thread is looked at before each request uses it.

    A server that stops or restarts says so on the connection and closes it. A connection on which
    nothing waits to be read is therefore whole, and asking it `SELECT 1` would only cost every page
    a way to the database and back.
    """

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
