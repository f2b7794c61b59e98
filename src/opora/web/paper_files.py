"""A receipt or a credit note as a document to keep, in the reader's language.

Its words about seller and buyer, its number, day and amounts are those it was issued with.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from opora.accounts.places import countries
from opora.billing.models import Paper, Purchase
from opora.billing.queries.papers import receipt_of
from opora.billing.wording import paid_by
from opora.core import formats
from opora.core.days import today
from opora.core.wording import in_language
from opora.web.documents import Document, DocumentColumn, Party, Table, pdf_of


def paper_words(paper: Paper) -> str:
    """`Receipt R2026-000001`."""
    named = {"number": paper.number}
    if paper.kind == Paper.Kind.RECEIPT:
        return _("Receipt %(number)s") % named
    return _("Credit note %(number)s") % named


def file_name(paper: Paper) -> str:
    """`receipt-R2026-000001.pdf`."""
    stem = (
        pgettext("name of a file", "receipt")
        if paper.kind == Paper.Kind.RECEIPT
        else pgettext("name of a file", "credit-note")
    )
    return f"{stem}-{paper.number}.pdf"


def paper_download(paper: Paper) -> HttpResponse:
    """The document as a file to save, for its buyer and for the vendor alike."""
    answer = HttpResponse(paper_pdf(paper), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=file_name(paper)
    )
    return answer


def paper_pdf(paper: Paper) -> bytes:
    """The paper on A4. At most one statement, for the receipt that a credit note refers to."""
    purchase, title = paper.purchase, paper_words(paper)
    return pdf_of(
        Document(
            language=formats.language(),
            issuer=paper.seller["name"],
            title=title,
            lead=_lead(paper),
            foot=title,
            page_words=_("Page %(page)s of %(pages)s"),
            parties=(
                Party(_("Seller"), paper.seller["name"], paper.seller.get("lines", ())),
                Party(_("Buyer"), *_buyer(paper.buyer)),
            ),
            facts=_facts(paper, purchase),
            tables=[_what(paper, purchase)],
        )
    )


def _lead(paper: Paper) -> str:
    words = {
        "amount": formats.money(paper.amount, paper.purchase.currency),
        "day": formats.day(paper.issued_on),
    }
    if paper.kind == Paper.Kind.RECEIPT:
        return _("%(amount)s paid on %(day)s") % words
    return _("%(amount)s refunded on %(day)s") % words


def _buyer(buyer: dict[str, str]) -> tuple[str, list[str]]:
    """A company stands over the person who bought for it."""
    names = [name for name in (buyer["company"], buyer["name"], buyer["email"]) if name]
    country = dict(countries()).get(buyer["country"], buyer["country"])
    return names[0], [*names[1:], country]


def _facts(paper: Paper, purchase: Purchase) -> list[tuple[str, str]]:
    facts = [(_("Issued on"), formats.day(paper.issued_on))]
    if paper.kind == Paper.Kind.CREDIT_NOTE:
        receipt = receipt_of(purchase)
        if receipt is not None:
            said = _("%(receipt)s of %(day)s") % {
                "receipt": paper_words(receipt),
                "day": formats.day(receipt.issued_on),
            }
            facts.append((_("Refers to"), said))
    facts.append((_("Purchase"), purchase.number))
    if purchase.contract is not None and purchase.contract.shown_contract_id:
        facts.append((_("Contract ID"), purchase.contract.shown_contract_id))
    if purchase.captured_at is not None:
        facts.append((_("Paid on"), formats.day(today(purchase.captured_at))))
    back = paper.kind == Paper.Kind.CREDIT_NOTE
    facts.append((_("Refunded to") if back else _("Paid by"), paid_by(purchase)))
    return facts


def _what(paper: Paper, purchase: Purchase) -> Table:
    """What was bought and what it came to; of a credit note what of that went back."""
    currency = purchase.currency
    net, tax, whole = (
        formats.money(amount, currency)
        for amount in (paper.amount - paper.tax, paper.tax, paper.amount)
    )
    is_receipt = paper.kind == Paper.Kind.RECEIPT
    row = (_item(paper, purchase), _incidents(paper, purchase), net, _rate(purchase), tax, whole)
    return Table(
        _("What was bought") if is_receipt else _("What was refunded"),
        (
            DocumentColumn(_("Item"), 174),
            DocumentColumn(_("Incidents"), 60, is_number=True),
            DocumentColumn(_("Price without tax"), 86, is_number=True),
            DocumentColumn(_("Tax rate"), 55, is_number=True),
            DocumentColumn(_("Tax"), 62, is_number=True),
            DocumentColumn(_("Total"), 70, is_number=True),
        ),
        [
            row,
            (
                pgettext("sum", "Total paid") if is_receipt else _("Total refunded"),
                "",
                net,
                "",
                tax,
                whole,
            ),
        ],
        strong=frozenset({1}),
    )


def _item(paper: Paper, purchase: Purchase) -> str:
    plan = in_language(purchase.plan_version.plan.names)
    if paper.kind == Paper.Kind.CREDIT_NOTE or not purchase.has_round_the_clock:
        return plan
    return _("%(plan)s, with round-the-clock support") % {"plan": plan}


def _incidents(paper: Paper, purchase: Purchase) -> str:
    """How many were bought; of a refund how many were taken back for it."""
    if paper.refund is None:
        return formats.number(purchase.incidents)
    return formats.number(paper.refund.incidents) if paper.refund.incidents else "–"


def _rate(purchase: Purchase) -> str:
    return formats.tax_rate(purchase.tax_rate)
