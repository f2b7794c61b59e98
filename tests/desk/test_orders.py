"""Purchases at the desk: found, narrowed, exported; refunded by one person or by two."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.billing import paying
from opora.billing.actions.papers import issue_receipt
from opora.billing.actions.sending_back import record_foreign_refund
from opora.billing.models import Discrepancy, Purchase, Refund
from opora.contracts.actions import consume_incident
from opora.core.models import AuditLine
from tests import factories
from tests.billing import bought
from tests.billing.books import AFTER, Books, open_books
from tests.billing.shop import Shopper, load_sold_plans
from tests.counting import statements, writes
from tests.desk.seats import seat_of
from tests.factories import NOW

SMALL = 400_000  # 4,000 Kč, below the limit of 5,000
NB = "\u00a0"


@pytest.fixture
def eves(eve: Account) -> Client:
    """Eve's browser; she is an administrator."""
    return seat_of(eve)


@pytest.fixture
def adams(db: None) -> Client:
    """The browser of another administrator."""
    return seat_of(
        factories.account(
            "adam@opora.example",
            kind=Account.Kind.ADMINISTRATOR,
            given_name="Adam",
            family_name="Ash",
        )
    )


@pytest.fixture
def books(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Books:
    return open_books(monkeypatch, settings)


@pytest.fixture
def purchase(alice: Account, books: Books) -> Purchase:
    """One incident for 4,000 Kč, paid."""
    return books.knows(bought.paid(alice, amount=SMALL, tax=69_421))


def shown(client: Client, query: str = "") -> list[str]:
    """Numbers of the purchases that the list shows, in order."""
    page = client.get(f"/desk/orders/{query}")
    assert page.status_code == 200
    return re.findall(r'figures">(\d{10})<', page.content.decode())


def page_of(client: Client, purchase: Purchase) -> str:
    answer = client.get(f"/desk/orders/{purchase.key}/")
    assert answer.status_code == 200
    return answer.content.decode().replace(NB, " ")


def follow(client: Client, purchase: Purchase, **chosen: Any) -> str:
    """The page on which the refund is checked, after choosing it."""
    answer = client.post(f"/desk/orders/{purchase.key}/refund/", {"reason": "unused", **chosen})
    assert answer.status_code == 200
    return answer.content.decode().replace(NB, " ")


def hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(key|minor|units|why)" value="([^"]*)"', page)
    assert len(fields) == 4
    return dict(fields)


def press(client: Client, purchase: Purchase, page: str) -> Any:
    return client.post(f"/desk/orders/{purchase.key}/refund/", hidden(page))


def said(client: Client, purchase: Purchase) -> str:
    """The first line that the page says after a deed."""
    page = page_of(client, purchase)
    return re.sub(r"<[^>]+>", "", page.split('role="status"')[1].split("<p>")[1].split("</p>")[0])


def state(purchase: Purchase) -> tuple[int, int, list[str]]:
    found = Purchase.objects.select_related("contract").get(pk=purchase.pk)
    assert found.contract is not None
    states = Refund.objects.filter(purchase=purchase).order_by("id").values_list("state", flat=True)
    return found.refunded, found.contract.incidents_left, list(states)


# --- Who ------------------------------------------------------------------------------------------
@pytest.mark.shows("AC-01")
def test_agents_see_no_money(danas: Client, purchase: Purchase) -> None:
    for address in ("", "table/", "differences/", f"{purchase.key}/", f"{purchase.key}/refund/"):
        assert danas.get(f"/desk/orders/{address}").status_code == 404
    assert "/desk/orders/" not in danas.get("/desk/").content.decode()


def test_the_way_to_purchases_stands_where_something_is_sold(eves: Client, settings: Any) -> None:
    assert "/desk/orders/" not in eves.get("/desk/").content.decode()
    settings.PAYMENTS = ("outside",)
    assert 'href="/desk/orders/"' in eves.get("/desk/").content.decode()


# --- The list -------------------------------------------------------------------------------------
@pytest.fixture
def many(alice: Account, bob: Account) -> dict[str, Purchase]:
    """Purchases that differ in one thing each, the newest last."""

    def at(hours: int) -> Any:
        return NOW - timedelta(hours=100 - hours)

    disputed = bought.paid(alice, at=at(4), flagged_at=NOW)
    waiting = bought.paid(bob, at=at(5))
    Refund.objects.create(
        purchase=waiting, amount=1, incidents=0, reason="goodwill", state="requested",
        state_at=NOW, requested_at=NOW,
    )  # fmt: skip
    return {
        "begun": bought.begun(alice, at=at(1), provider=""),
        "euro": bought.paid(bob, at=at(2), currency="EUR", country="DE", amount=50_000, tax=0),
        "transfer": bought.begun(alice, at=at(3), provider="outside", state="awaiting"),
        "disputed": disputed,
        "waiting": waiting,
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["waiting", "disputed", "transfer", "euro", "begun"]),
        ("?state=captured", ["waiting", "disputed", "euro"]),
        ("?state=awaiting", ["transfer"]),
        ("?provider=outside", ["transfer"]),
        ("?currency=eur", ["euro"]),
        ("?country=DE&state=captured", ["euro"]),
        ("?show=flagged", ["disputed"]),
        ("?show=waiting", ["waiting"]),
        ("?show=waiting&currency=EUR", []),
        ("?show=nonsense", ["waiting", "disputed", "transfer", "euro", "begun"]),
        ("?q=BOB%40example.com", ["waiting", "euro"]),
        ("?q=bob%40example.com&show=waiting", ["waiting"]),
        ("?q=nobody%40example.com", []),
        ("?q=what+is+this", []),
        ("?since=2026-11-24", []),
        ("?until=2026-11-18", []),
        (
            "?since=2026-11-19&until=2026-11-23",
            ["waiting", "disputed", "transfer", "euro", "begun"],
        ),
    ],
)
def test_the_list_shows_what_was_asked_for_newest_first(
    eves: Client, many: dict[str, Purchase], query: str, names: list[str]
) -> None:
    assert shown(eves, query) == [many[name].number for name in names]


@pytest.mark.parametrize("query", ["since=0001-01-01", "until=9999-12-31"])
def test_a_day_out_of_reach_is_said_and_does_not_narrow(
    eves: Client, many: dict[str, Purchase], query: str
) -> None:
    page = eves.get(f"/desk/orders/?{query}")
    assert page.status_code == 200
    assert "Enter a day, such as 2026-11-24." in page.content.decode()
    assert len(re.findall(r'class="order-row', page.content.decode())) == 5


def test_what_cannot_be_read_is_said_and_does_not_narrow(
    eves: Client, many: dict[str, Purchase]
) -> None:
    page = eves.get("/desk/orders/?currency=1&since=yesterday&state=nonsense").content.decode()
    assert "Enter three letters, such as EUR." in page
    assert "Enter a day, such as 2026-11-24." in page
    assert len(re.findall(r'class="order-row', page)) == 5


def test_one_number_leads_straight_to_its_purchase(eves: Client, purchase: Purchase) -> None:
    assert purchase.contract is not None
    Purchase.objects.filter(pk=purchase.pk).update(provider="stripe")
    contract_id = purchase.contract.shown_contract_id or ""
    for words in (purchase.number, contract_id, purchase.reference):
        answer = eves.get("/desk/orders/", {"q": words})
        assert (answer.status_code, answer["Location"]) == (302, f"/desk/orders/{purchase.key}/")


@pytest.mark.parametrize("query", ["", "?show=flagged", "?state=captured&q=alice%40example.com"])
def test_the_list_costs_the_same_however_long(eves: Client, alice: Account, query: str) -> None:
    costs = []
    plan = bought.pack()
    eves.get("/desk/orders/")
    for more in (2, 18):
        for _ in range(more):
            bought.paid(alice, plan=plan, flagged_at=NOW)
        with statements() as seen:
            eves.get(f"/desk/orders/{query}")
        assert writes(seen) == []
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 10


def test_pages_follow_each_other_without_a_gap(eves: Client, alice: Account) -> None:
    plan = bought.pack()
    made = [
        bought.begun(alice, plan=plan, at=NOW - timedelta(minutes=n // 2)).number for n in range(28)
    ]
    first = eves.get("/desk/orders/?state=created").content.decode()
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    rest = shown(eves, following.replace("&amp;", "&"))
    assert len(rest) == 3
    assert set(shown(eves, "?state=created") + rest) == set(made)


def test_what_differs_from_the_providers_books_stands_apart(
    eves: Client, purchase: Purchase
) -> None:
    for of, reference in ((purchase, purchase.reference), (None, "pi_unknown")):
        Discrepancy.objects.create(
            provider="stripe", reference=reference, purchase=of, found_at=NOW, currency="CZK",
            kind="amount" if of else "missing_here", theirs=100, ours=0,
        )  # fmt: skip
    page = eves.get("/desk/orders/differences/").content.decode()
    assert "Charged there; no purchase here knows of it" in page
    assert f'href="/desk/orders/{purchase.key}/">Another amount or currency' in page
    assert (
        'Differences <span class="count figures">2</span>'
        in eves.get("/desk/orders/").content.decode()
    )


def test_a_payment_that_no_purchase_knows_can_be_marked_as_looked_after(
    eves: Client, danas: Client, purchase: Purchase
) -> None:
    """Of one that a purchase knows, its own page is the place."""
    for of, reference in ((purchase, purchase.reference), (None, "pi_unknown")):
        Discrepancy.objects.create(
            provider="stripe", reference=reference, purchase=of, found_at=NOW, currency="CZK",
            kind="missing_here", theirs=100, ours=0,
        )  # fmt: skip
    page = eves.get("/desk/orders/differences/").content.decode()
    assert page.count('name="reference"') == 1
    facts = {"provider": "stripe", "kind": "missing_here"}
    for reference in (purchase.reference, "pi_unknown"):
        danas.post("/desk/orders/differences/", facts | {"reference": reference})
    assert Discrepancy.objects.filter(resolved_at=None).count() == 2
    for reference in (purchase.reference, "pi_unknown", "pi_unknown", "pi_never"):
        eves.post("/desk/orders/differences/", facts | {"reference": reference})
    (left,) = Discrepancy.objects.filter(resolved_at=None)
    assert left.purchase == purchase
    assert Discrepancy.objects.get(reference="pi_unknown").accepted_by is not None
    lines = AuditLine.objects.filter(code="difference.accepted")
    assert [line.target_id for line in lines] == ["pi_unknown"]


# --- What is still open ---------------------------------------------------------------------------
@pytest.mark.shows("F-11")
def test_a_refund_made_elsewhere_says_what_is_open_and_one_press_settles_it(
    eves: Client, purchase: Purchase, books: Books
) -> None:
    seen = books.refund_elsewhere(purchase.reference, amount=SMALL)
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    page = page_of(eves, purchase)
    assert "CZK 4,000 was refunded at the provider’s own desk, past Opora." in page
    assert "The buyer can still use 1 incident for which you have no money." in page
    assert "Take back 1 unused incident</button>" in page
    for said_then in ("1 incident was taken back.", "There was no unused incident left"):
        eves.post(f"/desk/orders/{purchase.key}/taking-back/", {"seen": NOW.isoformat()})
        assert said_then in said(eves, purchase)
    assert state(purchase) == (SMALL, 0, ["done"])
    page = page_of(eves, purchase)
    assert "Somebody has to look" not in page
    assert "Eve Emler took back incidents whose money had gone back (1)." in page


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        (100, "It is less than an incident costs, so none is taken back for it."),
        (SMALL, "No incident is unused, so there is none to take back."),
    ],
)
def test_where_there_is_nothing_to_take_the_page_says_why(
    eves: Client, purchase: Purchase, books: Books, amount: int, sentence: str
) -> None:
    seen = books.refund_elsewhere(purchase.reference, amount=amount)
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    if amount == SMALL:
        consume_incident(
            contract_pk=purchase.contract_id or 0,
            case_number="2611231234567890",
            by=purchase.account,
            now=NOW,
        )
    page = page_of(eves, purchase)
    assert sentence in page
    assert "Take back" not in page
    assert "Mark as looked after" in page


@pytest.mark.shows("F-11")
def test_a_refund_that_came_back_says_who_is_owed_what(
    eves: Client, purchase: Purchase, books: Books
) -> None:
    press(eves, purchase, follow(eves, purchase, what="whole"))
    seen = books.decide(purchase.reference, "refused")
    record_foreign_refund(purchase=purchase, seen=seen, now=NOW)
    page = page_of(eves, purchase)
    assert "Another amount went back: CZK 0 at the provider, CZK 4,000 here." in page
    assert "send the money another way" in page
    eves.post(f"/desk/orders/{purchase.key}/looked-after/", {"seen": NOW.isoformat()})
    assert said(eves, purchase) == "Marked as looked after."
    assert "Another amount went back: CZK 0" not in page_of(eves, purchase)
    assert not Discrepancy.objects.filter(resolved_at=None).exists()


def test_a_lost_charge_back_says_so_and_a_naive_flag_is_none(
    eves: Client, purchase: Purchase
) -> None:
    purchase.disputes.create(
        reference="dp_1", amount=SMALL, reason="fraudulent", state="lost", opened_at=NOW,
        state_at=NOW,
    )  # fmt: skip
    Purchase.objects.filter(pk=purchase.pk).update(flagged_at=NOW)
    assert "CZK 4,000 was lost to the buyer’s bank for good." in page_of(eves, purchase)
    naive = NOW.replace(tzinfo=None).isoformat()
    eves.post(f"/desk/orders/{purchase.key}/taking-back/", {"seen": naive})
    assert state(purchase)[1] == 0
    assert Purchase.objects.get(pk=purchase.pk).flagged_at == NOW


def test_a_refund_on_its_way_is_not_called_silence(
    eves: Client, purchase: Purchase, books: Books
) -> None:
    books.refunds = "pending"
    press(eves, purchase, follow(eves, purchase, what="whole"))
    assert said(eves, purchase) == ("The provider has the refund of CZK 4,000; it is on its way.")
    page = page_of(eves, purchase)
    assert "The refund of CZK 4,000 is on its way" in page
    assert "has no answer yet" not in page


# --- The table ------------------------------------------------------------------------------------
def table(client: Client, query: str = "", *, delimiter: str = ",") -> list[list[str]]:
    answer = client.get(f"/desk/orders/table/{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.shows("XS-10")
def test_the_export_has_what_the_list_shows_and_runs_nothing(
    eves: Client, many: dict[str, Purchase], alice: Account
) -> None:
    alice.company = "=1+1"
    alice.save()
    head, *rows = table(eves, "?state=captured")
    assert [row[0] for row in rows] == [
        f"#{many[name].number}" for name in ("waiting", "disputed", "euro")
    ]
    disputed = dict(zip(head, rows[1], strict=True))
    assert disputed["Company"] == "'=1+1"
    assert disputed["Amount"] == "12100.00"
    assert disputed["Tax in it"] == "2100.00"
    assert disputed["Tax rate in percent"] == "21.00"
    assert (disputed["State"], disputed["To look after"]) == ("Paid", "yes")
    assert len({len(row) for row in (head, *rows)}) == 1


def test_the_czech_table_has_a_decimal_comma(eves: Client, many: dict[str, Purchase]) -> None:
    eves.cookies["language"] = "cs"
    (_head, row) = table(eves, "?currency=EUR", delimiter=";")
    assert "500,00" in row


def test_the_export_reads_in_pieces(
    eves: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opora.billing.queries.orders.CHUNK", 3)
    plan = bought.pack()
    made = [bought.begun(alice, plan=plan, at=NOW - timedelta(minutes=n // 2)) for n in range(7)]
    _head, *rows = table(eves)
    assert sorted(row[0] for row in rows) == sorted(f"#{one.number}" for one in made)


# --- One purchase ---------------------------------------------------------------------------------
def test_a_purchase_shows_its_money_and_costs_the_same_however_much_happened(
    eves: Client, purchase: Purchase, eve: Account
) -> None:
    page_of(eves, purchase)
    costs = []
    for more in (1, 9):
        for _ in range(more):
            bought.refunded(purchase, 100, requested_by=eve)
            purchase.disputes.create(
                reference=f"dp_{more}_{_}", amount=1, reason="fraudulent", state="won",
                opened_at=NOW, state_at=NOW,
            )  # fmt: skip
        with statements() as seen:
            page = page_of(eves, purchase)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 16
    assert "CZK 4,000" in page
    assert "Visa •••• 4242" in page
    assert purchase.reference in page


def test_its_papers_can_be_fetched(eves: Client, purchase: Purchase) -> None:
    receipt = issue_receipt(purchase=purchase, now=NOW)
    address = f"/desk/orders/{purchase.key}/papers/{receipt.public_id.hex}/"
    assert f'href="{address}"' in page_of(eves, purchase)
    answer = eves.get(address)
    assert answer.content.startswith(b"%PDF")
    assert f"receipt-{receipt.number}.pdf" in answer["Content-Disposition"]
    other = bought.paid(purchase.account)
    elsewhere = f"/desk/orders/{other.key}/papers/{receipt.public_id.hex}/"
    assert eves.get(elsewhere).status_code == 404


def test_an_unknown_purchase_is_a_neutral_404(eves: Client, purchase: Purchase) -> None:
    for address in (f"{'0' * 32}/", "nonsense/", f"{purchase.key}/refunds/{'0' * 32}/consent/"):
        assert eves.post(f"/desk/orders/{address}").status_code in (404, 405)
        assert eves.get(f"/desk/orders/{address}").status_code in (404, 405)


@pytest.mark.shows("F-11")
def test_a_flag_is_taken_off_only_as_it_was_seen(eves: Client, purchase: Purchase) -> None:
    Purchase.objects.filter(pk=purchase.pk).update(flagged_at=NOW)
    address = f"/desk/orders/{purchase.key}/looked-after/"
    for seen in ("nonsense", (NOW - timedelta(days=1)).isoformat()):
        eves.post(address, {"seen": seen})
        assert Purchase.objects.get(pk=purchase.pk).flagged_at == NOW
        assert said(eves, purchase).startswith("Something new has happened")
    assert f'name="seen" value="{NOW.isoformat()}"' in page_of(eves, purchase)
    for _again in range(2):
        eves.post(address, {"seen": NOW.isoformat()})
        assert said(eves, purchase) == "Marked as looked after."
    assert Purchase.objects.get(pk=purchase.pk).flagged_at is None
    assert AuditLine.objects.filter(code="purchase.looked_after").count() == 1


# --- Paid outside ---------------------------------------------------------------------------------
@pytest.fixture
def awaited(settings: Any, alice: Account) -> Purchase:
    """One incident that is to be paid by bank transfer."""
    settings.PAYMENTS = ("outside",)
    settings.BANK_ACCOUNT = "2000145399/0800"
    load_sold_plans()
    buyer = Shopper(account=alice)
    return buyer.pay(buyer.begin(), method="", provider="outside").purchase


@pytest.mark.shows("S7.5")
def test_an_administrator_confirms_that_the_money_has_come(
    eves: Client, danas: Client, awaited: Purchase
) -> None:
    address = f"/desk/orders/{awaited.key}/confirmation/"
    assert address in page_of(eves, awaited)
    page = eves.get(address).content.decode().replace(NB, " ")
    assert "Confirm CZK 12,400 and grant 1 incident</button>" in page
    assert awaited.number in page
    assert danas.post(address).status_code == 404
    assert Purchase.objects.get().state == "awaiting"
    for _twice in range(2):
        assert eves.post(address)["Location"] == f"/desk/orders/{awaited.key}/"
        assert said(eves, awaited) == "Confirmed. The incidents are there."
    assert state(awaited) == (0, 1, [])
    assert "Eve Emler confirmed that the money had come." in page_of(eves, awaited)
    assert eves.get(address).status_code == 302


def test_a_transfer_that_was_given_up_is_not_confirmed(
    eves: Client, alice: Account, awaited: Purchase
) -> None:
    paying.give_up(purchase=awaited, by=alice, now=NOW)
    eves.post(f"/desk/orders/{awaited.key}/confirmation/")
    assert "given up" in said(eves, awaited)
    assert Purchase.objects.get().contract is None


def test_a_refund_of_a_transfer_says_that_it_is_sent_by_hand(
    eves: Client, awaited: Purchase, settings: Any
) -> None:
    settings.REFUND_LIMITS = "CZK 20000"
    eves.post(f"/desk/orders/{awaited.key}/confirmation/")
    paid = Purchase.objects.get()
    page = follow(eves, paid, what="whole")
    assert "Send the money by bank transfer yourself" in page
    press(eves, paid, page)
    assert state(paid) == (1_240_000, 0, ["done"])


# --- Refunds --------------------------------------------------------------------------------------
@pytest.mark.shows("PA-07")
def test_a_refund_says_what_it_will_do_and_does_it_once(
    eves: Client, purchase: Purchase, books: Books
) -> None:
    page = follow(eves, purchase, what="whole")
    assert "Refund CZK 4,000 and take back 1 incident</button>" in page
    assert state(purchase) == (0, 1, [])
    for _twice in range(2):
        answer = press(eves, purchase, page)
        assert answer["Location"] == f"/desk/orders/{purchase.key}/"
    assert said(eves, purchase) == "CZK 4,000 went back to the buyer."
    assert state(purchase) == (SMALL, 0, ["done"])
    assert books.asked["refund"] == 1
    history = page_of(eves, purchase)
    assert "Eve Emler began a refund of CZK 4,000 (incidents taken back: 1)." in history
    assert "Refund…" not in history


@pytest.mark.parametrize(
    ("chosen", "button"),
    [
        ({"incidents": "1"}, "Refund CZK 800 and take back 1 incident"),
        ({"incidents": "2", "amount": "1 000,50"}, "Refund CZK 1,000.50 and take back 2 incidents"),
        ({"amount": "100", "reason": "goodwill"}, "Refund CZK 100"),
    ],
)
def test_a_part_is_the_share_of_its_incidents_or_what_is_typed(
    eves: Client, alice: Account, books: Books, chosen: dict[str, str], button: str
) -> None:
    five = books.knows(bought.paid(alice, plan=bought.pack(5), amount=SMALL, tax=0))
    assert f"{button}</button>" in follow(eves, five, what="part", **chosen)


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        ({}, "Choose how much goes back."),
        ({"what": "part"}, "Enter how many incidents, or an amount."),
        ({"what": "part", "amount": "much"}, "Enter an amount, such as CZK 4,000."),
        ({"what": "part", "amount": "1.234"}, "Enter an amount, such as CZK 4,000."),
        ({"what": "part", "amount": "-5"}, "Enter an amount, such as CZK 4,000."),
        ({"what": "part", "amount": "NaN"}, "Enter an amount, such as CZK 4,000."),
        ({"what": "part", "incidents": "-1"}, "Enter a whole number of incidents."),
        ({"what": "part", "incidents": "2"}, "Only 1 incident can be taken back."),
        ({"what": "part", "amount": "4001"}, "At most CZK 4,000 can be refunded."),
        ({"what": "part", "amount": "100"}, "Choose another reason, or lower the amount."),
        ({"what": "whole", "reason": "nonsense"}, "nonsense is not one of the available choices."),
    ],
)
def test_what_cannot_be_refunded_is_said_at_the_form(
    eves: Client, purchase: Purchase, chosen: dict[str, str], problem: str
) -> None:
    page = follow(eves, purchase, **chosen)
    assert problem in page
    assert state(purchase) == (0, 1, [])


@pytest.mark.shows("PA-07")
def test_above_the_limit_a_second_person_sends_it(
    eves: Client, adams: Client, alice: Account, books: Books
) -> None:
    purchase = books.knows(bought.paid(alice))
    page = follow(eves, purchase, what="whole")
    assert "Ask for consent to refund CZK 12,100</button>" in page
    press(eves, purchase, page)
    assert state(purchase) == (0, 1, ["requested"])
    (refund,) = Refund.objects.all()
    address = f"/desk/orders/{purchase.key}/refunds/{refund.public_id.hex}/"
    assert "Consent and refund" not in page_of(eves, purchase)
    eves.post(f"{address}consent/")
    assert "You asked for this refund yourself." in said(eves, purchase)
    assert state(purchase) == (0, 1, ["requested"])
    assert "Consent and refund CZK 12,100</button>" in page_of(adams, purchase)
    for _twice in range(2):
        adams.post(f"{address}consent/")
        assert said(adams, purchase) == "CZK 12,100 went back to the buyer."
    assert state(purchase) == (1_210_000, 0, ["done"])
    assert books.asked["refund"] == 1
    adams.post(f"{address}asking/")
    assert said(adams, purchase) == "CZK 12,100 went back to the buyer."
    adams.post(f"{address}withdrawal/")
    assert said(adams, purchase).startswith("This refund does not wait for consent any more.")


def test_a_refund_can_be_called_off(
    eves: Client, adams: Client, alice: Account, books: Books
) -> None:
    purchase = books.knows(bought.paid(alice))
    press(eves, purchase, follow(eves, purchase, what="whole"))
    (refund,) = Refund.objects.all()
    adams.post(f"/desk/orders/{purchase.key}/refunds/{refund.public_id.hex}/withdrawal/")
    assert said(adams, purchase) == "The refund is called off. No money was sent."
    adams.post(f"/desk/orders/{purchase.key}/refunds/{refund.public_id.hex}/asking/")
    assert said(adams, purchase).startswith("This refund does not wait for consent any more.")
    assert state(purchase) == (0, 1, ["withdrawn"])
    assert "Adam Ash called off the refund of CZK 12,100." in page_of(adams, purchase)


@pytest.mark.shows("F-08")
def test_without_an_answer_it_is_said_and_can_be_asked_again(
    eves: Client, purchase: Purchase, books: Books
) -> None:
    books.fail("refund", AFTER)
    press(eves, purchase, follow(eves, purchase, what="whole"))
    assert said(eves, purchase).startswith("The provider has not answered yet.")
    assert state(purchase) == (0, 0, ["unknown"])
    assert "has no answer yet" in page_of(eves, purchase)
    (refund,) = Refund.objects.all()
    eves.post(f"/desk/orders/{purchase.key}/refunds/{refund.public_id.hex}/asking/")
    assert said(eves, purchase) == "CZK 4,000 went back to the buyer."
    assert state(purchase) == (SMALL, 0, ["done"])
    assert len(books.payments[purchase.reference].refunds) == 1


def test_a_refused_refund_is_said(eves: Client, purchase: Purchase, books: Books) -> None:
    books.refunds = "refused"
    press(eves, purchase, follow(eves, purchase, what="whole"))
    assert "Nothing was taken back." in said(eves, purchase)
    assert state(purchase) == (0, 1, ["refused"])


def test_what_happened_meanwhile_is_said_before_money_moves(
    eves: Client, adams: Client, purchase: Purchase, books: Books
) -> None:
    page = follow(eves, purchase, what="whole")
    press(adams, purchase, follow(adams, purchase, what="whole"))
    press(eves, purchase, page)
    assert "Nothing is left of this purchase" in said(eves, purchase)
    assert books.asked["refund"] == 1


@pytest.mark.shows("F-11")
def test_a_disputed_payment_offers_no_refund(eves: Client, purchase: Purchase) -> None:
    purchase.disputes.create(
        reference="dp_1", amount=SMALL, reason="fraudulent", state="open", opened_at=NOW,
        state_at=NOW,
    )  # fmt: skip
    page = page_of(eves, purchase)
    assert "Refund…" not in page
    assert "it would be paid back twice" in page
    answer = eves.get(f"/desk/orders/{purchase.key}/refund/")
    assert answer["Location"] == f"/desk/orders/{purchase.key}/"
