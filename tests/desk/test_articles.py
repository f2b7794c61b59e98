"""Articles at the desk: plain pages, from a draft to what readers see."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.knowledge.models import Article, Edition
from tests import cast, factories
from tests.desk.seats import seat_of


@pytest.fixture
def eves(db: None) -> Client:
    return seat_of(cast.eve())


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


GIVEN = {
    "language": "en",
    "title": "The print queue has stopped",
    "body": "1. Restart the **service**.",
    "audience": "public",
    "subjects": "",
    "keywords": "spoolsv, 0x0000011b",
}


def test_one_agent_writes_another_publishes(danas: Client, eves: Client) -> None:
    made = danas.post("/desk/new-article/", GIVEN)
    address = made["Location"]
    assert address == "/desk/articles/the-print-queue-has-stopped/en/1/"
    page = text_of(danas.get(address))
    preview = danas.post(address, {"do": "preview", "title": "T", "body": "**x**", "seen": "now"})
    assert "<strong>x</strong>" in text_of(preview)
    assert Edition.objects.get().body == GIVEN["body"]
    seen = Edition.objects.get().changed_at.isoformat()
    assert f'value="{seen}"' in page
    danas.post(
        address, {"do": "review", "title": "The queue stops", "body": "Restart.", "seen": seen}
    )
    assert "Another agent reviews" in text_of(danas.get(address))
    assert danas.post(address + "publication/").status_code == 403
    assert Client().get("/help/articles/the-print-queue-has-stopped/").status_code == 404
    assert eves.post(address + "publication/").status_code == 302
    shown = text_of(Client().get("/help/articles/the-print-queue-has-stopped/"))
    assert "<h1>The queue stops</h1>" in shown
    assert eves.get(address + "withdrawal/").status_code == 200
    eves.post(address + "withdrawal/")
    assert Client().get("/help/articles/the-print-queue-has-stopped/").status_code == 404


def test_what_is_missing_is_said_and_nothing_is_kept(danas: Client) -> None:
    answer = danas.post("/desk/new-article/", GIVEN | {"title": "", "subjects": "no-such"})
    assert answer.status_code == 422
    assert "Write a title that names the trouble." in text_of(answer)
    answer = danas.post("/desk/new-article/", GIVEN | {"subjects": "no-such"})
    assert answer.status_code == 422
    assert "The catalog has no no-such." in text_of(answer)
    assert GIVEN["body"] in text_of(answer)
    assert not Article.objects.exists()


def test_whoever_was_overtaken_is_told_and_keeps_what_was_typed(
    danas: Client, eves: Client, dana: Account
) -> None:
    address = danas.post("/desk/new-article/", GIVEN)["Location"]
    seen = Edition.objects.get().changed_at.isoformat()
    text = {"title": "T", "body": "Dana's.", "seen": seen}
    Edition.objects.update(changed_at=factories.NOW.replace(hour=23))
    answer = eves.post(address, text | {"body": "Eve's."})
    assert answer.status_code == 422
    assert "Eve's." in text_of(answer)
    assert "moved this version on meanwhile" in text_of(answer)
    assert Edition.objects.get().body == GIVEN["body"]


def test_the_facts_of_an_article_and_a_second_language(danas: Client) -> None:
    factories.version(product="print-server")
    article = factories.article("queue-stops", cs=None)
    page = text_of(danas.get("/desk/articles/queue-stops/"))
    assert "Write it in this language" in page
    made = danas.post("/desk/articles/queue-stops/cs/new/")
    assert made["Location"] == "/desk/articles/queue-stops/cs/1/"
    danas.post(
        "/desk/articles/queue-stops/",
        {"audience": "signed_in", "subjects": "print-server", "keywords": "a, b, a"},
    )
    article.refresh_from_db()
    assert (article.audience, article.keywords) == ("signed_in", ["a", "b"])
    assert [one.product.slug for one in article.subjects.all()] == ["print-server"]


@pytest.mark.parametrize(
    "address",
    [
        "/desk/articles/nothing/",
        "/desk/articles/queue-stops/de/1/",
        "/desk/articles/queue-stops/en/9/",
        "/desk/articles/queue-stops/en/99999999999999999999/",
        "/desk/articles/queue-stops/en/-1/",
    ],
)
def test_what_is_not_there_is_not_found(danas: Client, address: str) -> None:
    factories.article("queue-stops")
    assert danas.get(address).status_code == 404


def test_the_list_costs_the_same_for_two_as_for_twenty(danas: Client) -> None:
    from tests.counting import statements

    counts = []
    for more in (2, 18):
        for _each in range(more):
            factories.article()
        with statements() as seen:
            danas.get("/desk/articles/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_a_long_list_goes_on_by_pages_that_miss_none_and_keep_what_was_asked(
    danas: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opora.desk.views.articles.A_PAGE", 2)
    for number in range(5):  # all changed at one instant
        factories.article(f"printer-{number}", en=(f"Printer {number}", "Text."), cs=None)
    factories.article("mail", en=("Mail", "Text."), cs=None)
    address, seen = "/desk/articles/?q=printer", []
    while address:
        page = html.unescape(danas.get(address).content.decode())
        seen += re.findall(r'href="/desk/articles/(printer-\d|mail)/"', page)
        older = re.search(r'href="(\?[^"]*)" rel="next"', page)
        assert older is None or "q=printer" in older[1]
        address = f"/desk/articles/{older[1]}" if older else ""
        assert len(seen) <= 5
    assert seen == [f"printer-{number}" for number in (4, 3, 2, 1, 0)]
    assert 'href="?q=printer"' in page, "and back to the newest"
