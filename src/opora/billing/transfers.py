"""What a bank's app reads from a picture, so that a transfer need not be typed. Pure.

Czech koruna: the Short Payment Descriptor ("QR platba", version 1.0 of the Czech Banking
Association). Euro: the European Payments Council's guideline EPC069-12, version 002. For any other
currency, and for an account that is neither an IBAN nor a Czech number, there is no such text.
"""

from __future__ import annotations

import re

from opora.core.currencies import decimals

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
CZECH_ACCOUNT = re.compile(r"(?:([0-9]{1,6})-)?([0-9]{2,10})/([0-9]{4})")
CZECH_WEIGHTS = (6, 3, 7, 9, 10, 5, 8, 4, 2, 1)  # of ten digits; the sum is a multiple of 11
LONGEST_HOLDER = 70  # of an EPC code


def transfer_code(*, account: str, holder: str, amount: int, currency: str, reference: str) -> str:
    """The text of the picture, "" if there is none. `account`: as the vendor writes it, an IBAN or
    a Czech number; `amount`: minor units; `reference`: digits that the buyer sends along."""
    iban = iban_of(account)
    if not iban:
        return ""
    places = decimals(currency)
    whole, rest = divmod(amount, 10**places)
    money = f"{whole}.{rest:0{places}d}"
    if currency == "CZK":
        return f"SPD*1.0*ACC:{iban}*AM:{money}*CC:CZK*X-VS:{reference}"
    if currency == "EUR":
        name = holder[:LONGEST_HOLDER]
        return "\n".join(
            ["BCD", "002", "1", "SCT", "", name, iban, f"EUR{money}", "", "", reference]
        )
    return ""


def iban_of(account: str) -> str:
    """The account as an IBAN without spaces; "" if its check digits are wrong or it is neither an
    IBAN nor a Czech number such as `19-2000145399/0800`."""
    written = re.sub(r"\s", "", account).upper()
    if czech := CZECH_ACCOUNT.fullmatch(written):
        prefix, number, bank = (czech[1] or "").zfill(6), czech[2].zfill(10), czech[3]
        if not (_is_czech(prefix.zfill(10)) and _is_czech(number)):
            return ""
        return f"CZ{98 - _remainder(f'CZ00{bank}{prefix}{number}'):02}{bank}{prefix}{number}"
    return written if IBAN.fullmatch(written) and _remainder(written) == 1 else ""


def _is_czech(digits: str) -> bool:
    return sum(int(d) * w for d, w in zip(digits, CZECH_WEIGHTS, strict=True)) % 11 == 0


def _remainder(iban: str) -> int:
    """By 97, of the number that an IBAN is once its first four characters stand at its end and
    letters count from 10."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97
