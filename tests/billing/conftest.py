"""What tests of buying start from."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import SettingsWrapper

from tests.billing.books import Books, open_books


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch, settings: SettingsWrapper) -> Books:
    """A provider whose books are in memory, as the installation's only one."""
    return open_books(monkeypatch, settings)
