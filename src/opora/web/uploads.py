"""Uploads stream to disk and stop at the vendor's limit, whatever length was announced (FI-04)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

PATIENCE = 4  # so many times the limit is read and thrown away, so that the browser gets its answer


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Django's streaming handler that keeps one byte more than the limit and discards the rest.

    The file that was cut is one byte too large, so whoever stores it refuses it by the same rule as
    any other; the text fields of the form are kept. A flood beyond `PATIENCE` drops the connection.
    """

    def handle_raw_input(self, *args: Any, **options: Any) -> Any:
        self.read = 0
        return super().handle_raw_input(*args, **options)

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.kept = 0
        self.file: TemporaryUploadedFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        limit: int = settings.ATTACHMENT_LIMIT
        self.read += len(raw_data)
        if self.read > PATIENCE * limit + 2**24:
            raise StopUpload(connection_reset=True)
        fits = raw_data[: max(0, limit + 1 - self.kept)]
        self.kept += len(fits)
        self.file.write(fits)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return super().file_complete(min(file_size, self.kept))
