"""Amounts are shown by the same decimals that they are counted in."""

from __future__ import annotations

import pytest
from django.utils import translation

from opora.core import formats
from opora.core.currencies import decimals


@pytest.mark.parametrize(
    ("amount", "currency", "english", "czech"),
    [
        (1_240_000, "CZK", "CZK 12,400", "12 400 Kč"),
        (49_950, "EUR", "€499.50", "499,50 €"),
        (12_400, "JPY", "¥12,400", "12 400 JP¥"),
        (500_050, "HUF", "HUF 5,000.50", "5 000,50 HUF"),
        (5_120, "KWD", "KWD 5.120", "5,120 KWD"),
        # What is shown without decimals by habit is still counted with two.
        (600_000, "RSD", "RSD 6,000", "6 000 RSD"),
        (600_050, "RSD", "RSD 6,000.50", "6 000,50 RSD"),
        (50_000, "ISK", "ISK 50,000", "50 000 ISK"),
    ],
)
def test_money_is_shown_as_it_is_counted(
    amount: int, currency: str, english: str, czech: str
) -> None:
    for language, words in (("en", english), ("cs", czech)):
        with translation.override(language):
            assert formats.money(amount, currency).replace("\u00a0", " ") == words


def test_decimals_are_those_of_iso_4217() -> None:
    known = ("CZK", "RSD", "MGA", "JPY", "ISK", "BHD", "CLF")
    assert [decimals(currency) for currency in known] == [2, 2, 2, 0, 0, 3, 4]
