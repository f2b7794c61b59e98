"""The Czech catalogue against the sources.

python scripts/messages.py check    exit 1 if a sentence is missing, stale, fuzzy or not translated
python scripts/messages.py update   add the new sentences, drop the stale ones
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
CATALOG = SOURCES / "opora" / "locale" / "cs" / "LC_MESSAGES" / "django.po"
KEYWORDS = DEFAULT_KEYWORDS | parse_keywords(
    [
        "_",
        "gettext_lazy",
        "gettext_noop",
        "ngettext:1,2",
        "ngettext_lazy:1,2",
        "pgettext:1c,2",
        "pgettext_lazy:1c,2",
        "npgettext:1c,2,3",
        "npgettext_lazy:1c,2,3",
    ]
)


def sources() -> Catalog:
    """Every sentence of the sources, with the file it stands in."""
    found = Catalog(project="Opora", charset="utf-8", fuzzy=False)
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # as shipped
    for name, _line, message, comments, context in extract_from_dir(
        SOURCES, methods, options, keywords=KEYWORDS, comment_tags=["Translators:"]
    ):
        found.add(message, None, [(f"src/{name}", 0)], auto_comments=comments, context=context)
    return found


def czech() -> Catalog:
    if not CATALOG.exists():
        return Catalog(locale="cs", project="Opora", charset="utf-8", fuzzy=False)
    with CATALOG.open("rb") as file:
        return read_po(file, locale="cs", charset="utf-8")


def key(message: Message) -> tuple[str, str | None]:
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return singular, message.context


def faults() -> list[str]:
    """What keeps Czech from being complete, a line each."""
    wanted = {key(m): m for m in sources() if m.id}
    there = {key(m): m for m in czech() if m.id}
    lines = [f"missing: {name[0]!r}" for name in wanted if name not in there]
    for name, message in there.items():
        translations = (
            [message.string] if isinstance(message.string, str) else list(message.string or [""])
        )
        if name not in wanted:
            lines.append(f"stale: {name[0]!r}")
        elif message.pluralizable != wanted[name].pluralizable:
            lines.append(f"plural differs: {name[0]!r}")
        elif message.fuzzy:
            lines.append(f"fuzzy: {name[0]!r}")
        elif not all(translations):
            lines.append(f"untranslated: {name[0]!r}")
        else:
            lines += [f"{name[0]!r}: {error}" for error in message.check(czech())]
    return lines


def update() -> None:
    """Write the catalogue anew: order of the sources, no line numbers, so that diffs are small."""
    catalog = czech()
    catalog.update(
        sources(), no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False
    )
    catalog.obsolete.clear()
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    with CATALOG.open("wb") as file:
        write_po(file, catalog, width=100, include_lineno=False, sort_by_file=True)


def main(command: str) -> int:
    if command == "update":
        update()
        return 0
    lines = faults()
    print("\n".join(sorted(lines)), file=sys.stderr)
    if lines:
        print(f"{len(lines)} sentences; `make messages` adds and drops them", file=sys.stderr)
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["check"]))
