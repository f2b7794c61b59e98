"""The demo's articles, loaded over the shipped catalogue."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest


@pytest.fixture
def demo_articles(db: None) -> None:
    from opora.catalog.actions import load_catalog, load_demo_services
    from opora.knowledge.actions import load_demo_articles
    from tests import factories

    catalogue = files("opora.catalog") / "data" / "lifecycle.json"
    load_catalog(json.loads(catalogue.read_text(encoding="utf-8")), now=factories.NOW)
    load_demo_services(now=factories.NOW)
    load_demo_articles(now=factories.NOW)
