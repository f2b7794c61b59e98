"""A contract's statement as files: a table for spreadsheets, and a document to print (S13.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from django.conf import settings
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from opora.contracts.models import Contract, IncidentEntry
from opora.contracts.queries import REASONS, StatementLine
from opora.contracts.sharing import registrants_of
from opora.contracts.statements import OpenContract, lines_from
from opora.core import formats
from opora.core.wording import in_language
from opora.web.documents import Document, DocumentColumn, Table, pdf_of
from opora.web.tables import Cell

MOST_LINES = 2000  # of a document: fifty pages; the table for spreadsheets has them all
MOST_REGISTRANTS = 100


def entry_words(kind: str) -> str:
    """The kind of an entry in the reader's language."""
    return {
        "granted": pgettext("ledger entry", "Granted"),
        "consumed": pgettext("ledger entry", "Used"),
        "returned": pgettext("ledger entry", "Returned"),
        "expired": pgettext("ledger entry", "Expired"),
        "adjusted": pgettext("ledger entry", "Adjusted"),
    }[kind]


def statement_rows(contract: Contract) -> Iterator[list[list[Cell]]]:
    """The whole statement as rows under their headings, oldest first, a piece at a time.

    What came in and what went out are columns of their own, so that no cell is a negative number.
    Words and clocks are the reader's of now; the pieces may be read after the request.
    """
    zone = get_current_timezone()
    words = {kind: entry_words(kind) for kind in IncidentEntry.Kind.values}
    reasons = {code: str(said) for code, said in REASONS.items()}
    head: list[Cell] = [
        _("When (%(zone)s)") % {"zone": str(zone)},
        _("What"),
        _("Reason"),
        _("Request"),
        _("Who"),
        pgettext("statement", "In"),
        pgettext("statement", "Out"),
        _("Balance"),
    ]

    def row(line: StatementLine) -> list[Cell]:
        return [
            f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            words[line.kind],
            reasons.get(line.reason, line.reason),
            # Sixteen digits: a spreadsheet would round the number.
            f"#{line.case_number}" if line.case_number else "",
            line.by_name,
            max(line.quantity, 0),
            max(-line.quantity, 0),
            line.balance,
        ]

    pieces = lines_from(contract, 1)
    return chain([[head]], ([row(line) for line in lines] for lines in pieces))


def statement_pdf(opened: OpenContract, *, now: datetime) -> bytes:
    """The statement as a bank would print it: oldest first, with the balance brought forward if
    there are more entries than a document holds. Managers see who registered the contract."""
    contract = opened.contract
    first = max(1, contract.entry_count - MOST_LINES + 1)
    lines = list(chain.from_iterable(lines_from(contract, first)))
    shown = contract.shown_contract_id or ""
    tables = [_entries(lines)]
    if opened.is_manager:
        tables.append(_registrants(contract))
    return pdf_of(
        Document(
            language=formats.language(),
            issuer=settings.VENDOR_NAME,
            title=_("Statement of contract %(contract)s") % {"contract": shown},
            foot=_("Contract %(contract)s, statement of %(instant)s")
            % {"contract": shown, "instant": formats.instant(now)},
            page_words=_("Page %(page)s of %(pages)s"),
            facts=_facts(contract),
            notes=_notes(lines, now=now),
            tables=tables,
        )
    )


def _facts(contract: Contract) -> list[tuple[str, str]]:
    left, granted = contract.incidents_left, contract.incidents_granted
    facts = [
        (_("Plan"), in_language(contract.plan_version.plan.names)),
        (_("Contract ID"), contract.shown_contract_id or "–"),
    ]
    if contract.starts_on and contract.ends_on:
        facts += [
            (_("Starts on"), formats.day(contract.starts_on)),
            (_("Last usable day"), formats.day(contract.ends_on)),
        ]
    balance = ngettext(
        "%(left)s of %(count)s incident left", "%(left)s of %(count)s incidents left", granted
    ) % {"left": formats.number(left), "count": formats.number(granted)}
    return [*facts, (_("Balance"), balance)]


def _notes(lines: Sequence[StatementLine], *, now: datetime) -> list[str]:
    zone = str(get_current_timezone())
    notes = [
        _("Made on %(instant)s. Times are in the time zone %(zone)s.")
        % {"instant": formats.instant(now), "zone": zone}
    ]
    if lines and lines[0].sequence > 1:
        notes.append(
            _("These are the newest %(count)s entries. The CSV file has all of them.")
            % {"count": formats.number(len(lines))}
        )
    return notes


def _entries(lines: Sequence[StatementLine]) -> Table:
    rows = [
        (
            formats.instant(line.at),
            _what(line),
            line.case_number or "–",
            line.by_name,
            formats.number(line.quantity) if line.quantity > 0 else "",
            formats.number(-line.quantity) if line.quantity < 0 else "",
            formats.number(line.balance),
        )
        for line in lines
    ]
    if not rows:
        return Table(_("Statement"), _columns(), [("", _("No entries yet."), "", "", "", "", "")])
    before = lines[0].balance - lines[0].quantity
    opening = ("", _("Balance before"), "", "", "", "", formats.number(before))
    closing = ("", _("Balance after"), "", "", *_sums(lines), rows[-1][-1])
    return Table(
        _("Statement"),
        _columns(),
        [opening, *rows, closing],
        strong=frozenset({0, len(rows) + 1}),
    )


def _what(line: StatementLine) -> str:
    """What happened; that an incident was used says all, next to the number of its request."""
    kind = entry_words(line.kind)
    return kind if line.kind == IncidentEntry.Kind.CONSUMED else f"{kind}: {line.reason_text}"


def _sums(lines: Sequence[StatementLine]) -> tuple[str, str]:
    came = sum(line.quantity for line in lines if line.quantity > 0)
    went = -sum(line.quantity for line in lines if line.quantity < 0)
    return formats.number(came), formats.number(went)


def _columns() -> list[DocumentColumn]:
    return [
        DocumentColumn(_("When"), 92),
        DocumentColumn(_("What"), 123),
        DocumentColumn(_("Request"), 94),
        DocumentColumn(_("Who"), 84),
        DocumentColumn(pgettext("statement", "In"), 34, is_number=True),
        DocumentColumn(pgettext("statement", "Out"), 34, is_number=True),
        DocumentColumn(_("Balance"), 46, is_number=True),
    ]


def _registrants(contract: Contract) -> Table:
    found = registrants_of(contract, limit=MOST_REGISTRANTS, live=True)
    rows = [
        (one.account.full_name, one.account.email, formats.instant(one.registered_at))
        for one in found.items
    ]
    if not rows:
        rows.append((_("Nobody"), "", ""))
    if found.next:
        rows.append((_("And others who added it earlier."), "", ""))
    return Table(
        _("Accounts that added this contract"),
        [
            DocumentColumn(_("Name"), 160),
            DocumentColumn(_("E-mail"), 225),
            DocumentColumn(_("Added"), 122),
        ],
        rows,
    )
