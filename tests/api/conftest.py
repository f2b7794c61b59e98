"""Time stands still for API tests: the instant of the factories."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    from tests.factories import NOW  # models need Django set up, which comes after this file

    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
