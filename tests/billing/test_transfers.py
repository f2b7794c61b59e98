"""Transfers as a bank's app reads them. Accounts are examples of the banks' own documents."""

from __future__ import annotations

import pytest

from opora.billing.transfers import iban_of, transfer_code


@pytest.mark.parametrize(
    ("account", "iban"),
    [
        ("19-2000145399/0800", "CZ6508000000192000145399"),
        ("1265098001/5500", "CZ5855000000001265098001"),
        ("CZ65 0800 0000 1920 0014 5399", "CZ6508000000192000145399"),
        ("de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("AT61 1904 3002 3457 3201", "AT611904300234573201"),
        ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
    ],
)
def test_an_account_becomes_its_iban(account: str, iban: str) -> None:
    assert iban_of(account) == iban


@pytest.mark.parametrize(
    "account",
    [
        "",
        "19-2000145398/0800",  # its digits do not add up
        "18-2000145399/0800",
        "2000145399",
        "CZ66 0800 0000 1920 0014 5399",
        "DE89 3704 0044 0532 0130 01",
        "at the counter",
        "*ACC:CZ6508000000192000145399",
    ],
)
def test_what_is_no_account_makes_no_code(account: str) -> None:
    assert iban_of(account) == ""
    assert (
        transfer_code(
            account=account, holder="Contoso", amount=1, currency="CZK", reference="1234567890"
        )
        == ""
    )


def code(currency: str, amount: int = 1_240_005, holder: str = "Contoso") -> str:
    return transfer_code(
        account="19-2000145399/0800",
        holder=holder,
        amount=amount,
        currency=currency,
        reference="7676072954",
    )


def test_koruna_are_a_short_payment_descriptor() -> None:
    assert code("CZK") == (
        "SPD*1.0*ACC:CZ6508000000192000145399*AM:12400.05*CC:CZK*X-VS:7676072954"
    )


def test_euro_are_an_epc_code() -> None:
    lines = code("EUR", amount=49_900, holder="Opora a přátelé " * 9).split("\n")
    assert lines[:5] == ["BCD", "002", "1", "SCT", ""]
    assert lines[5].startswith("Opora a přátelé")
    assert len(lines[5]) == 70
    assert lines[6:] == ["CZ6508000000192000145399", "EUR499.00", "", "", "7676072954"]


def test_other_currencies_have_none() -> None:
    assert code("USD") == code("JPY") == ""
