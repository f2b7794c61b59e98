"""The API's own description against the committed one, openapi.json.

python scripts/openapi.py check    exit 1 if they differ
python scripts/openapi.py write    write it anew
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "openapi.json"
ADDRESS = "/api/v1/openapi.json"


def described() -> str | None:
    """What the API says of itself, one line a fact so that diffs read; None: there is no API."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "opora.config.settings"
    import django

    django.setup()
    from django.test import Client
    from django.urls import Resolver404, resolve

    try:
        resolve(ADDRESS)
    except Resolver404:
        return None
    answer = Client(HTTP_HOST="localhost").get(ADDRESS)
    if answer.status_code != 200:
        raise SystemExit(f"{ADDRESS} answered {answer.status_code}")
    return json.dumps(answer.json(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main(command: str) -> int:
    now = described()
    committed = FILE.read_text(encoding="utf-8") if FILE.exists() else None
    if command == "write" and now is not None:
        FILE.write_text(now, encoding="utf-8")
        return 0
    if now != committed:
        print(f"{FILE.name} is not what the API says: run `make openapi`", file=sys.stderr)
    return int(now != committed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["check"]))
