"""Everybody who comes through the customers' door in these tests, at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client

    from opora.accounts.models import Account


@pytest.fixture(autouse=True)
def _at_one_moment() -> Iterator[None]:
    from tests import factories

    with time_machine.travel(factories.NOW, tick=False):
        yield


@pytest.fixture
def alice(db: None) -> Account:
    from tests import cast

    return cast.alice()


@pytest.fixture
def alices(alice: Account) -> Client:
    """Alice's, signed in."""
    from tests.portal.people import signed_in

    return signed_in(alice)
