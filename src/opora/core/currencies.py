"""How many decimals an amount in minor units has, by ISO 4217.

Tables for showing money (CLDR) say 0 for currencies whose minor unit is merely not used any more;
an amount read by them would be a hundred times what a card is charged.
"""

from __future__ import annotations

USUAL = 2
OTHERS = {
    **dict.fromkeys(
        (
            *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"),
            *("VND", "VUV", "XAF", "XOF", "XPF"),
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def decimals(currency: str) -> int:
    """Digits behind the decimal mark: 2 of `CZK`, 0 of `JPY`, 3 of `KWD`."""
    return OTHERS.get(currency, USUAL)
