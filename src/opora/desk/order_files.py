"""Purchases as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain

from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from opora.billing.models import Purchase
from opora.billing.queries.orders import Narrowing, orders_in_pieces
from opora.core.currencies import decimals
from opora.core.formats import language
from opora.core.wording import in_language
from opora.desk.order_words import PROVIDERS, STATES
from opora.web.tables import Cell

# Where the decimal mark is a comma; spreadsheets take the other one for text or a day.
MARKS = {"cs": ",", "en": "."}


def order_rows(narrowing: Narrowing) -> Iterator[list[list[Cell]]]:
    """The purchases under their headings, newest first, a piece at a time.

    Words, clock and decimal mark are the reader's of now: the pieces are read after the request.
    """
    zone = get_current_timezone()
    mark, spoken = MARKS[language()], language()
    states = {code: str(words) for code, (words, _tone) in STATES.items()}
    providers = {code: str(words) for code, words in PROVIDERS.items()}
    yes = pgettext("table", "yes")
    head: list[Cell] = [
        pgettext("purchase", "Number"),
        _("Begun (%(zone)s)") % {"zone": str(zone)},
        _("Paid (%(zone)s)") % {"zone": str(zone)},
        _("State"),
        _("Buyer"),
        _("E-mail"),
        _("Company"),
        _("Country"),
        _("Plan"),
        _("Incidents"),
        _("Amount"),
        _("Tax in it"),
        _("Tax rate in percent"),
        _("Refunded"),
        _("Currency"),
        _("Paid by"),
        _("Provider’s reference"),
        _("Contract ID"),
        _("To look after"),
    ]

    def when(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""

    def row(one: Purchase) -> list[Cell]:
        digits = decimals(one.currency)

        def money(minor: int, places: int = digits) -> str:
            return str(Decimal(minor).scaleb(-places)).replace(".", mark)

        buyer = one.account
        return [
            # Ten digits: a spreadsheet would drop leading zeros.
            f"#{one.number}",
            when(one.created_at),
            when(one.captured_at),
            states[one.state],
            buyer.full_name,
            buyer.email,
            buyer.company,
            one.country,
            in_language(one.plan_version.plan.names, language=spoken),
            one.incidents,
            money(one.amount),
            money(one.tax),
            money(one.tax_rate, 2),
            money(one.refunded),
            one.currency,
            providers.get(one.provider, one.provider),
            one.reference,
            (one.contract and one.contract.shown_contract_id) or "",
            yes if one.flagged_at else "",
        ]

    return chain([[head]], ([row(one) for one in piece] for piece in orders_in_pieces(narrowing)))
