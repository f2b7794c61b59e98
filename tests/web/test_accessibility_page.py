"""The page that says what conforms is open to everybody, in the reader's language."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "title"), [("cs", "<h1>Přístupnost</h1>"), ("en", "<h1>Accessibility</h1>")]
)
def test_it_is_open_without_signing_in_and_linked_from_the_sign_in_page(
    client: Client, language: str, title: str
) -> None:
    client.cookies["language"] = language
    page = client.get("/accessibility/")
    assert page.status_code == 200
    assert title in page.content.decode()
    assert 'href="/accessibility/"' in client.get("/accounts/login/").content.decode()
