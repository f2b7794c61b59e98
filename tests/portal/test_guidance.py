"""The directory of portals, and help outside product support."""

from __future__ import annotations

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.catalog.actions import load_channels
from opora.catalog.models import Portal, Product
from tests import cast, factories
from tests.cast import signed_in
from tests.counting import statements, writes

CHANNELS = {
    "version": 1,
    "channels": [
        {
            "id": "billing",
            "name": {"cs": "Faktury", "en": "Invoices"},
            "text": {"cs": "Doklady.", "en": "Documents <b>and</b> refunds."},
            "hours": {"cs": "Ve dne", "en": "By day"},
            "email": "billing@example.com",
            "phone": "+420 221 777 120",
        },
        {"id": "community", "name": "Community", "url": "https://community.example.com/"},
        {
            "id": "locked-out",
            "name": {"cs": "Nemohu dovnitř", "en": "Locked out"},
            "phone": "+420 221 777 100",
            "helps_signing_in": True,
        },
    ],
}


@pytest.fixture
def elsewhere(db: None) -> Product:
    product = factories.version(product="cloud-mail", slug="now", deployment="cloud").product
    product.portal = Portal.objects.create(
        slug="suite",
        names={"cs": "Portál sady", "en": "Suite portal"},
        url="https://suite.example/",
        sign_in={"cs": "Účtem sady.", "en": "With an account of the suite."},
        contract_ids={"en": "Optional."},
    )
    product.aliases = ["Webmail"]
    product.save()
    return product


@pytest.mark.shows("S3.1")
def test_the_directory_says_of_each_portal_what_is_there_and_what_is_asked_for(
    alices: Client, elsewhere: Product
) -> None:
    factories.version()
    with statements() as seen:
        page = alices.get("/directory/").content.decode()
    assert writes(seen) == []
    for words in (
        "Servers",
        "Suite portal",
        "With an account of the suite.",
        "Optional.",
        "1 product",
        "Cloud Mail",
        'href="https://suite.example/"',
    ):
        assert words in page


@pytest.mark.shows("S3.1", "P8")
def test_a_product_is_found_in_the_directory_by_a_name_it_also_goes_by(
    alices: Client, elsewhere: Product
) -> None:
    factories.version()
    page = alices.get("/directory/", {"q": "WEBmail"}).content.decode()
    assert "<strong>Cloud Mail</strong>" in page
    assert "also Webmail" in page
    page = alices.get("/directory/", {"q": "database"}).content.decode()
    assert "<strong>Database Server</strong>" in page
    assert "<strong>Cloud Mail</strong>" not in page
    page = alices.get("/directory/", {"q": "<script>" + "x" * 5000}).content.decode()
    assert "No product is called that." in page
    assert "<script>x" not in page


@pytest.mark.shows("S3.1")
def test_the_directory_is_for_whoever_is_signed_in(alices: Client, elsewhere: Product) -> None:
    agents = cast.signed_in(cast.dana())
    assert agents.get("/directory/").status_code == 200
    assert "/requests/new/" not in agents.get("/directory/").content.decode()
    assert Client().get("/directory/")["Location"].startswith("/accounts/login/")
    for page in ("/", "/requests/new/"):
        assert 'href="/directory/"' in alices.get(page).content.decode()


@pytest.mark.shows("S9.1", "P10")
def test_help_is_open_to_everybody_and_says_every_channel(alice: Account) -> None:
    load_channels(CHANNELS, now=factories.NOW)
    with statements() as seen:
        page = Client().get("/help/contacts/").content.decode()
    assert len(seen) == 1
    for words in (
        "Invoices",
        "Documents &lt;b&gt;and&lt;/b&gt; refunds.",
        "By day",
        'href="mailto:billing@example.com"',
        'href="tel:+420221777120"',
        'href="https://community.example.com/"',
        "Sign in and create a request",
        'href="/accounts/password/reset/"',
    ):
        assert words in page
    before, _title, signing_in = page.partition('id="signing-in"')
    assert "Locked out" in signing_in
    assert "Locked out" not in before
    assert "Create new support request" in signed_in(alice).get("/help/contacts/").content.decode()


@pytest.mark.shows("S9.1")
def test_help_is_in_the_readers_language(db: None) -> None:
    load_channels(CHANNELS, now=factories.NOW)
    visitor = Client()
    visitor.cookies["language"] = "cs"
    page = visitor.get("/help/contacts/").content.decode()
    assert "Faktury" in page
    assert "Invoices" not in page
    assert "Community" in page  # one text for every language


@pytest.mark.shows("P10")
@pytest.mark.django_db
def test_without_a_channel_the_page_still_helps_to_sign_in() -> None:
    page = Client().get("/help/contacts/").content.decode()
    assert "If you cannot sign in" in page
    assert "Everything else" not in page


@pytest.mark.shows("P10")
@pytest.mark.django_db
def test_help_is_one_press_away_where_somebody_is_stuck() -> None:
    visitor = Client(raise_request_exception=False)
    sign_in = visitor.get("/accounts/login/").content.decode()
    assert 'href="/help/contacts/#signing-in"' in sign_in
    assert 'href="/help/contacts/"' in visitor.get("/accounts/password/reset/").content.decode()
    alices = signed_in(cast.alice())
    missing = alices.get("/requests/0000000000000000/")
    assert missing.status_code == 404
    assert '<a class="button" href="/help/contacts/">' in missing.content.decode()
