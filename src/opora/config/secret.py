"""The installation's secret: from the environment, else generated once into the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret_key(data_dir: Path, given: str) -> str:
    """`given`, else the content of `data_dir/secret`, made on first use with mode 0600.

    Two processes that start at once agree: the file is linked into place, never overwritten.
    """
    if given:
        return given
    path = data_dir / "secret"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = data_dir / f".secret-{secrets.token_hex(8)}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()
