"""What tests of buying start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.billing.books import Books


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Books:
    """A provider whose books are in memory, as the installation's only one."""
    from tests.billing.books import open_books

    return open_books(monkeypatch, settings)
