"""Icons as inline SVG, drawn once a process."""

from __future__ import annotations

from functools import lru_cache

from lucide.jinja import lucide
from markupsafe import Markup


@lru_cache(maxsize=256)
def icon(name: str, size: int = 20) -> Markup:
    """The Lucide icon `name`, hidden from screen readers: the words beside it say it."""
    drawing = lucide(
        name, size=size, **{"class": "icon", "aria-hidden": "true", "focusable": "false"}
    )
    return Markup(drawing)  # noqa: S704 - our own names, the library's drawings
