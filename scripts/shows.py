"""Print how many tests show each abuse and fault: `python scripts/shows.py .cache/shows.json`.

The file is what `pytest --collect-only --shows FILE` wrote. Ids without a test carry the reason.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "security"


def main(path: str) -> None:
    shown: dict[str, list[str]] = json.loads(Path(path).read_text(encoding="utf-8"))
    groups = tomllib.loads((FOLDER / "ids.toml").read_text(encoding="utf-8"))
    not_yet = tomllib.loads((FOLDER / "not_yet.toml").read_text(encoding="utf-8"))
    titles = {name: title for group in groups.values() for name, title in group.items()}
    print("| id | tests | what |\n| --- | --- | --- |")
    for name, title in titles.items():
        reason = f" (not yet: {not_yet[name]})" if name in not_yet else ""
        print(f"| {name} | {len(shown.get(name, []))} | {title}{reason} |")
    rules = sum(name not in titles for name in shown)
    print(f"\n{len(titles) - len(not_yet)} of {len(titles)} ids shown; {rules} other rules shown.")


if __name__ == "__main__":
    main(sys.argv[1])
