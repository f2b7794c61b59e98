"""Where a page may lead on to: paths of this installation, and nothing else."""

from __future__ import annotations

import pytest

from opora.web.ways import is_own_path
from tests.security.payloads import WAYS_OUT

pytestmark = [pytest.mark.rules]


@pytest.mark.parametrize("path", ["/", "/requests/", "/requests/new/?step=support#support"])
def test_paths_are_its_own(path: str) -> None:
    assert is_own_path(path)


@pytest.mark.shows("WB-02")
@pytest.mark.parametrize("wanted", ["", "requests/", "?next=/", "https://[", *WAYS_OUT])
def test_anything_else_is_not(wanted: str) -> None:
    assert not is_own_path(wanted)
