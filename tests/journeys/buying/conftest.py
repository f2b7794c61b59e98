"""One vendor who sells by card and by transfer, for all journeys of buying."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from opora.cli.demo.card_processor.processor import Processor
from tests.billing.processor import environment, running
from tests.journeys.conftest import unopened
from tests.journeys.house import PASSWORD, House

# Each journey has a buyer of its own.
BUYERS = [
    ("alice@example.com", "Alice", "Ames", "personal"),
    ("nora@example.com", "Nora", "Novak", "personal"),
    ("frank@example.com", "Frank", "Ford", "personal"),
    ("kate@example.com", "Kate", "Kent", "personal"),
    ("stella@example.com", "Stella", "Stone", "personal"),
    ("sam@example.com", "Sam", "Shaw", "personal"),
    ("ivan@example.com", "Ivan", "Ingram", "personal"),
    ("mia@example.com", "Mia", "Moss", "personal"),
    ("leo@example.com", "Leo", "Lang", "personal"),
    ("eve@opora.example", "Eve", "Emler", "administrator"),
]


@pytest.fixture(scope="package")
def processor() -> Iterator[Processor]:
    """The stand-in for Stripe."""
    with running() as made:
        yield made


@pytest.fixture(scope="package")
def house(processor: Processor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with unopened(tmp_path_factory) as made:
        made.installation.settings |= environment(processor)
        made.do(*(made.person(*one) for one in BUYERS), given=PASSWORD)
        made.open()
        processor.notices.to = f"{made.url}/payments/stripe/notices/"
        yield made
