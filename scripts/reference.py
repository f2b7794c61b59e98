"""Pages that follow from the code: reference/settings.md and errors.md, spec/coverage.md.

    python scripts/reference.py

A test compares the pages with what this writes.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.coverage import coverage

FOLDER = Path(__file__).resolve().parent.parent / "docs"

SETTINGS = """# Settings

Opora reads its settings from the environment. `opora serve` needs none of them. Each may also be
given as a file: `NAME_FILE=/path` takes the file's content, without the line end, so that a secret
need not stand in the environment. Where both are given, the variable itself counts.

| setting | meaning | default |
| --- | --- | --- |
"""

ERRORS = """# Error codes

Whatever Opora declines, it declines with a code that never changes, a sentence for the reader, and
the facts of the refusal. The API answers `application/problem+json` with `code`, `title`, `status`,
`detail`, `type` = `/problems/CODE`, and the facts as further members. Pages show the sentence where
it belongs; the command line prints it on standard error and exits 1. Sentences may be reworded;
codes may not.

| code | status | title | facts |
| --- | --- | --- | --- |
"""

REASONS = """
## Reasons of eligibility

Why a contract cannot be used for a product version, in the order in which they are given. A refusal
by eligibility (409) carries the first one as `code` and all of them in `reasons`, each with a
sentence and a remedy.

| code | sentence | remedy |
| --- | --- | --- |
"""


def settings() -> str:
    """settings.md: every field of the environment, in the code's order."""
    from opora.config.env import Environment

    rows = []
    for name, field in Environment.model_fields.items():
        default = "" if field.default in (None, "") else f"`{field.default}`"
        rows.append(f"| `OPORA_{name.upper()}` | {field.description} | {default} |\n")
    return SETTINGS + "".join(rows)


def errors() -> str:
    """errors.md: every refusal of every module, by code, and every reason of eligibility."""
    from django.utils import translation

    from opora.contracts.reasons import WORDS

    with translation.override("en"):
        rows = sorted({row for row in _refusals() if row})
        reasons = [
            f"| `{code}` | {_plain(sentence)} | {_plain(remedy)} |\n"
            for code, (sentence, remedy) in WORDS.items()
        ]
    return ERRORS + "".join(rows) + REASONS + "".join(reasons)


def _refusals() -> Iterator[str]:
    from opora.core.errors import Refusal

    for module in pkgutil.walk_packages(importlib.import_module("opora").__path__, "opora."):
        if ".migrations" not in module.name and module.name != "opora.config.wsgi":
            importlib.import_module(module.name)
    waiting = [Refusal]
    while waiting:
        refusal = waiting.pop()
        waiting += refusal.__subclasses__()
        if refusal.__module__.startswith("opora.") and getattr(refusal, "code", None):
            facts = ", ".join(f"`{fact.name}`" for fact in fields(refusal))
            yield f"| `{refusal.code}` | {_status(refusal)} | {_plain(refusal.title)} | {facts} |\n"


def _status(refusal: type) -> str:
    from opora.api.problems import STATUS as OF_CALLS
    from opora.web.refusals import STATUS, STATUS_OF_CODE

    by_type = OF_CALLS | STATUS
    family = next((by_type[one] for one in refusal.__mro__ if one in by_type), "")
    return str(STATUS_OF_CODE.get(getattr(refusal, "code", ""), family))


def _plain(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


PAGES = {
    "reference/settings.md": settings,
    "reference/errors.md": errors,
    "spec/coverage.md": coverage,
}


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "opora.config.settings"
    import django

    django.setup()
    for name, written in PAGES.items():
        (FOLDER / name).write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main()
