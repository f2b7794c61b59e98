"""What was bought, its receipt as a file, and the card that was saved while paying."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.billing.processor import environment, running
from tests.journeys.conftest import Open, unopened
from tests.journeys.house import PASSWORD, House
from tests.journeys.look import Eye
from tests.journeys.test_orders import ALICE, sold
from tests.web.pdf_text import texts_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A vendor that sells by card."""
    with running() as processor, unopened(tmp_path_factory) as made:
        made.installation.settings |= environment(processor, "stripe")
        made.installation.settings["OPORA_SELLER"] = "Dlouhá 1, 110 00 Praha 1; DIČ CZ12345678"
        made.do(made.person(ALICE, "Alice", "Ames", "personal"), given=PASSWORD)
        made.open()
        yield made


@pytest.mark.shows("S7.3", "S7.5", "I3")
def test_a_receipt_is_fetched_and_saved_cards_are_managed(
    house: House, open_browser: Open, eye: Eye
) -> None:
    older, newer = sold(house, ("ppi-1", "pm_card_visa"), ("ppi-5", "pm_card_mastercard"))
    subject = house.mail_to(ALICE)["Subject"] or ""
    assert "R20" in subject
    page = open_browser(ALICE)
    page.locator("details.me summary").click()
    page.locator(".menu a[href='/purchases/']").click()
    expect(page.locator(".purchase")).to_have_count(2)
    expect(page.locator(".purchase").first).to_contain_text(newer)
    eye.look(page, "purchases")
    eye.look_narrower(page, "purchases")

    with page.expect_download() as fetching:
        page.locator(".purchase", has_text=older).locator("a[href*='/papers/']").click()
    file = fetching.value
    assert file.suggested_filename.endswith("-000001.pdf")
    said = " ".join(texts_of(file.path().read_bytes())[0])
    assert "DIČ CZ12345678" in said
    assert older in said

    page.locator(".purchase", has_text=older).locator("h2 a").click()
    expect(page.locator("a[href*='/papers/']")).to_have_count(1)
    eye.look(page, "purchase")

    page.goto("/purchases/")
    page.locator("a[href='/settings/cards/']").click()
    cards = page.locator(".saved-cards li")
    expect(cards).to_have_count(2)
    second = (cards.nth(1).locator(".saved-card-name").text_content() or "").strip()
    eye.look(page, "cards")
    cards.nth(1).locator("form button").click()
    expect(cards.nth(0)).to_contain_text(second)
    cards.nth(0).locator("a").click()
    eye.look(page, "removal")
    page.locator("main button.danger").click()
    expect(cards).to_have_count(1)
    expect(page.locator(".saved-cards")).not_to_contain_text(second)
    eye.look(page, "one-card")
