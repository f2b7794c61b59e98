"""Saved cards: kept by the processor, shown and removed under settings, each account its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.billing.actions.customers import keep_customer
from opora.billing.cards import card_of, wallet_of
from opora.billing.errors import NoSuchCard
from opora.billing.providers.base import Charge
from opora.billing.providers.registry import provider_named
from opora.core.ids import new_public_id
from opora.core.models import AuditLine
from tests import cast
from tests.cast import signed_in
from tests.factories import NOW

if TYPE_CHECKING:
    from opora.cli.demo.card_processor.processor import Processor

PAGE = "/settings/cards/"


def keep(processor: Processor, account: Account, *cards: str) -> list[str]:
    """Have the account pay by each card and keep it; what the provider calls them."""
    from tests.billing.processor import typed

    provider = provider_named("stripe")
    customer = provider.customer(
        account=account.public_id.hex, email=account.email, key=account.public_id.hex
    )
    keep_customer(account=account, provider="stripe", reference=customer, now=NOW)
    for card in cards:
        key = new_public_id().hex
        payment = provider.open(Charge(key, "1234567890", 10_000, "CZK", customer, "Support"))
        provider.pay(
            payment.reference, method=typed(processor, card), keep_card=True, key=f"{key}-1"
        )
    return [one.card.reference for one in wallet_of(account).cards]


def shown(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.shows("S7.3")
def test_cards_are_listed_named_default_and_removed(
    processor: Processor, alice: Account, alices: Client
) -> None:
    keep(processor, alice, "pm_card_visa", "pm_card_mastercard")
    names = {one.card.last4: one.card.reference for one in wallet_of(alice).cards}
    assert set(names) == {"4242", "4444"}
    page = shown(alices)
    for words in ("Visa •••• 4242", "Mastercard •••• 4444", "expires "):
        assert words in page

    answer = alices.post(f"{PAGE}stripe/{names['4444']}/preference/")

    assert answer["Location"] == PAGE
    assert [one.card.is_default for one in wallet_of(alice).cards] == [True, False]
    assert wallet_of(alice).cards[0].card.last4 == "4444"
    page = shown(alices)
    assert page.index("4444") < page.index("4242")
    assert page.count("Offered first") == 1

    removal = f"{PAGE}stripe/{names['4242']}/removal/"
    assert "Remove this card?" in shown(alices, removal)
    assert len(wallet_of(alice).cards) == 2
    assert alices.post(removal)["Location"] == PAGE
    assert [one.card.last4 for one in wallet_of(alice).cards] == ["4444"]
    assert alices.post(removal).status_code == 404
    lines = AuditLine.objects.filter(code__startswith="account.card_").order_by("pk")
    assert [line.code for line in lines] == ["account.card_preferred", "account.card_removed"]
    assert all(line.facts == {"provider": "stripe"} for line in lines)


@pytest.mark.shows("S7.3", "AC-01")
def test_another_accounts_card_is_neither_seen_nor_touched(
    processor: Processor, alice: Account, alices: Client
) -> None:
    (card,) = keep(processor, alice, "pm_card_visa")
    charlie = cast.charlie()
    keep(processor, charlie)
    bob = cast.bob()  # the provider knows nothing of him
    for stranger in (charlie, bob):
        client = signed_in(stranger)
        before = AuditLine.objects.count()
        assert "4242" not in shown(client)
        for way in ("preference", "removal"):
            nowhere = client.post(f"{PAGE}stripe/pm_no_such_card/{way}/")
            refused = client.post(f"{PAGE}stripe/{card}/{way}/")
            assert (refused.status_code, nowhere.status_code) == (404, 404)
        assert client.get(f"{PAGE}stripe/{card}/removal/").status_code == 404
        assert client.post(f"{PAGE}outside/{card}/removal/").status_code == 404
        assert AuditLine.objects.count() == before
        with pytest.raises(NoSuchCard):
            card_of(stranger, "stripe", card)
    assert "4242" in shown(alices)
    assert wallet_of(alice).cards[0].card.reference == card


@pytest.mark.shows("F-09")
def test_a_provider_that_is_down_gives_a_sentence(
    processor: Processor, alice: Account, alices: Client
) -> None:
    (card,) = keep(processor, alice, "pm_card_visa")
    processor.stop()
    page = shown(alices)
    assert "Saved cards cannot be reached right now" in page
    assert "No saved cards" not in page
    for way in ("preference", "removal"):
        assert alices.post(f"{PAGE}stripe/{card}/{way}/")["Location"] == PAGE
        assert "nothing was changed" in shown(alices)
    assert not AuditLine.objects.filter(code__startswith="account.card_").exists()
    processor.start()
    assert "4242" in shown(alices)


@pytest.mark.shows("S7.1")
def test_who_cannot_pay_by_card_has_no_such_page(
    processor: Processor, alice: Account, alices: Client, settings: Any
) -> None:
    walters = signed_in(cast.walter())
    assert walters.get(PAGE).status_code == 404
    assert walters.post(f"{PAGE}stripe/pm_1/removal/").status_code == 404
    assert PAGE not in shown(walters, "/settings/mails/")
    assert PAGE in shown(alices, "/settings/mails/")
    settings.PAYMENTS = ("outside",)
    assert alices.get(PAGE).status_code == 404
    assert PAGE not in shown(alices, "/settings/mails/")


def test_without_cards_the_page_says_how_one_is_saved(processor: Processor, alices: Client) -> None:
    assert "No saved cards" in shown(alices)
