"""How good search is, from what the tests measured on each engine.

    python scripts/search_quality.py .cache/quality-sqlite.json .cache/quality-postgresql.json

Prints the figures and writes them into docs/reference/search-quality.md (`make search-quality`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "search-quality.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end -->\n"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
LANGUAGES = {"cs": "Czech", "en": "English"}


def table(measured: list[dict[str, Any]]) -> str:
    lines = [
        "| engine | language | queries | MRR | hit@1 | hit@3 |\n",
        "| --- | --- | --- | --- | --- | --- |\n",
    ]
    for one in measured:
        for language, (asked, mrr, first, third) in sorted(one["figures"].items()):
            lines.append(
                f"| {ENGINES[one['engine']]} | {LANGUAGES[language]} | {asked} "
                f"| {mrr:.3f} | {first:.3f} | {third:.3f} |\n"
            )
    return "".join(lines)


def main(paths: list[str]) -> None:
    measured = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    figures = table(measured)
    print(figures)
    for miss in measured[0]["misses"]:
        print(f"not first: {miss}")
    before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}{figures}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
