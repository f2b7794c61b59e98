"""Agents' search: by matches for a rare word, by the newest cases for any other one (ADR 21).

Whichever way it goes, what it finds is what one would find who read every text: nothing is missing,
nothing comes twice, nothing of others' queues.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from opora.cases import frequent_stems, search
from opora.cases.models import Case, Queue, QueueMember
from opora.cases.queries import cases_of
from opora.core.stems import Query, parse
from tests import cast
from tests.cases.world import new_case
from tests.counting import statements
from tests.factories import NOW

pytestmark = pytest.mark.django_db

CASES = 60
WORDS = {"ubiquitous": 1.0, "widespread": 0.4, "occasional": 0.12, "seldom": 0.04}
ASKED = [*WORDS, "widespread occasional", "ubiquitous seldom", "nowhere", "ubiquitous nowhere"]


@pytest.fixture(autouse=True)
def _nothing_is_known() -> Iterator[None]:
    frequent_stems.forget()
    yield
    frequent_stems.forget()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The three ways apart among sixty cases: a few are four rows, the newest are ten cases."""
    monkeypatch.setattr(search, "FEW", 4)
    monkeypatch.setattr(search, "NEWEST", 10)


class Texts:
    """Cases of one agent's queue, of another queue, and owned in the other; with what they say."""

    def __init__(self, seed: int = 0) -> None:
        self.random = Random(seed)
        self.agent, self.said = cast.dana(), dict[int, list[set[str]]]()
        first = new_case(submitted_by=cast.alice(), title="First of all")
        self.own = first.queue
        self.other = Queue.objects.create(slug="other", names={"cs": "Jiná", "en": "Other"})
        Queue.objects.update(holds_every_agent=False)
        QueueMember.objects.create(queue=self.own, account=self.agent)
        self._made = Case.objects.filter(pk=first.pk)

    def case(self, *texts: set[str], at: Any, owned: bool = False, elsewhere: bool = False) -> Case:
        case = self._made.get()
        case.pk, case.number = None, f"{len(self.said):016}"
        case.queue = self.other if elsewhere else self.own
        case.last_activity_at = at
        if owned:
            case.owner, case.status = self.agent, "assigned"
        case.save(force_insert=True)
        for text in texts:
            self.write(case, text)
        return case

    def write(self, case: Case, words: set[str]) -> None:
        said = " ".join(sorted(words))
        search.index(case_pk=case.pk, text=said, at=NOW, is_internal=self.random.random() < 0.2)
        self.said.setdefault(case.pk, []).append(words)

    def fill(self, count: int = CASES) -> None:
        """At random, with some of one instant, and of each word as much as it says."""
        for _ in range(count):
            texts = [
                {word for word, share in WORDS.items() if self.random.random() < share} | {"text"}
                for _text in range(self.random.randint(1, 3))
            ]
            self.case(
                *texts,
                at=NOW + timedelta(hours=self.random.randint(0, count // 3)),
                owned=self.random.random() < 0.15,
                elsewhere=self.random.random() < 0.3,
            )

    def read_one_by_one(self, words: str) -> list[int]:
        """What the agent may see and says all the words in one text, newest first."""
        wanted = set(words.split())
        seen = Case.objects.visible_to(self.agent).order_by("-last_activity_at", "-id")
        return [
            case.pk for case in seen if any(wanted <= text for text in self.said.get(case.pk, []))
        ]

    def page_by_page(self, words: str, limit: int) -> list[int]:
        found: list[int] = []
        cursor = None
        while True:
            page = cases_of(self.agent, q=words, after=cursor, limit=limit)
            found += [row.key for row in page.items]
            cursor = page.next
            if cursor is None:
                return found


def asked(words: str) -> Query:
    query = parse(words)
    assert query is not None
    return query


@pytest.mark.shows("I6", "S8.1")
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.usefixtures("small")
def test_it_finds_what_reading_every_text_finds_page_by_page(
    seed: int, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not statistics say of each word how common it is."""
    texts = Texts(seed)
    texts.fill()
    if known:
        monkeypatch.setattr(frequent_stems, "is_common", lambda query, above: common(texts, query))
    for words in ASKED:
        expected = texts.read_one_by_one(words)
        for limit in (1, 3, 25):
            assert texts.page_by_page(words, limit) == expected, (words, limit)


def common(texts: Texts, query: Query) -> bool:
    every = [text for said in texts.said.values() for text in said]
    stems_in = [{stem for word in text for stem in asked(word).words[0]} for text in every]
    return all(
        sum(any(stem in stems for stem in word) for stems in stems_in) > search.FEW
        for word in query.words
    )


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("rows", "ways"), [(4, 1), (5, 2)])
def test_so_few_matches_are_looked_up_at_once_and_one_more_is_not(rows: int, ways: int) -> None:
    """All of one case; the cap counts rows, as the engines do."""
    texts = Texts()
    old = texts.case(*[{"seldom"}] * rows, at=NOW)
    for n in range(12):
        texts.case({"text"}, at=NOW + timedelta(hours=1 + n))
    search_for = asked("seldom")
    frequent_stems.is_common(search_for, above=search.FEW)
    with statements() as ran:
        found = search.newest_for_agents(
            search_for, queues=[texts.own.pk], owner=texts.agent.pk, limit=26
        )
    assert found == [old.pk]
    assert len(ran) == ways, ran


@pytest.mark.usefixtures("small")
def test_of_too_many_matches_those_among_the_newest_are_never_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A word that is neither rare nor among the newest often enough to fill the page."""
    monkeypatch.setattr(search, "MOST_MATCHES", 5)
    texts = Texts()
    older = [texts.case({"spread"}, at=NOW + timedelta(minutes=n)) for n in range(20)]
    newest = [
        texts.case({"spread"} if n % 5 == 0 else {"text"}, at=NOW + timedelta(hours=1 + n))
        for n in range(10)
    ]
    found = texts.page_by_page("spread", 25)
    assert found[:2] == [newest[5].pk, newest[0].pk]
    assert set(found[2:]) <= {case.pk for case in older}
    assert len(found[2:]) == 5
    assert found == sorted(found, reverse=True)


@pytest.mark.usefixtures("small")
def test_a_page_costs_the_queues_the_search_and_the_lines() -> None:
    """A word between rare and common is looked for twice. Session and account come on top."""
    texts = Texts(1)
    texts.fill()
    texts.case({"rarest"}, at=NOW)
    cases_of(texts.agent, q="text")
    for words, cost in [("rarest", 3), ("nowhere", 2), ("occasional", 4)]:
        with statements() as ran:
            cases_of(texts.agent, q=words)
        assert len(ran) == cost, (words, ran)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite stops at any number")
@pytest.mark.usefixtures("small")
def test_the_engines_own_statistics_say_what_is_common() -> None:
    texts = Texts(2)
    texts.fill()
    assert not frequent_stems.is_common(asked("ubiquitous"), above=4)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_searchrow")
    frequent_stems.forget()
    told = {words: frequent_stems.is_common(asked(words), above=4) for words in ASKED}
    assert told == {words: common(texts, asked(words)) for words in ASKED}
    assert set(told.values()) == {True, False}
    with statements() as ran:
        cases_of(texts.agent, q="ubiquitous")
    assert len(ran) == 3, ran


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no statistics of words")
def test_statistics_are_read_once_in_a_hundred_searches() -> None:
    with statements() as ran:
        for _ in range(frequent_stems.KEPT_FOR + 1):
            frequent_stems.is_common(asked("ubiquitous"), above=4)
    assert len(ran) == 2, ran
