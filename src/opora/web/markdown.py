"""Articles are written in Markdown; its HTML is cleaned after it was made, never before (XS-06)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# No pictures: nothing is fetched, and no file can be seen without its article (AC-15).
ALLOWED: dict[str, Any] = {
    "tags": {
        "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
        "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    },
    "attributes": {"a": {"href"}, "ol": {"start"}},
    "url_schemes": {"http", "https", "mailto"},
    "link_rel": "noopener noreferrer",
}  # fmt: skip

_READER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


@lru_cache(maxsize=512)
def markdown(text: str) -> Markup:
    """HTML of an article's text. Its headings begin below the page's own."""
    tokens = _READER.parse(text)
    for token in tokens:
        _lower(token)
    made = _READER.renderer.render(tokens, _READER.options, {})
    return Markup(nh3.clean(made, **ALLOWED))  # noqa: S704 - cleaned by the allow-list


def _lower(token: Token) -> None:
    """`# Heading` is the second level: the first is the article's title."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
