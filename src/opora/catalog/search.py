"""How products are found: by words, whatever their case and accents."""

from __future__ import annotations

from collections.abc import Iterable

from opora.core.stems import without_accents


def folded(text: str) -> str:
    """`text` without case and accents, runs of white space one blank."""
    return " ".join(without_accents(text.casefold()).split())


def search_text(texts: Iterable[str]) -> str:
    """What is kept beside a product to be searched: its texts folded, one a line, so that no word
    is found across two of them."""
    return "\n".join(folded(text) for text in texts)
