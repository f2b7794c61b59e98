"""How products are found: by words, whatever their case and accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def folded(text: str) -> str:
    """`text` without case and accents, runs of white space one blank. Compatibility forms are one:
    full-width letters are found by ordinary ones."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def search_text(texts: Iterable[str]) -> str:
    """What is kept beside a product to be searched: its texts folded, one a line, so that no word
    is found across two of them."""
    return "\n".join(folded(text) for text in texts)
