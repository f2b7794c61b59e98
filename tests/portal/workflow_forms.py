"""The workflow's form, filled in and pressed."""

from __future__ import annotations

import html
import re

from django.test import Client
from django.utils import translation

from opora.catalog.models import Version
from opora.contracts.models import Contract
from opora.portal.workflow import field_id


def fresh(browser: Client) -> str:
    """The address under which a page that was never saved is saved and submitted."""
    found = re.search(r'data-address="([^"]+)"', browser.get("/requests/new/").content.decode())
    assert found
    return found[1]


def started(browser: Client) -> str:
    """The address of a draft that was saved once."""
    address = fresh(browser)
    browser.post(address, {"do": "save"})
    return address


def whole(version: Version, contract: Contract, **changed: str) -> dict[str, str]:
    """Every field of the six steps in one POST."""
    return {
        "product": version.product.slug,
        "version": version.slug,
        "non_production": "false",
        "title": "Backups stop",
        "description": "Since Sunday, each night.",
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
    } | changed


def stands_beside(page: str, name: str, sentence: str, language: str) -> None:
    """The sentence, in that language, next to the field; on top a link to it."""
    with translation.override(language):
        said = translation.gettext(sentence)
    assert language == "en" or said != sentence, "nobody translated it"
    beside = re.search(rf'id="{re.escape(field_id(name))}-error">(.*?)</p>', page, re.DOTALL)
    assert beside, f"nothing stands beside {name}"
    assert plain(said) in plain(beside[1])
    assert f'href="#{field_id(name)}"' in page
    assert f'id="{field_id(name)}"' in page


def plain(text: str) -> str:
    return " ".join(html.unescape(text).split())
