"""What one bought: the list, the papers as PDF, and nobody else's."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.billing.actions.papers import issue_credit_note, issue_receipt
from opora.billing.models import Dispute, Purchase
from opora.billing.standing import Standing, standing_of
from tests import cast, factories
from tests.billing import bought
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW
from tests.web.pdf_text import texts_of

PAGE = "/purchases/"
State = Purchase.State


def shown(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def drawn(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return [text.replace("\u00a0", " ") for page in texts_of(answer.content) for text in page]


@pytest.mark.shows("S7.5")
def test_purchases_are_listed_newest_first_with_contract_and_papers(
    alice: Account, alices: Client
) -> None:
    older = bought.paid(alice, at=NOW - timedelta(days=2))
    receipt = issue_receipt(purchase=older, now=NOW)
    newer = bought.begun(alice, state=State.AWAITING, provider="outside")

    page = shown(alices)

    assert page.index(newer.number) < page.index(older.number)
    assert f'href="/contracts/{older.contract.public_id.hex}/"' in page  # type: ignore[union-attr]
    assert f'href="/purchases/{older.key}/papers/{receipt.public_id.hex}/"' in page
    assert f'href="/purchases/{newer.key}/"' in page
    assert "CZK 12,100" in page
    assert "Waiting for your payment" in page
    assert "Receipt R2026-000001" in page


@pytest.mark.shows("F-11")
@pytest.mark.parametrize(
    ("state", "refunded", "disputes", "standing", "words"),
    [
        ("created", 0, [], Standing.UNPAID, "Not paid"),
        ("calling", 0, [], Standing.UNDER_WAY, "Payment under way"),
        ("unknown", 0, [], Standing.UNDER_WAY, "Payment under way"),
        ("awaiting", 0, [], Standing.WAITING, "Waiting for your payment"),
        ("declined", 0, [], Standing.DECLINED, "Declined: nothing charged"),
        ("cancelled", 0, [], Standing.CANCELLED, "Given up: nothing charged"),
        ("captured", 0, [], Standing.PAID, "Paid"),
        ("captured", 10_000, [], Standing.REFUNDED_IN_PART, "Refunded in part"),
        ("captured", 1_210_000, [], Standing.REFUNDED, "Refunded"),
        ("captured", 10_000, ["won", "open"], Standing.DISPUTED, "Disputed at the bank"),
        ("captured", 10_000, ["lost"], Standing.CHARGED_BACK, "Charged back"),
        ("captured", 0, ["won"], Standing.PAID, "Paid"),
    ],
)
def test_how_a_purchase_stands_is_said_in_words(
    alice: Account,
    alices: Client,
    state: str,
    refunded: int,
    disputes: list[str],
    standing: Standing,
    words: str,
) -> None:
    assert (
        standing_of(state=state, amount=1_210_000, refunded=refunded, disputes=disputes) == standing
    )
    make = bought.paid if state == "captured" else bought.begun
    purchase = make(alice, state=state, refunded=refunded)
    for number, came in enumerate(disputes):
        Dispute.objects.create(
            purchase=purchase, reference=f"du_{number}", amount=1, reason="fraudulent",
            state=came, opened_at=NOW, state_at=NOW,
        )  # fmt: skip
    assert f">{words}</span>" in shown(alices)


@pytest.mark.shows("AC-01")
def test_another_accounts_purchases_do_not_exist(alice: Account, alices: Client) -> None:
    purchase = bought.paid(alice)
    paper = issue_receipt(purchase=purchase, now=NOW)
    charlie = cast.charlie()
    charlies = signed_in(charlie)
    own = bought.paid(charlie)

    assert purchase.number not in shown(charlies)
    for address in (
        f"/purchases/{purchase.key}/papers/{paper.public_id.hex}/",
        f"/purchases/{own.key}/papers/{paper.public_id.hex}/",
        f"/purchases/{purchase.key}/papers/{'0' * 32}/",
        f"/purchases/x/papers/{paper.public_id.hex}/",
    ):
        assert charlies.get(address).status_code == 404
    assert alices.get(f"/purchases/{own.key}/papers/{paper.public_id.hex}/").status_code == 404


def test_a_long_list_is_paged_by_key_in_a_fixed_number_of_statements(
    alice: Account, alices: Client
) -> None:
    plan = bought.pack()
    made = [bought.paid(alice, plan=plan, at=NOW - timedelta(minutes=at // 2)) for at in range(30)]
    for purchase in made:
        issue_receipt(purchase=purchase, now=NOW)
    shown(alices)
    with statements() as seen:
        first = shown(alices)
    few = signed_in(cast.bob())
    shown(few)
    with statements() as seen_of_few:
        shown(few)
    # The papers and charge-backs of a page are two statements, of an empty one none.
    assert len(seen) == len(seen_of_few) + 2
    assert writes(seen) == []
    after = first.split('href="?after=')[1].split('"')[0]
    second = shown(alices, f"{PAGE}?after={after}")
    numbers = [purchase.number for purchase in made]
    on_first = {number for number in numbers if f"no. {number}" in first}
    on_second = {number for number in numbers if f"no. {number}" in second}
    assert (len(on_first), len(on_second), on_first | on_second) == (25, 5, set(numbers))
    assert 'rel="next"' not in second
    assert alices.get(f"{PAGE}?after=nonsense").status_code == 422


@pytest.mark.shows("S7.3", "I3")
def test_a_receipt_says_everything_in_the_readers_language(alice: Account) -> None:
    alice.company = "Ames & <Sons>"
    alice.save()
    purchase = bought.paid(alice, has_round_the_clock=True)
    paper = issue_receipt(purchase=purchase, now=NOW)
    address = f"/purchases/{purchase.key}/papers/{paper.public_id.hex}/"

    english = drawn(signed_in(alice), address)
    alice.language = "cs"
    alice.save()
    client = signed_in(alice)
    czech = drawn(client, address)

    said = " ".join(english)
    for words in (
        "Receipt R2026-000001", "CZK 12,100 paid on 23 Nov 2026", "Ames & <Sons>", "Alice Ames",
        "alice@example.com", "Czechia", purchase.number, "Visa •••• 4242", "CZK 10,000", "21 %",
        "CZK 2,100", "CZK 12,100", "with round-the-clock support",
    ):  # fmt: skip
        assert words in said
    assert "Zaplaceno 12 100 Kč dne 23. 11. 2026" in czech
    assert "Česko" in czech
    for words in ("10 000 Kč", "21 %", "2 100 Kč", "Platba za incident: 1"):
        assert words in " ".join(czech)
    disposition = client.get(address)["Content-Disposition"]
    assert disposition == 'attachment; filename="doklad-R2026-000001.pdf"'


@pytest.mark.shows("I3")
def test_a_credit_note_refers_to_its_receipt(alice: Account, alices: Client) -> None:
    purchase = bought.paid(alice, card_brand="", card_last4="", provider="outside")
    issue_receipt(purchase=purchase, now=NOW)
    refund = bought.refunded(purchase, 605_000, incidents=1)
    paper = issue_credit_note(refund=refund, now=NOW + timedelta(days=3))

    said = " ".join(drawn(alices, f"/purchases/{purchase.key}/papers/{paper.public_id.hex}/"))

    for words in (
        "Credit note C2026-000001", "CZK 6,050 refunded on 26 Nov 2026",
        "Receipt R2026-000001 of 23 Nov 2026", "CZK 5,000", "CZK 1,050", "Bank transfer",
    ):  # fmt: skip
        assert words in said


@pytest.mark.shows("I3")
def test_a_paper_keeps_the_words_it_was_issued_with(alice: Account, alices: Client) -> None:
    purchase = bought.paid(alice)
    paper = issue_receipt(purchase=purchase, now=NOW)
    alice.person.given_name, alice.company = "Alicia", "Another company"
    alice.person.save()
    alice.save()

    said = " ".join(drawn(alices, f"/purchases/{purchase.key}/papers/{paper.public_id.hex}/"))

    assert "Alice Ames" in said
    assert "Another company" not in said


def test_the_page_of_a_purchase_has_its_papers(alice: Account, alices: Client) -> None:
    purchase = bought.paid(alice)
    paper = issue_receipt(purchase=purchase, now=NOW)
    page = shown(alices, f"/purchases/{purchase.key}/")
    assert f'href="/purchases/{purchase.key}/papers/{paper.public_id.hex}/"' in page


def test_a_paid_purchase_leads_to_its_request_as_long_as_there_is_one(
    alice: Account, alices: Client
) -> None:
    draft = factories.draft(alice)
    purchase = bought.paid(alice)
    address = f"/purchases/{purchase.key}/"
    contract = purchase.contract
    assert contract is not None
    assert f'<a class="button" href="/contracts/{contract.public_id.hex}/">' in shown(
        alices, address
    )

    Purchase.objects.update(draft=draft.public_id)
    begun = f"/requests/new/{draft.public_id.hex}/"
    page = shown(alices, address)
    assert f'<a class="button primary" href="{begun}?step=support#support">' in page

    draft.case = factories.case(submitted_by=alice)
    draft.save()
    assert f'<a class="button" href="{begun}submitted/">See the request</a>' in shown(
        alices, address
    )


@pytest.mark.shows("S7.5")
def test_a_bought_contract_leads_back_to_its_purchase_and_is_not_offered_for_sharing(
    alice: Account, alices: Client
) -> None:
    purchase = bought.paid(alice)
    assert purchase.contract is not None
    page = shown(alices, f"/contracts/{purchase.contract.public_id.hex}/")
    assert f'href="/purchases/{purchase.key}/">{purchase.number}</a>' in page
    assert "support that is bought by the incident is not shared" in page
    assert "/sharing/" not in page


def test_an_empty_list_says_what_will_be_there(alices: Client) -> None:
    assert "Nothing bought yet" in shown(alices)
    assert "Support cannot be bought here." in shown(alices)


def test_agents_are_sent_to_their_desk(db: None) -> None:
    answer = cast.signed_in(cast.dana()).get(PAGE)
    assert answer["Location"] == "/desk/"


def test_a_transfer_can_be_read_by_the_app_of_a_bank(
    alice: Account, alices: Client, settings: Any
) -> None:
    settings.BANK_ACCOUNT = "19-2000145399/0800"
    koruna = bought.begun(alice, state=State.AWAITING, provider="outside")
    euro = bought.begun(alice, state=State.AWAITING, provider="outside", currency="EUR")
    dollar = bought.begun(alice, state=State.AWAITING, provider="outside", currency="USD")
    pictures = {
        purchase.currency: re.findall(
            r'<img src="data:image/svg\+xml;base64,([^"]+)"',
            shown(alices, f"/purchases/{purchase.key}/"),
        )
        for purchase in (koruna, euro, dollar)
    }
    assert [len(pictures[currency]) for currency in ("CZK", "EUR", "USD")] == [1, 1, 0]
    assert pictures["CZK"] != pictures["EUR"]
    assert b"<path" in base64.b64decode(pictures["CZK"][0])
    settings.BANK_ACCOUNT = "at the counter"
    assert "data:image" not in shown(alices, f"/purchases/{koruna.key}/")
