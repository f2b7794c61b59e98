"""The vendor's list of purchases, narrowed to what hardly any has, reads those and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opora.billing.queries.orders import Narrowing, orders
from tests import cast
from tests.billing import bought
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("narrowing", "index"),
    [
        (Narrowing(country="AT"), "purchase_by_country"),
        (Narrowing(currency="USD"), "purchase_by_currency"),
        (Narrowing(provider="outside"), "purchase_by_provider"),
        (Narrowing(state="awaiting"), "purchase_by_state"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_hardly_any_purchase_has_is_found_along_its_index(
    narrowing: Narrowing, index: str
) -> None:
    account, plan = cast.alice(), bought.pack()
    for number in range(200):
        bought.begun(account, plan=plan, at=NOW - timedelta(hours=number), provider="stripe")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as asked:
        assert len(orders(narrowing).items) == 0
    sql = asked.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
        assert index in str(cursor.fetchall())
