"""Everybody who comes through the agents' door in these tests, at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client

    from opora.accounts.models import Account
    from opora.cases.models import Case


@pytest.fixture(autouse=True)
def _at_one_moment() -> Iterator[None]:
    from tests import factories

    with time_machine.travel(factories.NOW, tick=False):
        yield


@pytest.fixture
def danas(dana: Account) -> Client:
    """Dana's browser, switched to English."""
    from tests.desk.seats import seat_of

    return seat_of(dana)


@pytest.fixture
def case(alice: Account, bob: Account) -> Case:
    from tests import factories

    return factories.case(submitted_by=alice, others=(bob,), title="Backups stop")
