"""A consistent copy of the database into a file, and back, on either engine."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg.conninfo
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from opora.cases.models import Attachment
from opora.core import invariants
from opora.core.errors import Unavailable

STORED = f"SELECT stored_as FROM {Attachment._meta.db_table} WHERE erased_at IS NULL"  # noqa: S608 - our own table name
HOLD = "UPDATE {schema}core_installation SET held_at = CURRENT_TIMESTAMP"


@dataclass(eq=False)
class ProgramFailed(Unavailable):
    """A program of the database's own is missing or said no."""

    code = "program-failed"
    title = _("A program failed")
    sentence = _("%(program)s failed: %(finding)s")

    program: str
    finding: str


def member_name() -> str:
    """What the copy is called inside a backup; says which engine it is for."""
    return "database.pgdump" if connection.vendor == "postgresql" else "database.sqlite3"


def copy_database(target: Path) -> set[str]:
    """Copy one moment of the database into `target`; the stored files that its rows need."""
    if connection.vendor == "postgresql":
        return _dump(target)
    source = sqlite3.connect(f"file:{settings.DATABASES['default']['NAME']}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy, pages=4096)  # beside a running server; starts over if it must
        copy.execute("PRAGMA journal_mode=DELETE")
        return {row[0] for row in copy.execute(STORED)}
    finally:
        copy.close()
        source.close()


def is_empty() -> bool:
    """Whether no database was made here yet."""
    if connection.vendor == "postgresql":
        return not connection.introspection.table_names()
    path = Path(settings.DATABASES["default"]["NAME"])
    return not path.exists() or path.stat().st_size == 0


def put_database(source: Path) -> None:
    """Make the copy at `source` the installation's database, held from its first moment."""
    if connection.vendor == "postgresql":
        _load(source)
        return
    copy = sqlite3.connect(source)
    with copy:
        copy.execute(HOLD.format(schema=""))
    copy.close()
    with source.open("rb") as file:
        os.fsync(file.fileno())
    target = Path(settings.DATABASES["default"]["NAME"])
    for leftover in ("-wal", "-shm", ""):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    source.rename(target)


def _dump(target: Path) -> set[str]:
    with invariants.snapshot(now=timezone.now()) as moment:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            name = cursor.fetchone()[0]
        _run(
            "pg_dump",
            "--format=custom",
            "--compress=0",  # the archive compresses
            "--no-owner",
            "--no-privileges",
            f"--snapshot={name}",
            f"--file={target}",
        )
        return {row[0] for row in moment.rows(STORED)}


def _load(source: Path) -> None:
    """One transaction: the rows, and the mark that this is a copy."""
    script = source.with_suffix(".sql")
    _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(source), to="")
    with script.open("a", encoding="utf-8") as file:
        file.write("\n" + HOLD.format(schema="public.") + ";\n")
    _run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
        f"--file={script}",
    )


def _run(program: str, *arguments: str, to: str | None = None) -> None:
    """Run a client program of PostgreSQL on our database; no password on its command line."""
    if shutil.which(program) is None:
        raise ProgramFailed(program=program, finding="install the PostgreSQL client programs")
    database = settings.DATABASES["default"]
    given = {k: str(v) for k, v in database["OPTIONS"].items() if k != "options"}
    address = psycopg.conninfo.make_conninfo(
        "",
        dbname=database["NAME"],
        **{
            key: database[name]
            for key, name in (("user", "USER"), ("host", "HOST"), ("port", "PORT"))
            if database[name]
        },
        **given,
    )
    environment = os.environ | {"PGOPTIONS": ""}
    if database["PASSWORD"]:
        environment["PGPASSWORD"] = database["PASSWORD"]
    target = [f"--dbname={address}"] if to is None else []
    done = subprocess.run(  # noqa: S603 - our own arguments
        [program, *target, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ProgramFailed(program=program, finding=lines[0])
