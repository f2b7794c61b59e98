"""Static files that come inside a library: the typeface."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fontpkg_open_sans
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

FOLDER = Path(fontpkg_open_sans.__file__).parent / "files"
FILES = {"web/open-sans.ttf": "OpenSans[wdth,wght].ttf"}


class FontStorage(FileSystemStorage):
    """The library's folder under names that need no escaping in a style sheet."""

    def path(self, name: str) -> str:
        return str(FOLDER / FILES.get(Path(name).as_posix(), "missing"))


class FontFinder(BaseFinder):
    """Offers the typeface to `collectstatic`, so that no binary is kept in the repository."""

    storage = FontStorage(location=str(FOLDER))

    def check(self, **options: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **options: Any) -> Any:
        if path not in FILES:
            return []  # in both ways of asking: Django would take None for a place
        return [self.storage.path(path)] if find_all else self.storage.path(path)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        for name in FILES:
            yield name, self.storage
