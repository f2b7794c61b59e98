"""Databases for tests: migrated once, then copied; SQLite into memory, PostgreSQL by its templates.

A template is kept between runs in `.cache` (SQLite) or on the server (PostgreSQL), under a name
made of the migrations' content: it is never stale, and never waited for twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "opora"
CACHE = ROOT / ".cache" / "tests"
SECRET = "a secret of the tests, which opens nothing outside"


def server_url() -> str:
    """The PostgreSQL to test on: OPORA_DATABASE_URL, or what pg_virtualenv offers; "": SQLite."""
    if os.environ.get("OPORA_TEST_DATABASE") == "postgresql" and "PGHOST" in os.environ:
        get = os.environ.__getitem__
        return (
            f"postgresql://{get('PGUSER')}:{get('PGPASSWORD')}@{get('PGHOST')}:{get('PGPORT')}"
            f"/{get('PGDATABASE')}"
        )
    return os.environ.get("OPORA_DATABASE_URL", "")


def with_name(url: str, name: str) -> str:
    """`url` with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def child_environment(data_dir: Path, url: str) -> dict[str, str]:
    """The environment of an Opora process of its own: nothing of the tests' but the search path."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "OPORA_DATA_DIR": str(data_dir),
        "OPORA_DATABASE_URL": url,
        "OPORA_SECRET_KEY": SECRET,
    }


# --- Which template ------------------------------------------------------------------------------


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for name in ("django", "django-allauth"):
        digest.update(version(name).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def migrated_name() -> str:
    """Names the template that is migrated and otherwise empty."""
    files = [*PACKAGE.glob("*/migrations/*.py"), PACKAGE / "core" / "triggers.py"]
    return f"opora_migrated_{_digest(files)}"


@cache
def prepared_name() -> str:
    """Names the template that the command line has prepared: catalogue and plans are loaded."""
    files = [
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix in (".py", ".json") and "__pycache__" not in path.parts
    ]
    return f"opora_prepared_{_digest(files)}"


def _migrate(data_dir: Path, url: str) -> None:
    environment = child_environment(data_dir, url) | {
        "DJANGO_SETTINGS_MODULE": "opora.config.settings"
    }
    _run([sys.executable, "-m", "django", "migrate", "--verbosity=0", "--skip-checks"], environment)


def _prepare(data_dir: Path, url: str) -> None:
    opora = str(Path(sys.executable).with_name("opora"))
    _run([opora, "plans", "list", "--json"], child_environment(data_dir, url))


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


# --- SQLite --------------------------------------------------------------------------------------


def sqlite_template(*, prepared: bool = False) -> Path:
    """The template file; made first if need be, by one process while the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    name = prepared_name() if prepared else migrated_name()
    path = CACHE / f"{name}.sqlite3"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            making = CACHE / f"making-{secrets.token_hex(4)}"
            making.mkdir()
            try:
                if prepared:
                    _prepare(making, "")
                else:
                    _migrate(making, "")
                fresh = making / "opora.sqlite3"
                connection = sqlite3.connect(fresh)
                # A copy in memory cannot be write-ahead; a copy on disk becomes so when opened.
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.close()
                fresh.rename(path)
            finally:
                shutil.rmtree(making, ignore_errors=True)
    return path


# --- PostgreSQL ----------------------------------------------------------------------------------


@contextmanager
def _server(url: str) -> Iterator[psycopg.Connection]:
    """A connection that makes and drops databases, one process at a time."""
    with psycopg.connect(with_name(url, "postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(707)")
        yield connection


def postgresql_copy(url: str, *, prepared: bool = False) -> str:
    """The address of a fresh database copied from the template; `drop` it when done."""
    template = prepared_name() if prepared else migrated_name()
    make: Callable[[Path, str], None] = _prepare if prepared else _migrate
    name = f"opora_test_{secrets.token_hex(6)}"
    with _server(url) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template])
        if known.fetchone() is None:
            making = f"opora_making_{secrets.token_hex(4)}"
            CACHE.mkdir(parents=True, exist_ok=True)
            data_dir = CACHE / making
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            try:
                make(data_dir, with_name(url, making))
            finally:
                shutil.rmtree(data_dir, ignore_errors=True)
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(making), sql.Identifier(template)
                )
            )
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return with_name(url, name)


def postgresql_empty(url: str) -> str:
    """The address of a fresh database with nothing in it; it goes with the server."""
    name = f"opora_test_{secrets.token_hex(6)}"
    with _server(url) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return with_name(url, name)


def drop(url: str) -> None:
    """Drop the database at `url`, whoever is still connected."""
    name = sql.Identifier(urlsplit(url).path.lstrip("/"))
    with _server(url) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
