"""Buying inside step 2, without script: offers, the page of the purchase, and back with it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.billing.models import ProviderNotice, Purchase
from opora.cases.models import Case, Draft
from opora.catalog.models import Version
from opora.core.models import Job
from opora.jobs.payments import choose_what_was_bought
from tests import cast, factories
from tests.billing.books import AFTER, ASKS, BEFORE, BROKE, GOOD, Books, open_books
from tests.billing.shop import load_sold_plans
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW
from tests.portal.workflow_forms import fresh

State = Purchase.State


@pytest.fixture
def books(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Books:
    made = open_books(monkeypatch, settings)
    load_sold_plans()
    return made


def typed(version: Version, do: str, **changed: str) -> dict[str, str]:
    """Step 1 filled in, and one press."""
    return {
        "product": version.product.slug,
        "version": version.slug,
        "non_production": "false",
        "title": "Backups stop",
        "description": "Since Sunday, each night.",
        "do": do,
    } | changed


def shown(answer: Any) -> str:
    """The page, with plain spaces where a line must not break."""
    return str(answer.content.decode()).replace("\u00a0", " ")


def step_two(browser: Client, version: Version) -> tuple[str, str]:
    """The draft's address and the page of its second step."""
    address = fresh(browser)
    answer = browser.post(address, typed(version, "next:problem"), follow=True)
    return address, shown(answer)


def bought(browser: Client, version: Version, plan: str = "ppi-1") -> tuple[str, str]:
    """The draft's address, and that of the purchase begun in it."""
    address, _page = step_two(browser, version)
    answer = browser.post(address, {"do": f"buy:{plan}"})
    assert answer.status_code == 302
    return address, str(answer["Location"])


def pay(browser: Client, purchase: str, token: str = GOOD, **changed: str) -> Any:
    page = shown(browser.get(purchase))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = hidden | {"method": "new", "token": token, "do": "pay"} | changed
    return browser.post(purchase, form)


@pytest.mark.shows("S6.2", "S7.2", "P1")
def test_step_two_offers_what_covers_the_request_with_its_price(
    alices: Client, version: Version, books: Books
) -> None:
    _address, page = step_two(alices, version)
    assert "CZK 12,400" in page
    assert "CZK 49,600" in page
    assert "CZK 9,920 each" in page
    assert "Then buy a single incident" in page


@pytest.mark.shows("S7.1", "S5.3", "P5")
def test_a_work_account_sees_why_it_cannot_buy_and_how_to_go_on(
    version: Version, books: Books
) -> None:
    walters = signed_in(cast.walter())
    address, page = step_two(walters, version)
    assert "This kind of account cannot buy" in page
    assert 'value="hand-over"' in page
    assert "buy:ppi-1" not in page
    refused = walters.post(address, {"do": "buy:ppi-1"})
    assert refused.status_code == 422
    assert "This kind of account cannot buy" in shown(refused)
    left = walters.post(address, {"do": "hand-over"})
    assert "/accounts/login/" in left["Location"]
    assert Draft.objects.get().answers["title"] == "Backups stop"


def test_an_empty_list_of_purchases_sends_only_whoever_may_buy_to_step_two(
    alices: Client, version: Version, books: Books
) -> None:
    assert "you can buy one in step 2" in shown(alices.get("/purchases/"))
    page = shown(signed_in(cast.walter()).get("/purchases/"))
    assert "sign in with a personal account" in page
    assert "you can buy one in step 2" not in page


def test_nothing_is_offered_where_nothing_is_sold(alices: Client, version: Version) -> None:
    load_sold_plans()
    _address, page = step_two(alices, version)
    assert "buy:" not in page


@pytest.mark.shows("S7.4")
def test_a_transfer_is_not_called_a_charge(
    alices: Client, version: Version, books: Books, settings: Any
) -> None:
    settings.PAYMENTS = ("stripe",)
    _address, purchase = bought(alices, version)
    assert "Nothing is charged now" not in shown(alices.get(purchase))
    settings.PAYMENTS = ("stripe", "outside")
    page = shown(alices.get(purchase))
    assert '<p class="agreement by-transfer">Nothing is charged now' in page
    assert '<span class="by-transfer">Order for CZK 12,400</span>' in page


@pytest.mark.shows("S7.4", "S7.5", "P1")
def test_after_paying_the_incident_is_there_and_selected_and_the_draft_goes_on(
    alices: Client, version: Version, books: Books
) -> None:
    address, purchase = bought(alices, version)
    page = shown(alices.get(purchase))
    assert "You will be charged immediately; this transaction is subject to the" in page
    assert 'href="https://vendor.example.com/agreement"' in page
    assert "Pay CZK 12,400 now" in page
    answer = pay(alices, purchase)
    assert answer["Location"] == f"{address}?step=support#support"
    page = shown(alices.get(answer["Location"]))
    contract = Purchase.objects.get().contract
    assert contract is not None
    assert re.search(rf'value="{contract.public_id.hex}"[^>]* checked', page)
    assert "Paid. 1 incident is yours" in page
    assert "Backups stop" in page
    answer = alices.post(
        address,
        {
            "contract": contract.public_id.hex,
            "severity": "B",
            "country": "CZ",
            "time_zone": "Europe/Prague",
            "primary_contact.given_name": "Alice",
            "primary_contact.family_name": "Ames",
            "primary_contact.email": "alice@example.com",
            "primary_contact.preferred_contact": "email",
            "primary_contact.language": "en",
            "do": "submit",
        },
    )
    assert answer["Location"].endswith("/submitted/")
    assert Case.objects.get().contract == contract
    contract.refresh_from_db()
    assert contract.incidents_left == 0


def test_looking_at_a_purchase_writes_nothing(
    alices: Client, version: Version, books: Books
) -> None:
    _address, purchase = bought(alices, version)
    for method in (ASKS, BROKE, GOOD):
        pay(alices, purchase, method)
        with statements() as seen:
            assert alices.get(purchase).status_code == 200
        assert writes(seen) == []


@pytest.mark.shows("PA-02")
def test_a_declined_card_is_told_and_the_form_is_there_again(
    alices: Client, version: Version, books: Books
) -> None:
    _address, purchase = bought(alices, version)
    page = shown(pay(alices, purchase, BROKE))
    assert "The card has too little money" in page
    assert "Nothing was charged" in page
    assert 'name="do" value="pay"' in page
    assert pay(alices, purchase).status_code == 302
    assert Purchase.objects.get().state == State.CAPTURED


@pytest.mark.shows("PA-05")
def test_a_price_that_changed_after_a_declined_try_is_shown_where_it_can_be_paid(
    alices: Client, alice: Account, version: Version, books: Books
) -> None:
    _address, purchase = bought(alices, version)
    pay(alices, purchase, BROKE)
    Account.objects.filter(pk=alice.pk).update(country="DE")
    changed = pay(alices, purchase)
    assert changed.status_code == 302
    fresh = changed["Location"]
    page = shown(alices.get(fresh))
    assert "The price has changed to €499" in page
    assert "Pay €499 now" in page
    assert not books.charged
    assert pay(alices, fresh).status_code == 302
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("S7.4")
def test_a_bank_that_asks_is_answered_and_the_provider_has_the_last_word(
    alices: Client, version: Version, books: Books
) -> None:
    address, purchase = bought(alices, version)
    page = shown(pay(alices, purchase, ASKS))
    assert 'data-action="secret"' in page
    assert "secret" not in shown(alices.get(purchase))
    # A page that comes back from the bank proves nothing.
    again = shown(alices.post(purchase, {"do": "check"}))
    assert 'data-action="secret"' in again
    # Whoever closed the question is not shown it again unasked.
    closed = shown(alices.post(purchase, {"do": "check", "asked": "yes"}))
    assert "Your bank asks" in closed
    assert "secret" not in closed
    books.capture(Purchase.objects.get().reference)
    assert alices.post(purchase, {"do": "check"})["Location"].startswith(address)


def test_whoever_left_the_banks_page_is_told_what_is_waited_for_and_can_pay_another_way(
    alices: Client, version: Version, books: Books
) -> None:
    _address, purchase = bought(alices, version)
    pay(alices, purchase, ASKS)
    page = shown(alices.get(purchase))
    assert "Your bank asks" in page
    assert "Nothing is charged until you confirm" in page
    again = pay(alices, purchase, ASKS)  # the page sent once more
    assert again.status_code == 422
    assert "Your bank asks" in shown(again)
    fresh = alices.post(purchase, {"do": "another-way"})["Location"]
    assert fresh != purchase
    assert 'value="pay"' in shown(alices.get(fresh))
    assert "This purchase was given up" in shown(alices.get(purchase))
    assert pay(alices, fresh).status_code == 302
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("F-08")
def test_an_unknown_end_says_not_to_pay_again(
    alices: Client, version: Version, books: Books
) -> None:
    address, purchase = bought(alices, version)
    books.fail("pay", AFTER)
    answer = pay(alices, purchase)
    assert answer["Location"] == purchase
    page = shown(alices.get(purchase))
    assert "Do not pay again" in page
    assert 'value="pay"' not in page
    again = alices.post(address, {"do": "buy:ppi-1"})
    assert again["Location"] == purchase
    step = shown(alices.get(f"{address}?step=support"))
    assert "See what became of the payment" in step
    assert f'href="{purchase}"' in step
    assert alices.post(purchase, {"do": "check"})["Location"].startswith(address)
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("F-09")
def test_a_provider_that_is_down_closes_buying_and_nothing_else(
    alices: Client, alice: Account, version: Version, books: Books
) -> None:
    contract = factories.contract(registered_to=(alice,))
    address, purchase = bought(alices, version)
    books.fail("open", BEFORE)
    refused = pay(alices, purchase)
    assert refused.status_code == 422
    assert "Payments do not work right now, and nothing was charged" in shown(refused)
    books.fail("cards", BEFORE)
    page = shown(alices.get(purchase))
    assert "Your saved cards cannot be shown right now" in page
    answer = alices.post(
        address, typed(version, "next:support", contract=contract.public_id.hex, severity="B")
    )
    assert answer.status_code == 302


def test_a_form_without_a_card_is_told_so(alices: Client, version: Version, books: Books) -> None:
    _address, purchase = bought(alices, version)
    for changed, sentence in (
        ({"token": ""}, "The card was not read"),
        ({"method": ""}, "Choose how you want to pay"),
        ({"method": "outside"}, "Choose how you want to pay"),
        ({"amount": "1"}, "The price has changed to CZK 12,400"),
        ({"amount": "x"}, "The price has changed"),
        ({"agreed": ""}, "Agree to the services agreement"),
    ):
        refused = pay(alices, purchase, **changed)
        assert refused.status_code == 422
        assert sentence in shown(refused)
    assert not books.payments


def test_two_presses_of_pay_lead_to_the_same_end(
    alices: Client, version: Version, books: Books
) -> None:
    address, purchase = bought(alices, version)
    page = shown(alices.get(purchase))
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form |= {"method": "new", "token": GOOD, "do": "pay"}
    assert alices.post(purchase, form)["Location"].startswith(address)
    assert alices.post(purchase, form)["Location"] == purchase
    assert "Paid: 1 incident is yours" in shown(alices.get(purchase))
    assert alices.post(address, {"do": "buy:ppi-1"})["Location"] == purchase
    assert sum(books.charged.values()) == 1


@pytest.mark.shows("S7.4")
def test_the_draft_goes_on_though_the_page_was_closed_after_paying(
    alices: Client, version: Version, books: Books
) -> None:
    bought(alices, version)
    purchase = Purchase.objects.get()
    pay(alices, f"/purchases/{purchase.public_id.hex}/", ASKS)
    purchase.refresh_from_db()
    books.capture(purchase.reference)
    alices.post(f"/payments/{'books'}/notices/")  # unsigned: nothing
    answer = Client().post(
        "/payments/books/notices/",
        f"evt_1 payment.captured {purchase.reference}",
        content_type="application/json",
        headers={"X-Signed": "yes"},
    )
    assert answer.status_code == 200
    from opora.jobs.payments import look_into_notice

    notice = Job.objects.get(kind="payment.notice")
    look_into_notice(notice.payload, notice, NOW)
    captured = Job.objects.get(kind="purchase.captured")
    choose_what_was_bought(captured.payload, captured, NOW)
    purchase.refresh_from_db()
    assert purchase.contract is not None
    assert Draft.objects.get().answers["contract"] == purchase.contract.public_id.hex


@pytest.mark.shows("WH-05")
@pytest.mark.parametrize("headers", [{}, {"X-Signed": "no"}])
def test_a_notice_without_a_good_signature_writes_nothing(
    books: Books, headers: dict[str, str]
) -> None:
    with statements() as seen:
        answer = Client().post(
            "/payments/books/notices/",
            "evt_1 payment.captured pay_1",
            content_type="application/json",
            headers=headers,
        )
    assert answer.status_code == 400
    assert writes(seen) == []
    assert not ProviderNotice.objects.exists()


def test_notices_of_providers_that_are_not_used_go_nowhere(books: Books) -> None:
    for provider in ("stripe", "nobody"):
        answer = Client().post(
            f"/payments/{provider}/notices/", "x", content_type="application/json"
        )
        assert answer.status_code == 404
    huge = Client().post("/payments/books/notices/", "x" * 300_000, content_type="application/json")
    assert huge.status_code == 400


@pytest.mark.shows("AC-01", "AC-05")
def test_a_strangers_purchase_does_not_exist(
    alices: Client, version: Version, books: Books
) -> None:
    _address, purchase = bought(alices, version)
    bobs = signed_in(cast.bob())
    for answer in (bobs.get(purchase), bobs.post(purchase, {"do": "pay"})):
        assert answer.status_code == 404


def test_only_the_payment_page_lets_a_processor_in(
    alices: Client, version: Version, books: Books
) -> None:
    address, purchase = bought(alices, version)
    policy = alices.get(purchase)["Content-Security-Policy"]
    frames = policy.partition("frame-src ")[2].partition(";")[0].split()
    assert {"https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"} < set(
        frames
    )
    assert "stripe" not in alices.get(address)["Content-Security-Policy"]
    pay(alices, purchase)
    assert "stripe" not in alices.get(purchase)["Content-Security-Policy"]
