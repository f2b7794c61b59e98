"""Czech: the terms that Czech customers know, and forms that agree with their number."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext

from opora.contracts.eligibility import Reason
from tests import factories

# SPEC's glossary, word for word: people search for these.
TERMS = {
    "Manage support requests": "Spravovat žádosti o podporu",
    "Create new support request": "Vytvořit novou žádost o podporu",
    "View unavailable support plans? (%(count)s)": (
        "Chcete zobrazit nedostupné plány podpory? (%(count)s)"
    ),
    "Need to buy or add other support plans?": (
        "Potřebujete koupit nebo rozšířit další plány podpory?"
    ),
    "Contract is already registered": "Smlouva je už zaregistrovaná",
    "Access ID": "Přístupové ID",
    "Contract ID": "ID smlouvy",
    "Primary contact": "Primární kontakt",
    "Additional contact": "Další kontakt",
    "Personal account": "Osobní účet",
    "Work account": "Pracovní účet",
    "Support agent": "Pracovník podpory",
    "Tell us about the problem you have": "Řekněte nám o problému, který máte",
    "Tell us about the type of support you need": "Řekněte nám o typu podpory, kterou potřebujete",
    "Enter the primary contact’s details": "Zadání primárních kontaktních údajů",
    "Share this support request": "Sdílení této žádosti o podporu",
    "Verify the information": "Ověření informací",
    "Submit the request": "Odeslání žádosti",
}
PLAN = {"cs": "Partnerská cloudová podpora 5", "en": "Partner Cloud Support 5"}


@pytest.mark.rules
@pytest.mark.parametrize(("english", "czech"), TERMS.items())
def test_a_term_is_the_one_that_czech_customers_know(english: str, czech: str) -> None:
    with translation.override("cs"):
        assert gettext(english) == czech


@pytest.mark.rules
@pytest.mark.shows("S4.2", "S4.3", "S4.7")
@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            Reason("expired", {"plan": PLAN, "ends_on": date(2026, 9, 11)}),
            "Platnost plánu podpory vypršela: posledním dnem, kdy bylo možné plán „Partnerská "
            "cloudová podpora 5“ použít, byl 11. 9. 2026.",
        ),
        (
            Reason("no-incidents-left", {"plan": PLAN}),
            "Plán podpory nemá k dispozici žádné jednotky: na smlouvě „Partnerská cloudová "
            "podpora 5“ nezbývá žádný incident podpory.",
        ),
        (
            Reason("product-not-covered", {"plan": PLAN, "product": "Visual Studio"}),
            "Plán podpory nelze použít pro podporu pro zadaný produkt: plán „Partnerská cloudová "
            "podpora 5“ se na produkt Visual Studio nevztahuje.",
        ),
    ],
)
def test_a_reason_says_the_known_words_first(reason: Reason, told: str) -> None:
    with translation.override("cs"):
        assert reason.message.replace("\u00a0", " ") == told


@pytest.mark.rules
@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "zbývá 0 dní"),
        (1, "zbývá 1 den"),
        (2, "zbývají 2 dny"),
        (4, "zbývají 4 dny"),
        (5, "zbývá 5 dní"),
        (22, "zbývá 22 dní"),
        (101, "zbývá 101 dní"),
    ],
)
def test_a_sentence_agrees_with_its_number(count: int, told: str) -> None:
    with translation.override("cs"):
        said = ngettext("%(count)s day left", "%(count)s days left", count) % {"count": count}
    assert said.replace("\u00a0", " ") == told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("incidents", "told"),
    [(1, "zbývající incident<"), (2, "zbývající incidenty<"), (5, "zbývajících incidentů<")],
)
def test_the_home_page_counts_in_czech(client: Client, incidents: int, told: str) -> None:
    reader = factories.account(language="cs")
    factories.contract(registered_to=(reader,), incidents=incidents, ends_on=date(2099, 12, 31))
    client.force_login(reader)
    page = client.get("/").content.decode()
    assert '<html lang="cs">' in page
    assert "<h1>Spravovat žádosti o podporu</h1>" in page
    assert f'<span class="stat">{incidents}</span><span>{told}' in page
