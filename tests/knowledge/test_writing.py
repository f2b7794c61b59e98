"""From a draft over review to what everybody reads; somebody else than the author publishes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from opora.accounts.models import Account
from opora.core.errors import InvalidInput, NotFound
from opora.core.models import AuditLine
from opora.knowledge.actions import (
    change_article,
    create_article,
    publish_edition,
    return_to_author,
    save_edition,
    send_for_review,
    start_edition,
    withdraw_edition,
)
from opora.knowledge.errors import EditionHasMoved, EditionIsBeingWritten, ReviewerIsAuthor
from opora.knowledge.models import Edition
from opora.knowledge.queries import article_for, articles_found
from tests import cast, factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def written(by: Account, **changed: Any) -> Edition:
    given: dict[str, Any] = {
        "language": "cs",
        "title": "Tiskárny netisknou",
        "body": "Vyčistěte frontu.",
        "audience": "public",
        "keywords": [],
        "subjects": [],
    }
    return create_article(**given | changed, by=by, now=NOW)


def facts(edition: Edition) -> dict[str, Any]:
    return dict(Edition.objects.filter(pk=edition.pk).values()[0])


@pytest.mark.shows("AC-15")
def test_nobody_outside_reads_or_finds_it_before_it_is_published(
    dana: Account, eve: Account
) -> None:
    edition = written(dana)
    slug = edition.article.slug
    assert slug == "tiskarny-netisknou"
    for state in ("draft", "in_review"):
        edition.refresh_from_db()
        assert edition.state == state
        assert articles_found("tiskárny", reader=None) == []
        with pytest.raises(NotFound):
            article_for(None, slug)
        if state == "draft":
            send_for_review(edition=edition, by=dana, now=NOW)
    publish_edition(edition=edition, by=eve, now=LATER)
    assert [hit.slug for hit in articles_found("tiskárny", reader=None)] == [slug]
    page = article_for(None, slug)
    assert (page.edition.reviewer, page.edition.published_at) == (eve, LATER)
    withdraw_edition(edition=page.edition, by=dana, now=LATER)
    assert articles_found("tiskárny", reader=None) == []
    with pytest.raises(NotFound):
        article_for(None, slug)


def test_the_author_does_not_publish(dana: Account) -> None:
    edition = written(dana)
    send_for_review(edition=edition, by=dana, now=NOW)
    before, lines = facts(edition), AuditLine.objects.count()
    with pytest.raises(ReviewerIsAuthor):
        publish_edition(edition=edition, by=dana, now=LATER)
    assert (facts(edition), AuditLine.objects.count()) == (before, lines)


def test_whoever_wrote_last_is_the_author(dana: Account, eve: Account) -> None:
    edition = written(dana)
    save_edition(
        edition=edition, title="Jinak", body="Jinak.", seen=edition.changed_at, by=eve, now=LATER
    )
    send_for_review(edition=edition, by=dana, now=LATER)
    with pytest.raises(ReviewerIsAuthor):
        publish_edition(edition=edition, by=eve, now=LATER)
    publish_edition(edition=edition, by=dana, now=LATER)


@pytest.mark.parametrize(
    "deed", [send_for_review, return_to_author, publish_edition, withdraw_edition]
)
def test_a_deed_on_another_state_is_refused(dana: Account, eve: Account, deed: Any) -> None:
    """Pressed twice, or after somebody else: nothing happens a second time."""
    edition = written(dana)
    allowed = {
        "draft": {send_for_review},
        "in_review": {return_to_author, publish_edition},
        "published": {withdraw_edition},
    }
    for state in ("draft", "in_review", "published"):
        if deed not in allowed[state]:
            before = facts(edition)
            with pytest.raises(EditionHasMoved):
                deed(edition=edition, by=eve, now=LATER)
            assert facts(edition) == before
        if state == "draft":
            send_for_review(edition=edition, by=dana, now=NOW)
        elif state == "in_review":
            publish_edition(edition=edition, by=eve, now=NOW)


def test_a_text_that_somebody_else_changed_meanwhile_is_not_overwritten(
    dana: Account, eve: Account
) -> None:
    edition = written(dana)
    opened = edition.changed_at
    save_edition(edition=edition, title="Evin", body="Evin.", seen=opened, by=eve, now=LATER)
    before = facts(edition)
    with pytest.raises(EditionHasMoved):
        save_edition(edition=edition, title="Můj", body="Můj.", seen=opened, by=dana, now=LATER)
    assert facts(edition) == before


def test_a_new_version_takes_the_place_of_the_old_one(dana: Account, eve: Account) -> None:
    article = factories.article("queue-stops")
    draft = start_edition(article=article, language="en", by=dana, now=NOW)
    assert (draft.number, draft.title) == (2, "The print queue has stopped")
    with pytest.raises(EditionIsBeingWritten):
        start_edition(article=article, language="en", by=eve, now=NOW)
    save_edition(edition=draft, title=draft.title, body="Zap it.", seen=NOW, by=dana, now=NOW)
    assert article_for(None, "queue-stops").edition.number == 1
    send_for_review(edition=draft, by=dana, now=NOW)
    publish_edition(edition=draft, by=eve, now=LATER)
    assert article_for(None, "queue-stops").edition.body == "Zap it."
    states = article.editions.filter(language="en").order_by("number").values_list("state")
    assert [state for (state,) in states] == ["replaced", "published"]
    assert [hit.slug for hit in articles_found("zap", reader=None)] == ["queue-stops"]


def test_an_empty_version_is_not_sent_for_review(dana: Account) -> None:
    article = factories.article(en=None)
    draft = start_edition(article=article, language="en", by=dana, now=NOW)
    with pytest.raises(InvalidInput):
        send_for_review(edition=draft, by=dana, now=NOW)
    assert facts(draft)["state"] == "draft"


@pytest.mark.shows("AC-15")
def test_a_narrower_audience_counts_at_once(dana: Account) -> None:
    article = factories.article("queue-stops")
    assert articles_found("queue", reader=None)
    change_article(article=article, audience="agents", keywords=[], subjects=[], by=dana, now=LATER)
    assert articles_found("queue", reader=None) == []
    assert articles_found("queue", reader=cast.alice()) == []
    assert articles_found("queue", reader=dana)


def test_unknown_products_are_named(dana: Account) -> None:
    version = factories.version(product="print-server", slug="v1")
    with pytest.raises(InvalidInput) as refused:
        written(dana, subjects=["print-server", "nothing", "print-server/v9"])
    assert "nothing, print-server/v9" in refused.value.errors[0]["message"]
    assert not Edition.objects.exists()
    edition = written(dana, subjects=["print-server", f"print-server/{version.slug}"])
    assert edition.article.subjects.count() == 2


def test_two_articles_of_one_title_have_two_ids(dana: Account) -> None:
    assert [written(dana).article.slug for _ in range(3)] == [
        "tiskarny-netisknou",
        "tiskarny-netisknou-2",
        "tiskarny-netisknou-3",
    ]
