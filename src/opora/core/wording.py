"""Names that travel with every list are one JSON column {"cs", "en"}, read here."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

LANGUAGES = ("cs", "en")


def in_language(names: Mapping[str, str], language: str | None = None) -> str:
    """The name in the reader's language (or `language`), else in English, else in any."""
    wanted = (language or get_language() or "en")[:2]
    for candidate in (wanted, "en", *names):
        if text := names.get(candidate):
            return text
    return ""
