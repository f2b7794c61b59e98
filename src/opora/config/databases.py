"""Connection settings of the two engines (STACK 2.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def sqlite(path: Path) -> dict[str, Any]:
    """Write-ahead log, immediate transactions, full sync: an acknowledged write survives."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
                "PRAGMA cache_size=-20000;PRAGMA journal_size_limit=67108864"
            ),
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """One lasting connection a thread; nothing waits for ever.

    What is prepared is planned once and without its values (ADR 0016): planning a list with seven
    joins takes the server twenty times as long as running it, and the walk along the index that a
    list is must not depend on who asks.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    session = (
        "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s "
        "-c plan_cache_mode=force_generic_plan"
    )
    options["options"] = f"{options.get('options', '')} {session}".strip()
    return {
        "ENGINE": "opora.core.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
