"""Uploads stream to disk and stop at the vendor's limit, whatever length was announced (FI-04)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

PATIENCE = 4  # so many times the limit is read and thrown away, so that the browser gets its answer
LEEWAY = 2**24  # bytes of text, and of what multipart puts around files


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Django's streaming handler that keeps one byte more than the limit and discards the rest.

    The file that was cut is one byte too large, so whoever stores it refuses it by the same rule as
    any other; the text fields of the form are kept. Of a form that announces more than its files
    can have together, no file is read at all; nor is a flood read to its end. The text in front of
    that file is kept too, and `cut_off` names the file.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **options: Any
    ) -> Any:
        self.announces_too_much = content_length > most_of_a_form()
        self.discarded = 0
        return super().handle_raw_input(input_data, META, content_length, *args, **options)

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.kept = 0
        self.file: TemporaryUploadedFile
        if self.announces_too_much:
            self._stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        limit: int = settings.ATTACHMENT_LIMIT
        fits = raw_data[: max(0, limit + 1 - self.kept)]
        self.kept += len(fits)
        self.discarded += len(raw_data) - len(fits)
        self.file.write(fits)
        if self.discarded > PATIENCE * limit + LEEWAY:
            self._stop()

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return super().file_complete(min(file_size, self.kept))

    def _stop(self) -> None:
        self.request.cut_off_at = self.file_name  # type: ignore[union-attr]
        self.file.close()
        raise StopUpload(connection_reset=True)


def most_of_a_form() -> int:
    """The most bytes that a form with files may have."""
    most: int = settings.DATA_UPLOAD_MAX_NUMBER_FILES * settings.ATTACHMENT_LIMIT
    return most + LEEWAY


def cut_off(request: HttpRequest) -> str | None:
    """The name of the file at which reading the form was given up; None if it was read whole."""
    return getattr(request, "cut_off_at", None)
