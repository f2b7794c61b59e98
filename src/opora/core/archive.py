"""One file that holds an installation: a compressed tar with a manifest of every member's hash."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from django.utils.translation import gettext_lazy as _

from opora.core.errors import Rejected

FORMAT = 1
MANIFEST = "manifest.json"
COMPRESSION = 3  # most attachments are compressed already
CHUNK = 1 << 20
SAFE_NAME = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))[A-Za-z0-9_][^\0]*")


@dataclass(eq=False)
class NotABackup(Rejected):
    """The file is no backup of ours, is cut off, or was changed."""

    code = "not-a-backup"
    title = _("Not a backup")
    sentence = _("%(path)s cannot be restored: %(finding)s.")

    path: str
    finding: str


def pack(target: Path, members: Iterable[tuple[str, Path]], about: dict[str, Any]) -> int:
    """Write `members` (name, file) and the manifest into `target`, whole or not at all; how many.

    `about` travels in the manifest. Readable by the owner only: it holds the installation's secret.
    """
    partial = target.with_name(f".{target.name}.partial")
    hashes: dict[str, dict[str, Any]] = {}
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=COMPRESSION) as tar:
                for name, path in members:
                    hashes[name] = _add(tar, name, path)
                manifest = {"format": FORMAT, **about, "members": hashes}
                text = json.dumps(manifest, indent=1, sort_keys=True).encode()
                entry = tarfile.TarInfo(MANIFEST)
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return len(hashes)


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack into the empty `folder` and check every hash; the manifest.

    Refuses with NotABackup before anything outside of `folder` is touched.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(source, mode="r|gz") as tar:
            for entry in tar:
                if not entry.isreg() or not SAFE_NAME.fullmatch(entry.name):
                    raise NotABackup(path=str(source), finding=f"it holds {entry.name!r}")
                content = cast("IO[bytes]", tar.extractfile(entry))  # it is a regular file
                if entry.name == MANIFEST:
                    manifest = json.load(content)
                else:
                    found[entry.name] = _extract(content, folder / entry.name)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise NotABackup(path=str(source), finding=f"it cannot be read ({error})") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NotABackup(path=str(source), finding="it has no manifest that this Opora knows")
    if found != manifest.get("members"):
        known = manifest.get("members") or {}
        name = next(
            iter(sorted(n for n in found.keys() | known.keys() if found.get(n) != known.get(n)))
        )
        raise NotABackup(path=str(source), finding=f"{name} is not what was packed")
    return manifest


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _add(tar: tarfile.TarFile, name: str, path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size = os.fstat(file.fileno()).st_size
        entry.mode = 0o600
        reader = _Hashing(file)
        tar.addfile(entry, reader)  # only read() is called
    return {"size": entry.size, "sha256": reader.digest.hexdigest()}


def _extract(content: IO[bytes], path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {"size": size, "sha256": digest.hexdigest()}


class _Hashing:
    """Reads a file and hashes what it read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.digest.update(chunk)
        return chunk
