"""`opora restore FILE`: an installation from its backup, held until it is released."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "restore",
        help="bring everything back from a backup, into an empty installation",
        description="Bring everything back from a backup, into an empty data folder and database. "
        "The copy sends no mail until `opora release`.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=run, prepares=False)


def run(args: argparse.Namespace) -> int:
    from django.conf import settings

    from opora.cli import dumps
    from opora.cli.backup import FOLDERS
    from opora.cli.main import fail
    from opora.cli.preparation import prepare
    from opora.core import archive

    source = args.file.expanduser().absolute()
    data_dir: Path = settings.DATA_DIR
    if not dumps.is_empty() or any(_has_entries(data_dir / folder) for folder in FOLDERS):
        return fail(
            "This installation is not empty; restore into an empty data folder and database."
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    staging = data_dir / f".restore-{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    try:
        manifest = archive.unpack(source, staging)
        database = staging / dumps.member_name()
        if not database.exists():
            return fail("This backup is of the other database engine; see OPORA_DATABASE_URL.")
        _put_secret(staging / "secret", data_dir)
        for folder in FOLDERS:
            if (staging / folder).exists():
                shutil.rmtree(data_dir / folder, ignore_errors=True)  # empty
                (staging / folder).rename(data_dir / folder)
        archive.sync_folder(data_dir)
        dumps.put_database(database)  # last: before it, this is still an empty installation
        archive.sync_folder(data_dir)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    prepare(serves=True)
    print(
        f"Restored the backup of {manifest['made_at']}. "
        "It sends no mail until you run `opora release`."
    )
    return 0


def _put_secret(file: Path, data_dir: Path) -> None:
    """The secret that the rows' keyed hashes were made with becomes this installation's."""
    secret = file.read_text(encoding="utf-8")
    given = os.environ.get("OPORA_SECRET_KEY") or os.environ.get("OPORA_SECRET_KEY_FILE")
    if given:
        from django.conf import settings

        if secret not in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            print(
                "opora: OPORA_SECRET_KEY is not the key of the backup: Access IDs and links of "
                "the backup will not be recognised.",
                file=sys.stderr,
            )
        return
    file.chmod(0o600)
    file.rename(data_dir / "secret")


def _has_entries(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
