"""Pages that belong to no door."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_unknown_address_leads_on(client: Client) -> None:
    answer = client.get("/nothing/like/this/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "<title>Error: There is nothing here that you can see – Opora</title>" in page
    assert '<a class="button primary" href="/accounts/login/">' in page
    assert "the account you are signed in with" not in page


def test_the_page_speaks_the_language_this_browser_was_switched_to(client: Client) -> None:
    switched = client.post("/language/", {"language": "cs", "next": "/signed-out/"})
    assert (switched.status_code, switched["Location"]) == (302, "/signed-out/")
    assert '<html lang="cs">' in client.get("/signed-out/").content.decode()


@pytest.mark.shows("WB-02")
@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "\t//e.x",
    ],
)
def test_the_way_back_never_leaves_the_host(client: Client, wanted: str) -> None:
    answer = client.post("/language/", {"language": "cs", "next": wanted})
    assert answer["Location"] == "/"


def test_a_chosen_appearance_is_kept_and_can_be_given_up(client: Client) -> None:
    client.post("/appearance/", {"appearance": "dark", "next": "/signed-out/"})
    assert 'data-appearance="dark"' in client.get("/signed-out/").content.decode()
    client.post("/appearance/", {"appearance": "", "next": "/signed-out/"})
    assert "data-appearance" not in client.get("/signed-out/").content.decode()


@pytest.mark.shows("WB-03", "XS-07")
def test_every_page_carries_the_strict_content_policy(client: Client) -> None:
    answer = client.get("/signed-out/")
    policy = answer["Content-Security-Policy"]
    found = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic'", policy)
    assert found is not None
    assert policy == (
        f"default-src 'none'; script-src 'nonce-{found[1]}' 'strict-dynamic'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )
    assert f'nonce="{found[1]}"' in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"


def test_a_new_nonce_for_every_answer(client: Client) -> None:
    first, second = client.get("/signed-out/"), client.get("/signed-out/")
    assert first["Content-Security-Policy"] != second["Content-Security-Policy"]


def test_the_vendors_colour_is_a_style_sheet_of_its_own(client: Client) -> None:
    answer = client.get("/theme/abc.css")
    assert answer["Content-Type"] == "text/css"
    assert "immutable" in answer["Cache-Control"]
    assert answer.content.decode().startswith(":root{--accent:light-dark(#0b5cad,#")


@pytest.mark.shows("WB-01")
def test_a_form_without_its_token_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/language/", {"language": "cs"})
    assert answer.status_code == 403
    assert "The form was open for too long" in answer.content.decode()
