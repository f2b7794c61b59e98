"""`opora backup FILE`: everything in one file, beside a running server."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opora.cli.main import Subparsers

FOLDERS = ("files", "mail")  # of the data folder; static files and locks are made anew
TRIES = 3


def add_parser(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "backup",
        help="write everything into one file",
        description="Write the database, attachments, mails and the secret into one file, also "
        "beside a running server. Keep the file safe: it opens everything.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="replaced if it exists")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.conf import settings
    from django.utils import timezone

    import opora
    from opora.cli import dumps
    from opora.core import archive, installation

    target = args.file.expanduser().absolute()
    if not target.parent.is_dir():
        raise NotADirectoryError(20, "There is no such folder", str(target.parent))
    staging = settings.DATA_DIR / f".backup-{secrets.token_hex(4)}"
    _sweep(settings.DATA_DIR)
    try:
        missing: set[str] = set()
        for _ in range(TRIES):
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(mode=0o700)
            missing = _stage(settings.DATA_DIR, staging, dumps.member_name())
            if not missing:
                break
        for name in sorted(missing):
            print(f"opora: the stored file {name} is missing", file=sys.stderr)
        (staging / "secret").write_text(settings.SECRET_KEY, encoding="utf-8")
        about = {
            "opora": opora.__version__,
            "fingerprint": installation.fingerprint(),
            "made_at": timezone.now().isoformat(),
        }
        archive.pack(target, _members(staging), about)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 1 if missing else 0


def _stage(data_dir: Path, staging: Path, database: str) -> set[str]:
    """Gather files and one moment of the database; the files that its rows lack.

    Files are linked before the moment and after it: one that was erased in between is still here by
    the first link, one that was written before the moment by the second. Files without a row do no
    harm.
    """
    from opora.cli import dumps

    _link_all(data_dir, staging)
    needed = dumps.copy_database(staging / database)
    _link_all(data_dir, staging)
    return needed - {path.name for path in _files(staging / "files")}


def _link_all(data_dir: Path, staging: Path) -> None:
    for folder in FOLDERS:
        for path in _files(data_dir / folder):
            copy = staging / path.relative_to(data_dir)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(path, copy)
                except FileNotFoundError:
                    continue  # erased since it was listed


def _files(folder: Path) -> Iterator[Path]:
    for root, _folders, names in os.walk(folder):
        yield from (Path(root) / name for name in names if not name.startswith("."))


def _members(staging: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(_files(staging)):
        yield path.relative_to(staging).as_posix(), path


def _sweep(data_dir: Path) -> None:
    """What a backup or restore that was killed left behind."""
    for leftover in data_dir.glob(".backup-*"):
        shutil.rmtree(leftover, ignore_errors=True)
