"""Manage support requests."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from opora.accounts.models import Account
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes
from tests.factories import NOW


def many_cases(owner: Account, number: int) -> None:
    contract = factories.contract(incidents=number, registered_to=(owner,))
    version = factories.version(slug="many")
    for position in range(number):
        factories.case(
            submitted_by=owner,
            contract=contract,
            of=version,
            title=f"Request {position}",
            now=factories.NOW - timedelta(hours=position),
        )


@pytest.mark.parametrize("number", [2, 20])
def test_costs_five_statements_however_many_rows(
    alices: Client, alice: Account, number: int
) -> None:
    many_cases(alice, number)
    alices.get("/")
    with statements() as seen:
        page = alices.get("/").content.decode()
    assert page.count('class="request-title"') == number
    assert len(seen) <= 5, seen
    assert writes(seen) == []


def test_an_empty_list_offers_the_first_step(alices: Client) -> None:
    page = alices.get("/").content.decode()
    assert "No open support requests" in page
    assert 'href="/requests/new/"' in page


@pytest.mark.shows("S8.1")
def test_lists_only_what_the_account_reads(alice: Account) -> None:
    factories.case(submitted_by=alice, title="Only for Alice")
    assert "Only for Alice" in signed_in(alice).get("/").content.decode()
    assert "Only for Alice" not in signed_in(cast.charlie()).get("/").content.decode()


def test_a_long_list_goes_on_under_older(alices: Client, alice: Account) -> None:
    many_cases(alice, 27)
    first = alices.get("/").content.decode()
    older = re.search(r'href="(\?after=[^"]+)" rel="next"', first)
    assert older is not None
    second = alices.get("/" + older[1].replace("&amp;", "&")).content.decode()
    assert first.count('class="request-title"') == 25
    assert second.count('class="request-title"') == 2
    assert "Request 26" in second


def test_filters_are_addresses(alices: Client, alice: Account) -> None:
    factories.case(submitted_by=alice, title="Nothing works", severity="A")
    factories.case(submitted_by=alice, title="A small thing", severity="C")
    page = alices.get("/?severity=A").content.decode()
    assert "Nothing works" in page
    assert "A small thing" not in page
    assert '<a href="?severity=A" aria-current="true">' in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "No open support requests"),
        ("?sort=quiet", "No open support requests"),
        ("?state=waiting", "Nothing waits for you"),
        ("?state=unread", "Nothing new"),
        ("?state=closed", "No closed support requests"),
        ("?state=all", "No support requests yet"),
        ("?severity=A", "Choose another state, severity or product"),
        ("?state=all&q=nothing", "Try other words"),
    ],
)
def test_an_empty_list_says_what_would_be_in_it(alices: Client, asked: str, said: str) -> None:
    assert said in alices.get(f"/{asked}").content.decode()


def test_many_drafts_leave_room_for_the_list(alices: Client, alice: Account) -> None:
    for title in ("Oldest", "Old", "New", "Newer", "Newest"):
        factories.draft(alice, title=title)
    page = alices.get("/").content.decode()
    open_ones, _summary, folded = page.partition("Show 2 older drafts")
    assert open_ones.count('class="draft-title"') == 3
    assert folded.count('class="draft-title"') == 2


def test_a_late_first_response_is_told_in_words(alices: Client, alice: Account) -> None:
    late = factories.case(submitted_by=alice)
    late.response_due_at = NOW - timedelta(minutes=1)
    late.save()
    page = alices.get("/").content.decode()
    assert '<span class="meta late">overdue since ' in page
    assert "response by" not in page


def test_finds_by_words(alices: Client, alice: Account) -> None:
    factories.case(submitted_by=alice, title="Backups stop at night")
    factories.case(submitted_by=alice, title="Licences are missing")
    page = alices.get("/?q=backup").content.decode()
    assert "<mark>Backups</mark> stop at night" in page
    assert "Licences are missing" not in page


@pytest.mark.shows("S8.2")
@pytest.mark.parametrize("number", [2, 20])
def test_a_search_costs_five_statements_and_shows_where_the_words_stand(
    alices: Client, alice: Account, number: int
) -> None:
    many_cases(alice, number)
    alices.get("/?q=night")
    with statements() as seen:
        page = alices.get("/?q=night").content.decode()
    assert page.count("each <mark>night</mark> since Sunday.") == number
    assert len(seen) <= 5, seen


@pytest.mark.shows("XS-01")
def test_an_excerpt_is_text_not_markup(alices: Client, alice: Account) -> None:
    factories.case(submitted_by=alice, description="See <script>alert(1)</script> <b>here</b>")
    page = alices.get("/?q=alert").content.decode()
    assert "&lt;script&gt;<mark>alert</mark>(1)" in page
    assert "<b>here" not in page


@pytest.mark.shows("S8.2")
def test_product_and_order_are_addresses_too(alices: Client, alice: Account) -> None:
    version = factories.version(product="mail-server", slug="9")
    factories.case(submitted_by=alice, title="Post stays", of=version, severity="A")
    factories.case(submitted_by=alice, title="Another thing")
    page = alices.get("/?severity=A").content.decode()
    assert 'href="?severity=A&amp;product=mail-server"' in page
    page = alices.get("/?product=mail-server&sort=quiet").content.decode()
    assert "Post stays" in page
    assert "Another thing" not in page
    assert 'href="?sort=quiet"' in page  # without the product
    assert alices.get("/?state=nonsense&sort=nonsense&severity=nonsense").status_code == 200


def test_a_made_up_cursor_is_refused_politely(alices: Client) -> None:
    answer = alices.get("/?after=nonsense")
    assert answer.status_code == 422
    assert "This list has no such page." in answer.content.decode()


@pytest.mark.shows("S5.1")
def test_the_kind_of_account_is_always_visible(alices: Client) -> None:
    assert '<span class="me-kind">Personal account</span>' in alices.get("/").content.decode()
    work = signed_in(cast.walter()).get("/").content.decode()
    assert '<span class="me-kind">Work account</span>' in work


@pytest.mark.shows("S5.2")
def test_asks_for_the_profile_first(db: None) -> None:
    newcomer = factories.account("new@example.com", profile_completed_at=None)
    for address in ("/", "/requests/new/"):
        answer = signed_in(newcomer).get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/settings/welcome/?next=")


def test_agents_find_no_customers_pages(db: None) -> None:
    answer = signed_in(cast.dana()).get("/")
    assert answer.status_code == 302  # to the desk, or first to the second factor


def test_strangers_sign_in_first(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
