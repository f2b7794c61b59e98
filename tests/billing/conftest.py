"""What tests of buying start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.billing.books import Books
    from tests.billing.shop import Shopper


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Books:
    """A provider whose books are in memory, as the installation's only one."""
    from tests.billing.books import open_books

    return open_books(monkeypatch, settings)


@pytest.fixture
def shopper(books: Books) -> Shopper:
    """Somebody who buys what ships, from that provider."""
    from tests.billing.shop import Shopper, load_sold_plans

    load_sold_plans()
    return Shopper()


@pytest.fixture
def held(db: None) -> None:
    """This is a restored copy that was not released."""
    from opora.core.models import Installation
    from tests.factories import NOW

    Installation.objects.create(pk=1, fingerprint="x", prepared_at=NOW, held_at=NOW)
