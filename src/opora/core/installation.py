"""The installation: one database brought up to date for one code, by one process at a time.

Every command makes one cheap comparison (`is_current`); only if it fails is a lock taken and the
database migrated. The lock is the operating system's or the database's, so a killed process holds
none.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext_lazy as _

from opora.core import audit
from opora.core.errors import Unavailable
from opora.core.models import Installation, Job
from opora.core.queue import PERIODIC

MAIL = "mail."
OUTWARD = (MAIL, "payment")  # kinds of jobs that a held copy keeps back (F-21, F-22)
ADVISORY_LOCK = 0x6F706F7261  # "opora"


@dataclass(eq=False)
class DatabaseIsNotCurrent(Unavailable):
    """OPORA_MIGRATE=never, and nobody has brought the database up to date."""

    code = "database-not-current"
    title = _("The database is not up to date")
    sentence = _("The database is not up to date; start `opora serve` to bring it up to date.")


@dataclass(eq=False)
class DatabaseIsNewer(Unavailable):
    """The database knows migrations that this code does not: it belongs to a newer Opora."""

    code = "database-newer"
    title = _("The database is newer")
    sentence = _("The database was made by a newer Opora (%(migration)s); install that one again.")

    migration: str


@dataclass(eq=False)
class DatabaseIsDamaged(Unavailable):
    """SQLite's own check found damage."""

    code = "database-damaged"
    title = _("The database file is damaged")
    sentence = _("The database file is damaged (%(finding)s); restore a backup.")

    finding: str


def migrations_on_disk() -> set[tuple[str, str]]:
    """(application, name) of every migration that this code carries."""
    found = set()
    for config in apps.get_app_configs():
        folder = Path(config.path) / "migrations"
        if folder.is_dir():
            found |= {
                (config.label, file.stem)
                for file in folder.iterdir()
                if file.suffix == ".py" and not file.name.startswith("_")
            }
    return found


def fingerprint() -> str:
    """What the database has to be brought up to date for: 64 hexadecimal digits."""
    lines = sorted(f"{label}.{name}" for label, name in migrations_on_disk())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def is_current() -> bool:
    """One small statement; an empty database is not current."""
    try:
        row = Installation.objects.values_list("fingerprint", flat=True).first()
    except DatabaseError:
        connection.ensure_connection()  # not reachable is not the same as empty: this raises
        return False
    return row == fingerprint()


def bring_up_to_date(*, at_first_start: Callable[[datetime], None], now: datetime) -> bool:
    """Migrate an empty or older database; whether there was anything to do.

    Any number of processes may call this at once: one works, the others wait and find it done.
    `at_first_start` fills an empty installation, in one transaction with the mark that it is there.
    """
    if is_current():
        return False
    with _alone():
        if is_current():
            return False
        _refuse_newer()
        call_command("migrate", verbosity=0, interactive=False)
        with transaction.atomic():
            row, is_new = Installation.objects.get_or_create(
                pk=1, defaults={"fingerprint": "", "prepared_at": now}
            )
            if is_new:
                at_first_start(now)
            row.fingerprint, row.prepared_at = fingerprint(), now
            row.save(update_fields=["fingerprint", "prepared_at"])
    return True


def check_file() -> None:
    """SQLite: read the database file through before serving it. Others look after their own."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        finding = str(cursor.fetchone()[0])
    if finding != "ok":
        raise DatabaseIsDamaged(finding=finding)


def is_held() -> bool:
    """A restored copy that was not released: nothing may be sent from it (F-21)."""
    return Installation.objects.filter(held_at__isnull=False).exists()


@transaction.atomic
def release(*, discard_mail: bool, now: datetime) -> tuple[bool, int]:
    """Let a restored copy send again: whether it was held, and how many waiting mails were
    discarded because the original has sent them since."""
    was_held = Installation.objects.filter(held_at__isnull=False).update(held_at=None) == 1
    discarded = 0
    if was_held:
        # What only looks outside now and then looks at once: the copy may be behind (F-22).
        for prefix in OUTWARD:
            Job.objects.filter(
                state=Job.State.OPEN, key=PERIODIC, kind__startswith=prefix, run_after__gt=now
            ).update(run_after=now)
        if discard_mail:
            waiting = Job.objects.filter(state=Job.State.OPEN, kind__startswith=MAIL)
            discarded = waiting.update(state=Job.State.CANCELLED, finished_at=now)
        audit.record(
            "installation.released",
            target=("installation", 1),
            by=None,
            at=now,
            discarded=discarded,
        )
    return was_held, discarded


def _refuse_newer() -> None:
    known = migrations_on_disk()
    labels = {config.label for config in apps.get_app_configs()}
    applied = MigrationRecorder(connection).applied_migrations()
    strangers = sorted(f"{a}.{n}" for a, n in set(applied) - known if a in labels)
    if strangers:
        raise DatabaseIsNewer(migration=strangers[0])


@contextmanager
def _alone() -> Iterator[None]:
    """The one lock of preparation. Waits as long as it takes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK])
                if cursor.fetchone()[0]:
                    break
                time.sleep(0.2)
            # Building an index takes as long as it takes; waiting for others' locks does not
            # (F-19).
            cursor.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
    else:
        with (settings.DATA_DIR / "prepare.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
