"""Satisfaction by month and queue: each agent sees the figures of the queues they are in (S8.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from opora.accounts.models import Account
from opora.cases.actions import close_case, ensure_default_queue, rate_case, reopen_case
from opora.cases.models import Case, Queue, QueueMember, Rating
from opora.cases.queries import Satisfaction, answers_of, comments_of, satisfaction_of
from tests import cast, factories
from tests.counting import statements
from tests.desk.seats import seat_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADDRESS = "/desk/satisfaction/"


@pytest.fixture
def first_line(dana: Account) -> Queue:
    """A queue of Dana's own; the other one holds nobody."""
    ensure_default_queue(now=NOW)
    Queue.objects.update(holds_every_agent=False)
    return queue("first-line", "First line", dana)


@pytest.fixture
def second_line() -> Queue:
    return queue("second-line", "Second line")


def queue(slug: str, name: str, *agents: Account) -> Queue:
    made = Queue.objects.create(slug=slug, names={"en": name, "cs": name})
    for agent in agents:
        QueueMember.objects.create(queue=made, account=agent)
    return made


def closed(in_queue: Queue, at: datetime, *answers: tuple[int, str], title: str = "") -> Case:
    """A request that was closed then, and answered at once by as many contacts."""
    people = [factories.account() for _answer in answers] or [factories.account()]
    case = factories.case(
        submitted_by=people[0], others=tuple(people[1:]), title=title or "Backups"
    )
    Case.objects.filter(pk=case.pk).update(queue=in_queue)
    case.refresh_from_db()
    close_case(case=case, outcome="solved", by=people[0], now=NOW)
    for account, (score, comment) in zip(people, answers, strict=False):
        rate_case(case=case, score=score, comment=comment, by=account, now=NOW)
    Case.objects.filter(pk=case.pk).update(closed_at=at, last_activity_at=at)
    Rating.objects.filter(case=case).update(answered_at=at)
    case.refresh_from_db()
    return case


def figures(agent: Account, in_queue: Queue) -> dict[str, tuple[int, tuple[int, ...]]]:
    """By month, those that have any: requests closed, and answers from 1 to 5."""
    months = satisfaction_of(agent, now=NOW)
    parts = [(first, months.of(at, [in_queue])) for at, first in enumerate(months.firsts)]
    return {f"{first:%Y-%m}": (one.asked, one.scores) for first, one in parts if one.asked}


# --- Counting ------------------------------------------------------------------------------------


@pytest.mark.rules
def test_the_average_is_of_all_answers_and_of_none_there_is_none() -> None:
    assert Satisfaction(9, (1, 0, 0, 0, 3)).average == 4.0
    assert Satisfaction(9).average is None
    both = Satisfaction(1, (1, 0, 0, 0, 0)) + Satisfaction(2, (0, 0, 0, 0, 2))
    assert (both.asked, both.answers, both.scores) == (3, 3, (1, 0, 0, 0, 2))


@pytest.mark.shows("S8.1")
def test_requests_and_answers_count_in_their_month_and_queue(
    dana: Account, first_line: Queue, second_line: Queue
) -> None:
    closed(first_line, NOW - HOUR, (5, ""), (2, ""))
    closed(first_line, NOW - timedelta(days=31))
    closed(second_line, NOW - HOUR, (1, ""))
    assert figures(dana, first_line) == {"2026-11": (1, (0, 1, 0, 0, 1)), "2026-10": (1, (0,) * 5)}
    months = satisfaction_of(dana, now=NOW)
    assert [one.slug for one in months.queues] == ["first-line"]
    assert (len(months.firsts), f"{months.firsts[0]:%Y-%m}") == (12, "2025-12")
    assert months.total(months.queues).asked == 2


def test_months_are_the_vendors(dana: Account, first_line: Queue, settings: Any) -> None:
    settings.VENDOR_TIME_ZONE = "Europe/Prague"
    closed(first_line, datetime(2026, 10, 31, 22, 59, tzinfo=UTC), (5, ""))
    closed(first_line, datetime(2026, 10, 31, 23, 0, tzinfo=UTC), (4, ""))
    found = figures(dana, first_line)
    assert found == {"2026-10": (1, (0, 0, 0, 0, 1)), "2026-11": (1, (0, 0, 0, 1, 0))}


def test_what_is_older_than_twelve_months_is_left_out(dana: Account, first_line: Queue) -> None:
    closed(first_line, datetime(2025, 11, 30, 12, 0, tzinfo=UTC), (1, "Old"))
    closed(first_line, datetime(2025, 12, 1, 12, 0, tzinfo=UTC), (5, "Kept"))
    assert figures(dana, first_line) == {"2025-12": (1, (0, 0, 0, 0, 1))}
    assert written(dana, first_line) == ["Kept"]


def test_a_reopened_request_is_not_closed_and_its_answer_stays(
    dana: Account, first_line: Queue
) -> None:
    case = closed(first_line, NOW - HOUR, (2, "Not solved"))
    reopen_case(case=case, by=case.submitted_by, now=NOW)
    total = satisfaction_of(dana, now=NOW).total([first_line])
    assert (total.asked, total.answers) == (0, 1)


def test_an_answer_counts_where_it_was_given_and_is_read_by_those_who_see_the_request(
    dana: Account, first_line: Queue, second_line: Queue
) -> None:
    case = closed(first_line, NOW - HOUR, (3, "Late"))
    Case.objects.filter(pk=case.pk).update(queue=second_line)
    assert satisfaction_of(dana, now=NOW).total([first_line]).answers == 1
    assert written(dana, first_line) == []
    assert written(cast.eve(), first_line) == ["Late"]
    assert [*answers_of(dana, [first_line], now=NOW)] == []
    Case.objects.filter(pk=case.pk).update(owner=dana)
    assert written(dana, first_line) == ["Late"]


def written(agent: Account, in_queue: Queue) -> list[str]:
    return [rating.comment for rating in comments_of(agent, [in_queue], now=NOW).items]


def test_comments_come_newest_first_by_pages_that_miss_none(
    dana: Account, first_line: Queue
) -> None:
    for number in range(5):
        at = NOW - (number // 2) * HOUR  # two at the same instant
        closed(first_line, at, (4, f"comment {number}"), (5, ""))
    seen: list[str] = []
    after = None
    while True:
        page = comments_of(dana, [first_line], now=NOW, after=after, limit=2)
        seen += [rating.comment for rating in page.items]
        after = page.next
        if after is None:
            break
    assert seen == [f"comment {number}" for number in (1, 0, 3, 2, 4)]


def test_statements_do_not_grow_with_requests(
    danas: Client, first_line: Queue, second_line: Queue
) -> None:
    closed(first_line, NOW, (4, "One"))
    danas.get(ADDRESS)
    with statements() as few:
        danas.get(ADDRESS)
    for number in range(4):
        closed(first_line, NOW - number * HOUR, (5, f"More {number}"))
    with statements() as many:
        danas.get(ADDRESS)
    assert len(many) == len(few) <= 5


# --- The page and the files ----------------------------------------------------------------------


@pytest.mark.shows("S8.1", "XS-01")
def test_the_page_says_how_it_went_and_what_was_written(danas: Client, first_line: Queue) -> None:
    case = closed(first_line, NOW, (5, "<b>Quick</b>"), (2, ""), title="Mail stops")
    page = danas.get(ADDRESS).content.decode()
    assert "<strong>3.5</strong>" in page
    assert "&lt;b&gt;Quick&lt;/b&gt;" in page
    assert f'<a href="/desk/cases/{case.number}/">Mail stops</a>' in page
    assert "November\u00a02026" in page or "November 2026" in page
    assert "2 answers" in page


@pytest.mark.shows("S8.1")
def test_a_queue_is_chosen_and_a_foreign_one_does_not_exist(
    dana: Account, danas: Client, first_line: Queue, second_line: Queue
) -> None:
    closed(second_line, NOW, (1, "Secret"))
    for path in (ADDRESS, f"{ADDRESS}table/", f"{ADDRESS}answers/"):
        assert danas.get(path, {"queue": "second-line"}).status_code == 404
        assert danas.get(path, {"queue": "nowhere"}).status_code == 404
        answer: Any = danas.get(path)
        text = b"".join(answer) if answer.streaming else answer.content
        assert b"Secret" not in text
        assert b"Second line" not in text
    QueueMember.objects.create(queue=second_line, account=dana)
    assert "Secret" in danas.get(ADDRESS, {"queue": "second-line"}).content.decode()
    assert "Secret" not in danas.get(ADDRESS, {"queue": "first-line"}).content.decode()


def test_without_answers_it_says_what_will_be_there(danas: Client, first_line: Queue) -> None:
    page = danas.get(ADDRESS).content.decode()
    assert "No answers in the last twelve months" in page
    assert "table/" not in page


def rows(client: Client, what: str, language: str = "en") -> list[str]:
    client.cookies["language"] = language
    answer: Any = client.get(f"{ADDRESS}{what}/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return b"".join(answer).decode("utf-8-sig").split("\r\n")


@pytest.mark.shows("XS-10")
def test_figures_and_answers_leave_as_csv(danas: Client, first_line: Queue) -> None:
    case = closed(first_line, NOW, (5, '=HYPERLINK("x")'), (4, ""))
    table = rows(danas, "table")
    assert len(table) == 14
    assert table[-2] == ('"2026-11","First line","1","2","0","0","0","1","1","4.50"')
    answers = rows(danas, "answers")
    assert len(answers) == 4
    assert f'"#{case.number}","5","\'=HYPERLINK(""x"")"' in answers[1]
    assert rows(danas, "answers", "cs")[0].split(";")[1] == '"Fronta"'


def test_every_answer_leaves_however_many_pieces_they_are(
    dana: Account, first_line: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opora.cases.queries.satisfaction.PIECE", 2)
    for number in range(5):
        closed(first_line, NOW - (number // 2) * HOUR, (4, str(number)))
    pieces = list(answers_of(dana, [first_line], now=NOW))
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert sorted(one.comment for piece in pieces for one in piece) == list("01234")
    assert Rating.objects.count() == 5


def test_an_administrator_sees_every_queue(first_line: Queue, second_line: Queue) -> None:
    closed(second_line, NOW, (1, "Seen"))
    assert "Seen" in seat_of(cast.eve()).get(ADDRESS).content.decode()
