"""Receipts and credit notes as rows: numbers without gaps, frozen words, tax that adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from opora.billing.actions.papers import issue_credit_note, issue_receipt, tax_of_part
from opora.billing.invariants import papers_are_complete
from opora.billing.models import Paper, PaperSeries, Purchase
from opora.core.invariants import Snapshot
from opora.core.models import AuditLine
from tests import cast, factories
from tests.billing import bought
from tests.factories import NOW

pytestmark = [pytest.mark.django_db]


@pytest.mark.shows("I3", "S7.3")
def test_a_receipt_says_what_was_paid_and_by_whom(settings: Any) -> None:
    settings.VENDOR_NAME = "Contoso Support"
    settings.SELLER = ("Dlouhá 1, 110 00 Praha 1", "DIČ CZ12345678")
    alice = cast.alice()
    alice.company = "Ames & Sons"
    alice.save()
    purchase = bought.paid(alice, country="SK")

    paper = issue_receipt(purchase=purchase, now=NOW)

    paper.refresh_from_db()
    assert (paper.number, paper.kind, paper.issued_on) == (
        "R2026-000001",
        "receipt",
        date(2026, 11, 23),
    )
    assert (paper.amount, paper.tax) == (1_210_000, 210_000)
    assert paper.seller == {
        "name": "Contoso Support",
        "lines": ["Dlouhá 1, 110 00 Praha 1", "DIČ CZ12345678"],
    }
    assert paper.buyer == {
        "name": "Alice Ames",
        "company": "Ames & Sons",
        "email": "alice@example.com",
        "country": "SK",
    }
    line = AuditLine.objects.get(code="paper.issued")
    assert (line.target_id, line.facts) == (purchase.key, {"paper": "R2026-000001"})


@pytest.mark.shows("I3")
def test_a_paper_is_issued_once_however_often_it_is_asked_for() -> None:
    purchase = bought.paid(cast.alice())
    refund = bought.refunded(purchase, 10_000)

    receipts = {issue_receipt(purchase=purchase, now=NOW).pk for _ in range(3)}
    notes = {issue_credit_note(refund=refund, now=NOW).pk for _ in range(3)}

    assert (len(receipts), len(notes), Paper.objects.count()) == (1, 1, 2)
    assert dict(PaperSeries.objects.values_list("code", "last")) == {"C2026": 1, "R2026": 1}


@pytest.mark.shows("I3")
def test_a_number_whose_transaction_is_rolled_back_is_given_again() -> None:
    lost, kept = bought.paid(cast.alice()), bought.paid(cast.bob())

    begun = transaction.savepoint()
    issue_receipt(purchase=lost, now=NOW)
    transaction.savepoint_rollback(begun)

    assert Paper.objects.count() == 0
    assert issue_receipt(purchase=kept, now=NOW).number == "R2026-000001"


@pytest.mark.shows("I3", "S11.4")
def test_numbers_begin_again_with_the_vendors_year() -> None:
    alice = cast.alice()
    in_prague_it_is_january = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    numbers = [
        issue_receipt(purchase=bought.paid(alice), now=now).number
        for now in (NOW, NOW, in_prague_it_is_january)
    ]

    assert numbers == ["R2026-000001", "R2026-000002", "R2027-000001"]
    assert Paper.objects.get(number="R2027-000001").issued_on == date(2027, 1, 1)


@pytest.mark.shows("I3")
def test_credit_notes_of_a_purchase_that_went_back_whole_carry_the_tax_of_its_receipt() -> None:
    purchase = bought.paid(cast.alice(), amount=10_001, tax=1_736)
    parts = [3_333, 3_333, 3_335]

    notes = [issue_credit_note(refund=bought.refunded(purchase, part), now=NOW) for part in parts]

    assert [note.number for note in notes] == ["C2026-000001", "C2026-000002", "C2026-000003"]
    assert [note.amount for note in notes] == parts
    assert [note.tax for note in notes] == [579, 578, 579]
    assert sum(note.tax for note in notes) == purchase.tax


@given(
    amount=st.integers(1, 10**9),
    share=st.floats(0, 0.5),
    cuts=st.lists(st.floats(0, 1), max_size=8),
)
def test_tax_in_parts_never_goes_down_and_ends_at_the_whole(
    amount: int, share: float, cuts: list[float]
) -> None:
    purchase = Purchase(amount=amount, tax=int(amount * share))
    parts = sorted(int(amount * cut) for cut in cuts)

    taxes = [tax_of_part(purchase, part) for part in parts]

    assert taxes == sorted(taxes)
    assert all(
        abs(tax - purchase.tax * part / amount) <= 1 for tax, part in zip(taxes, parts, strict=True)
    )
    assert (tax_of_part(purchase, 0), tax_of_part(purchase, amount)) == (0, purchase.tax)


@pytest.mark.shows("I3")
@pytest.mark.parametrize("deed", ["update", "delete"])
def test_the_database_refuses_to_change_a_paper(deed: str) -> None:
    paper = issue_receipt(purchase=bought.paid(factories.account()), now=NOW)
    rows = Paper.objects.filter(pk=paper.pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(amount=1) if deed == "update" else rows.delete()

    assert rows.get().amount == 1_210_000


def breaches() -> list[str]:
    return papers_are_complete(Snapshot(now=NOW)).breaches


@pytest.mark.shows("I3")
def test_verify_misses_papers_and_numbers() -> None:
    alice = cast.alice()
    purchase = bought.paid(alice, amount=10_001, tax=1_736)
    assert breaches() == [f"purchase {purchase.number} has no receipt"]
    issue_receipt(purchase=purchase, now=NOW)
    first = bought.refunded(purchase, 3_333)
    assert breaches() == [f"refund {first.pk} has no credit note"]
    issue_credit_note(refund=first, now=NOW)
    issue_credit_note(refund=bought.refunded(purchase, 6_668), now=NOW)
    assert breaches() == []

    PaperSeries.objects.filter(code="R2026").update(last=2)
    assert breaches() == ["papers R2026 have numbers up to 2, but there are 1"]


@pytest.mark.shows("I3")
def test_verify_finds_papers_that_say_something_else_than_the_books() -> None:
    purchase = bought.paid(cast.alice())
    receipt = issue_receipt(purchase=purchase, now=NOW)
    refund = bought.refunded(purchase, 1_210_000)
    note = issue_credit_note(refund=refund, now=NOW)
    assert breaches() == []

    Purchase.objects.filter(pk=purchase.pk).update(tax=200_000)
    assert breaches() == [
        f"paper {receipt.number} is of no such payment",
        f"purchase {purchase.number}: its tax went back wrong",
    ]
    Purchase.objects.filter(pk=purchase.pk).update(tax=210_000)
    type(refund).objects.filter(pk=refund.pk).update(state="refused")
    assert breaches() == [f"paper {note.number} is of no such payment"]
