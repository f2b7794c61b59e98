"""Articles as data: loaded whole or not at all, again and again without a trace."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from opora.core.models import AuditLine
from opora.knowledge.actions import load_articles
from opora.knowledge.errors import BadArticles
from opora.knowledge.models import Article, Diagnosis, Edition, KnownWord, SearchRow
from opora.knowledge.queries import articles_found
from tests import factories
from tests.factories import NOW, words

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def document(**changed: Any) -> dict[str, Any]:
    row = {
        "id": "queue-stops",
        "keywords": ["spoolsv"],
        "texts": {
            "cs": {"title": "Fronta tisku stojí", "body": "Restartujte službu."},
            "en": {"title": "The print queue has stopped", "body": "Restart the service."},
        },
    }
    return {"version": 1, "articles": [row | changed]}


def rows() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Article, Edition, SearchRow, KnownWord, Diagnosis, AuditLine)
    ]


def test_the_same_file_again_writes_nothing() -> None:
    load_articles(document(), now=NOW)
    before = rows()
    report = load_articles(document(), now=LATER)
    assert (report.articles, report.changed) == (1, 0)
    assert rows() == before


def test_another_text_is_a_new_version_and_the_old_one_is_kept() -> None:
    load_articles(document(), now=NOW)
    changed = document()
    changed["articles"][0]["texts"]["cs"]["body"] = "Vyměňte ovladač."
    assert load_articles(changed, now=LATER).changed == 1
    editions = Edition.objects.filter(language="cs").order_by("number")
    assert [(one.number, one.state) for one in editions] == [(1, "replaced"), (2, "published")]
    assert Edition.objects.filter(language="en").count() == 1
    assert [hit.slug for hit in articles_found("ovladač", reader=None)] == ["queue-stops"]
    assert not SearchRow.objects.filter(edition=editions[0]).exists()


def test_a_new_name_of_a_product_is_found_after_loading_again() -> None:
    product = factories.version(product="print-server").product
    load_articles(document(products=["print-server"]), now=NOW)
    assert articles_found("tiskomat", reader=None) == []
    product.aliases = ["Tiskomat"]
    product.save()
    assert load_articles(document(products=["print-server"]), now=LATER).changed == 0
    assert [hit.slug for hit in articles_found("tiskomat", reader=None)] == ["queue-stops"]


BAD: list[tuple[dict[str, Any], str]] = [
    (document(id="Not An Id"), "/articles/0/id"),
    (document(audience="friends"), "/articles/0/audience"),
    (document(products=["no-such-product"]), "/articles/0/products/0"),
    (document(texts={}), "/articles/0/texts"),
    (document(texts={"en": {"title": "", "body": "x"}}), "/articles/0/texts/en/title"),
    (document(texts={"en": {"title": "a\nb", "body": "x"}}), "/articles/0/texts/en/title"),
    (document(texts={"en": {"title": "a", "body": "x\x00"}}), "/articles/0/texts/en/body"),
    (document(texts={"en": {"title": "a", "body": "x" * 50_001}}), "/articles/0/texts/en/body"),
    (document(texts={"en": {"title": "a", "body": 7}}), "/articles/0/texts/en/body"),
    (document(unknown=1), "/articles/0/unknown"),
    ({"version": 2}, "/version"),
    ({"version": 1, "articles": document()["articles"] * 2}, "/articles/0/id"),
]


@pytest.mark.parametrize(("bad", "at"), BAD)
def test_a_bad_row_is_named_and_nothing_is_loaded(bad: dict[str, Any], at: str) -> None:
    good = {"id": "good", "texts": {"en": {"title": "Good", "body": "Text."}}}
    bad = copy.deepcopy(bad)
    bad.setdefault("articles", []).append(good)
    with pytest.raises(BadArticles) as refused:
        load_articles(bad, now=NOW)
    assert at in [error["field"] for error in refused.value.errors]
    assert not Article.objects.exists()
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize("whole", [None, [], "", 7, {}])
def test_what_is_no_file_of_articles_is_refused(whole: Any) -> None:
    with pytest.raises(BadArticles):
        load_articles(whole, now=NOW)


def diagnosis(**changed: Any) -> dict[str, Any]:
    row = {
        "id": "it-does-not-print",
        "title": words("It does not print"),
        "about": words("Paper, queue, driver."),
        "start": "power",
        "steps": {
            "power": {
                "question": words("Is it on?"),
                "answers": [{"id": "yes", "label": words("Yes"), "next": "end"}],
                "unknown": "end",
            },
            "end": {"text": words("Restart it.")},
        },
    }
    return {"version": 1, "diagnoses": [row | changed]}


LOOP = {
    "question": words("Again?"),
    "answers": [{"id": "yes", "label": words("Yes"), "next": "power"}],
    "unknown": "power",
}


@pytest.mark.shows("P10")
@pytest.mark.parametrize(
    ("steps", "start", "at"),
    [
        ({"power": LOOP}, "power", "/diagnoses/0/steps/power"),
        (
            {"power": {"text": words("End")}, "x": {"text": words("Y")}},
            "power",
            "/diagnoses/0/steps/x",
        ),
        ({"power": LOOP | {"unknown": "gone"}}, "power", "/diagnoses/0/steps/power/unknown"),
        ({"power": {"text": words("End")}}, "gone", "/diagnoses/0/start"),
        (
            {"power": {"text": words("End"), "article": "gone"}},
            "power",
            "/diagnoses/0/steps/power/article",
        ),
    ],
)
def test_a_diagnosis_that_leads_nowhere_is_not_loaded(
    steps: dict[str, Any], start: str, at: str
) -> None:
    with pytest.raises(BadArticles) as refused:
        load_articles(diagnosis(steps=steps, start=start), now=NOW)
    assert [error["field"] for error in refused.value.errors] == [at]
    assert not Diagnosis.objects.exists()


@pytest.mark.shows("AC-15")
def test_a_diagnosis_does_not_end_with_what_its_reader_may_not_see() -> None:
    factories.article("internal", audience="agents")
    steps = {"power": {"text": words("End"), "article": "internal"}}
    with pytest.raises(BadArticles):
        load_articles(diagnosis(steps=steps), now=NOW)
    load_articles(diagnosis(steps=steps, audience="agents"), now=NOW)


def test_a_diagnosis_again_writes_nothing() -> None:
    load_articles(diagnosis(), now=NOW)
    before = rows()
    assert load_articles(diagnosis(), now=LATER).changed == 0
    assert rows() == before
