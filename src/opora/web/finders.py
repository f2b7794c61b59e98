"""Static files that come inside a library: chosen ones, under names of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import fontpkg_open_sans
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage


class LibraryStorage(FileSystemStorage):
    """A library's folder, its files under other names."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        super().__init__(location=str(folder))
        self.folder, self.files = folder, files

    def path(self, name: str) -> str:
        return str(self.folder / self.files.get(Path(name).as_posix(), "missing"))


class LibraryFinder(BaseFinder):
    """Offers files of a library to `collectstatic`, so that no copy is kept in the repository.

    `files`: the library's name of each of ours.
    """

    folder: ClassVar[Path]
    files: ClassVar[Mapping[str, str]]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.storage = LibraryStorage(self.folder, self.files)

    def check(self, **options: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **options: Any) -> Any:
        if path not in self.files:
            return []  # in both ways of asking: Django would take None for a place
        return [self.storage.path(path)] if find_all else self.storage.path(path)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        for name in self.files:
            yield name, self.storage


class FontFinder(LibraryFinder):
    """The typeface, under a name that needs no escaping in a style sheet."""

    folder = Path(fontpkg_open_sans.__file__).parent / "files"
    files: ClassVar = {"web/open-sans.ttf": "OpenSans[wdth,wght].ttf"}
