"""Where a page may lead on to."""

from __future__ import annotations

from django.utils.http import url_has_allowed_host_and_scheme


def is_own_path(wanted: str) -> bool:
    """Whether it is a path of this installation: of no other host, however that is written
    (WB-02)."""
    return wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
