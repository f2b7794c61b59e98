"""Everybody who comes through the customers' door in these tests, at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client

    from opora.accounts.models import Account
    from opora.catalog.models import Version
    from opora.contracts.models import Contract


@pytest.fixture(autouse=True)
def _at_one_moment() -> Iterator[None]:
    from tests import factories

    with time_machine.travel(factories.NOW, tick=False):
        yield


@pytest.fixture
def alices(alice: Account) -> Client:
    """Alice's, signed in."""
    from tests.cast import signed_in

    return signed_in(alice)


@pytest.fixture
def version(db: None) -> Version:
    from tests import factories

    return factories.version()


@pytest.fixture
def contract(alice: Account) -> Contract:
    """Alice's, usable for `version`."""
    from tests import factories

    return factories.contract(registered_to=(alice,))
