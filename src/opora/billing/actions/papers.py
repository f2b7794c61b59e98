"""Receipts and credit notes: numbered without gaps, and never changed (I3).

A number is taken in the transaction that issues its paper, under the lock of its series: what rolls
back gives the number back. Whoever issues one should have little left to do before committing.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from opora.billing.models import Paper, Purchase, Refund
from opora.core import audit
from opora.core.days import today

Kind = Paper.Kind
LETTERS = {Kind.RECEIPT: "R", Kind.CREDIT_NOTE: "C"}


@transaction.atomic
def issue_receipt(*, purchase: Purchase, now: datetime) -> Paper:
    """The receipt of a captured purchase, part of the transaction that captures. Again: the same
    one."""
    purchase = _locked(purchase.pk)
    issued = purchase.papers.filter(kind=Kind.RECEIPT).first()
    if issued is not None:
        return issued
    return _issue(Kind.RECEIPT, purchase, None, amount=purchase.amount, tax=purchase.tax, now=now)


@transaction.atomic
def issue_credit_note(*, refund: Refund, now: datetime) -> Paper:
    """The credit note of a refund that is done, part of the transaction that says so. Again: the
    same one.

    Its tax is the purchase's in proportion, so that the tax of all of them is never more than a
    rounding away from the exact part, and that of a purchase that went back whole is the receipt's.
    """
    purchase = _locked(refund.purchase_id)
    issued = purchase.papers.filter(refund=refund).first()
    if issued is not None:
        return issued
    before = purchase.papers.filter(kind=Kind.CREDIT_NOTE).aggregate(
        amount=Sum("amount", default=0), tax=Sum("tax", default=0)
    )
    back = before["amount"] + refund.amount
    tax = tax_of_part(purchase, back) - before["tax"]
    return _issue(Kind.CREDIT_NOTE, purchase, refund, amount=refund.amount, tax=tax, now=now)


def tax_of_part(purchase: Purchase, part: int) -> int:
    """How much of `part` of what was paid is tax, in minor units, half of one rounded up."""
    return (2 * purchase.tax * part + purchase.amount) // (2 * purchase.amount)


def _locked(purchase_pk: int) -> Purchase:
    """Locked, so that two at once issue one paper: the second finds the first one's."""
    return Purchase.objects.locked().select_related("account__person").get(pk=purchase_pk)


def _issue(
    kind: Paper.Kind,
    purchase: Purchase,
    refund: Refund | None,
    *,
    amount: int,
    tax: int,
    now: datetime,
) -> Paper:
    issued_on = today(now)
    buyer = purchase.account
    paper = Paper.objects.create(
        number=_next_number(f"{LETTERS[kind]}{issued_on.year}"),
        kind=kind,
        purchase=purchase,
        refund=refund,
        issued_on=issued_on,
        issued_at=now,
        amount=amount,
        tax=tax,
        seller={"name": settings.VENDOR_NAME, "lines": list(settings.SELLER)},
        buyer={
            "name": buyer.full_name,
            "company": buyer.company,
            "email": buyer.email,
            "country": purchase.country,
        },
    )
    audit.record(
        "paper.issued",
        target=("purchase", purchase.key),
        by=None,
        at=now,
        paper=paper.number,
        refund=refund.public_id.hex if refund else None,
    )
    return paper


def _next_number(series: str) -> str:
    """`R2026-000001`, then the next one. One statement counts and locks until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_paperseries AS s (code, last) VALUES (%s, 1) "
            "ON CONFLICT (code) DO UPDATE SET last = s.last + 1 RETURNING last",
            [series],
        )
        return f"{series}-{cursor.fetchone()[0]:06d}"
