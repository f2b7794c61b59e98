"""Static files of the page that tries calls."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from opora.web.finders import LibraryFinder


def _folder() -> Path:
    """Where Ninja keeps them. It is not imported for that: every command would pay for it."""
    spec = find_spec("ninja")
    if spec is None or spec.origin is None:
        raise ImportError("ninja")
    return Path(spec.origin).parent / "static" / "ninja"


class SwaggerFinder(LibraryFinder):
    """Of the many files that Ninja carries, the two that the page links, and the map that one of
    them names."""

    folder = _folder()
    files: ClassVar = {
        f"ninja/{name}": name
        for name in ("swagger-ui.css", "swagger-ui.css.map", "swagger-ui-bundle.js")
    }
