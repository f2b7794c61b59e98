"""Static files as they are served: under names that change with their content."""

from __future__ import annotations

from typing import Any, ClassVar

from whitenoise.storage import CompressedManifestStaticFilesStorage

_, IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns
OURS = ("web/*.js", "portal/*.js", "desk/*.js")


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Our scripts too find what they import under such a name, and a browser keeps it for good;
    without that it asks for each part of a script every minute. Those of libraries stay as they
    are: some name files that are not there."""

    patterns: ClassVar = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((names, IMPORTS) for names in OURS),
    )

    def create_compressor(self, **options: Any) -> Any:
        """By gzip alone: Brotli saves a tenth of it and takes forty times as long, at the first
        start."""
        return super().create_compressor(**options | {"use_brotli": False})
