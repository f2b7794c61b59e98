"""What an article is about in a line, from its Markdown."""

from __future__ import annotations

import re

LONGEST_SUMMARY = 180

_MARKS = re.compile(r"[*_`#>]+|\[([^\]]*)\]\([^)]*\)")
_NO_SENTENCE = ("#", "-", "*", "1.", "|", "```", ">", "    ")


def summary_of(body: str) -> str:
    """The first paragraph as plain words, cut at a word."""
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        if not paragraph.startswith(_NO_SENTENCE):
            words = " ".join(_MARKS.sub(r"\1", paragraph).split())
            if len(words) <= LONGEST_SUMMARY:
                return words
            return words[:LONGEST_SUMMARY].rsplit(" ", 1)[0] + " …"
    return ""
