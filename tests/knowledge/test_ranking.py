"""Which article comes first: the rule that both engines share (S6.1)."""

from __future__ import annotations

from typing import Any

import pytest

from opora.knowledge.ranking import Found, Words, nearest, ranked, unknown

pytestmark = [pytest.mark.rules, pytest.mark.shows("S6.1")]
SPOOLER: Words = [("spooler",)]


def text(slug: str, **places: str | bool) -> Found:
    words: dict[str, Any] = {
        place: frozenset(str(places.get(place, "")).split()) for place in ("title", "names", "body")
    }
    language, about = str(places.get("language", "en")), bool(places.get("about"))
    return Found(slug, language, **words, about=about)


def order(words: Words, *texts: Found, **more: Any) -> list[str]:
    return [one.slug for one in ranked(words, texts, total=50, language="en", **more)]


def test_a_title_says_more_than_a_name_and_a_name_more_than_the_text() -> None:
    body, names, title = (text(f"in-{at}", **{at: "spooler"}) for at in ("body", "names", "title"))
    assert order(SPOOLER, body, names, title) == ["in-title", "in-names", "in-body"]


def test_the_chosen_product_comes_first_among_texts_that_are_alike_and_adds_no_worth() -> None:
    other, own = text("a-other", body="spooler"), text("b-own", body="spooler", about=True)
    best, second = ranked(SPOOLER, [other, own], total=50, language="en")
    assert (best.slug, second.slug) == ("b-own", "a-other")
    assert best.score == pytest.approx(2 * second.score)
    assert best.worth == second.worth


def test_of_two_texts_that_are_alike_the_readers_language_comes_first() -> None:
    cs, en = text("a", body="spooler", language="cs"), text("b", body="spooler")
    assert order(SPOOLER, cs, en) == ["b", "a"]


def test_an_article_goes_by_its_best_text() -> None:
    weak, good = text("one", body="spooler"), text("one", title="spooler", language="cs")
    [found] = ranked(SPOOLER, [good, weak], total=50, language="en")
    [alone] = ranked(SPOOLER, [good], total=50, language="en")
    assert found.score > ranked(SPOOLER, [weak], total=50, language="en")[0].score
    assert found.slug == alone.slug


def test_a_rare_word_weighs_more_and_a_text_with_all_of_them_most() -> None:
    words: Words = [("printer",), ("spooler",)]
    common = [text(f"printer-{number}", body="printer") for number in range(6)]
    rare, whole = text("rare", body="spooler"), text("whole", body="printer spooler")
    assert order(words, *common, rare, whole)[:2] == ["whole", "rare"]


def test_emphasis_turns_the_order_and_ties_go_by_the_id() -> None:
    words: Words = [("printer",), ("spooler",)]
    one, other = text("b", body="printer"), text("a", body="spooler")
    assert order(words, one, other) == ["a", "b"]
    assert order(words, one, other, emphasis=[3.0, 1.0]) == ["b", "a"]


def test_a_word_that_no_text_has_is_named_by_its_place() -> None:
    assert unknown([("spooler",), ("zebra",)], [text("one", names="spooler")]) == [1]


def test_a_slip_or_a_word_being_typed_finds_the_one_that_was_meant() -> None:
    known = ["printer", "spooler", "certificate"]
    assert nearest("spoler", known) == "spooler"
    assert nearest("print", known) == "printer"
    assert nearest("certifcat", known) == "certificate"
    assert nearest("zebra", known) == ""
