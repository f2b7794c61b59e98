"""What an account has bought, and the papers about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from opora.accounts.models import Account
from opora.billing.models import Dispute, Paper, Purchase
from opora.billing.standing import Standing, standing_of
from opora.core.errors import NotFound
from opora.core.ids import parse_public_id
from opora.core.paging import LIMIT, Keyset, Page, clamp, following

PURCHASES = Keyset("purchases", datetime, int)


@dataclass(frozen=True)
class PurchaseRow:
    """A purchase with its plan, contract and papers (the receipt first), as a list shows it."""

    purchase: Purchase
    standing: Standing
    papers: list[Paper]


def purchases_of(
    account: Account, after: str | None = None, *, limit: int = LIMIT
) -> Page[PurchaseRow]:
    """What the account bought or began to buy, newest first. Three statements, however many."""
    limit = clamp(limit)
    rows = (
        Purchase.objects.filter(account=account)
        .filter(following(PURCHASES.read(after), at="created_at", tie="id"))
        .select_related("plan_version__plan", "contract")
        .prefetch_related(
            Prefetch("papers", Paper.objects.order_by("id")),
            Prefetch("disputes", Dispute.objects.order_by("id")),
        )
        .order_by("-created_at", "-id")[: limit + 1]
    )
    found = PURCHASES.page(list(rows), limit, lambda row: (row.created_at, row.pk))
    return found.map(_row)


def papers_of(purchase: Purchase) -> list[Paper]:
    """The papers about a purchase, the receipt first. One statement."""
    return list(purchase.papers.order_by("id"))


def paper_for(account: Account, purchase_id: str, paper_id: str) -> Paper:
    """A paper of the account's own purchase, with all that it refers to; else NotFound."""
    purchase, paper = parse_public_id(purchase_id), parse_public_id(paper_id)
    found = (
        paper_rows()
        .filter(public_id=paper, purchase__public_id=purchase, purchase__account=account)
        .first()
        if purchase and paper
        else None
    )
    if found is None:
        raise NotFound
    return found


def paper_rows() -> QuerySet[Paper]:
    """Papers with what a document says of them."""
    return Paper.objects.select_related(
        "purchase__plan_version__plan", "purchase__contract", "refund"
    )


def receipt_of(purchase: Purchase) -> Paper | None:
    """The receipt of a purchase, None before it is paid."""
    return paper_rows().filter(purchase=purchase, kind=Paper.Kind.RECEIPT).first()


def _row(purchase: Purchase) -> PurchaseRow:
    return PurchaseRow(
        purchase=purchase,
        standing=standing_of(
            state=purchase.state,
            amount=purchase.amount,
            refunded=purchase.refunded,
            disputes=[dispute.state for dispute in purchase.disputes.all()],
        ),
        papers=list(purchase.papers.all()),
    )
